"""A ZIP that is the same for the same content, and the sums that prove it."""

import hashlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from bot.documents.archive import entry
from bot.documents.pack_check import SUMS

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

    def seal(self) -> str:
        """Bind the sums of all files and close the ZIP; returns the SHA-256 of the sums."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
        self._zip.writestr(entry(SUMS), lines.encode())
        self._zip.close()
        return hashlib.sha256(lines.encode()).hexdigest()
