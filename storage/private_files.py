"""Files that only their owner can read, from their first moment and whatever the umask is."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MODE = 0o600
_OTHERS = 0o077


def private(path: str, flags: int) -> int:
    """Open a file, which is private if this creates it: an `opener` for the built-in `open`."""
    return os.open(path, flags, MODE)


def make_private(file: Path) -> None:
    """Create the file unless it exists, and take it from others if an earlier version let them read it.

    A file that cannot be created or belongs to somebody else is left as it is; whoever opens it reports that.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, MODE))
    tighten(file)


def tighten(file: Path) -> None:
    """Take the file from others if it exists.

    The file is not opened, because closing it would drop the locks that SQLite holds on it in this process.
    """
    with suppress(OSError):
        if file.stat().st_mode & _OTHERS:
            file.chmod(MODE)


@contextmanager
def atomic_file(file: Path) -> Iterator[Path]:
    """Create a private file beside `file` that gets its name when the block succeeds and is deleted otherwise."""
    handle, name = tempfile.mkstemp(".partial", f".{file.name}.", file.parent)
    os.close(handle)
    made = Path(name)
    try:
        yield made
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)
