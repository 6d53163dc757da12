"""A ZIP that is the same for the same content, and the sums that prove it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from bot.documents.deterministic_zip import entry
from bot.documents.pack.verify import SUMS

_CHUNK = 1 << 20


class Binder:
    """Files bound into one ZIP at `path`, one after the other, none of them kept in memory."""

    def __init__(self, path: Path) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED)
        self._sums: dict[str, str] = {}

    def put(self, name: str, content: bytes) -> str:
        """Bind one file; returns its SHA-256."""
        self._sums[name] = hashlib.sha256(content).hexdigest()
        self._zip.writestr(entry(name), content)
        return self._sums[name]

    def put_file(self, name: str, path: Path) -> str:
        """Bind what a file holds, piece by piece; returns its SHA-256."""
        digest = hashlib.sha256()
        with path.open("rb") as source, self._zip.open(entry(name), "w", force_zip64=True) as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
        self._sums[name] = digest.hexdigest()
        return self._sums[name]

    def close(self) -> None:
        """Close the ZIP, whole or not."""
        self._zip.close()

    def seal(self) -> str:
        """Bind the sums of all files; returns their SHA-256."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
        self._zip.writestr(entry(SUMS), lines.encode())
        return hashlib.sha256(lines.encode()).hexdigest()


@contextmanager
def binding(path: Path) -> Iterator[Binder]:
    """A binder whose ZIP takes its place at `path` only when it was finished; what stood there stays until then."""
    part = path.with_name(f"{path.name}.part")
    try:
        binder = Binder(part)
        try:
            yield binder
        finally:
            binder.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
