"""The checksum at the end of a backup: SHA-256 of all bytes before it.

SQLite and pg_restore ignore what follows their own content, so that a backup stays one file that both can read.
"""

import hashlib
import os
import re
from pathlib import Path

_LENGTH = len("\nfaultdesk sha256 \n") + 64
_LINE = re.compile(rb"\nfaultdesk sha256 ([0-9a-f]{64})\n")
#: One damaged byte cannot hide both of them.
_WORDS = (b"faultdesk", b"sha256")
_CHUNK = 2**20


def append(file: Path) -> None:
    """Add the checksum to a backup that is complete, and store it safely. Raises `OSError`."""
    digest = _digest(file, file.stat().st_size)
    with file.open("ab") as opened:
        opened.write(f"\nfaultdesk sha256 {digest}\n".encode())
        opened.flush()
        os.fsync(opened.fileno())


def holds(file: Path) -> bool | None:
    """Return whether a backup is as it was written; None if it has no checksum. Raises `OSError`."""
    content = file.stat().st_size - _LENGTH
    if content < 0:
        return None
    with file.open("rb") as opened:
        opened.seek(content)
        line = opened.read()
    if not any(word in line for word in _WORDS):
        return None
    written = _LINE.fullmatch(line)
    return written is not None and written[1].decode() == _digest(file, content)


def _digest(file: Path, length: int) -> str:
    """Return the SHA-256 of the first bytes of a file."""
    hashed = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(min(_CHUNK, length)):
            hashed.update(chunk)
            length -= len(chunk)
    return hashed.hexdigest()
