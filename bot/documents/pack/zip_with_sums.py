"""A deterministic ZIP file that contains the SHA-256 sums of its files."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from bot.documents.deterministic_zip import entry
from bot.documents.pack.verify import SIGNATURE, SUMS
from storage.private_files import atomic_file

_CHUNK = 1 << 20


class ZipWithSums:
    """Writes files into one ZIP at `path`, one after the other, without keeping them in memory."""

    def __init__(self, path: Path) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED)
        self._sums: dict[str, str] = {}

    def put(self, name: str, content: bytes) -> str:
        """Add a file with this content. Return its SHA-256."""
        self._sums[name] = hashlib.sha256(content).hexdigest()
        self._zip.writestr(entry(name), content)
        return self._sums[name]

    def put_file(self, name: str, path: Path) -> str:
        """Add the content of the file at `path`, read in chunks. Return its SHA-256."""
        with path.open("rb") as source:
            return self.put_chunks(name, iter(lambda: source.read(_CHUNK), b""))

    def put_chunks(self, name: str, chunks: Iterable[bytes]) -> str:
        """Add a file whose content comes piece by piece. Return its SHA-256."""
        digest = hashlib.sha256()
        with self._zip.open(entry(name), "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                target.write(chunk)
        self._sums[name] = digest.hexdigest()
        return self._sums[name]

    def close(self) -> None:
        """Close the ZIP, complete or not."""
        self._zip.close()

    def seal(self) -> str:
        """Add the file with the sums of all files. Return its SHA-256, the seal of the pack."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
        self._zip.writestr(entry(SUMS), lines.encode())
        return hashlib.sha256(lines.encode()).hexdigest()

    def sign(self, public: str, signature: str) -> None:
        """Add the signature of the seal and the public key to check it with, both in base64."""
        self._zip.writestr(entry(SIGNATURE), f"{public} {signature}\n".encode())


@contextmanager
def zip_with_sums(path: Path) -> Iterator[ZipWithSums]:
    """Open a ZIP for writing. It replaces the file at `path` only when the block succeeds."""
    with atomic_file(path) as part:
        archive = ZipWithSums(part)
        try:
            yield archive
        finally:
            archive.close()
