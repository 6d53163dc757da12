"""The contents of kept files by SHA-256: in a folder, or as rows of the database. Neither uses a name as a path."""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlmodel import select

from storage.concurrent_insert import insert_new
from storage.database import Database
from storage.private_files import private
from storage.tables import FileContent

#: The largest file that is a row of the database, in bytes.
MAX_ROW_BYTES = 10 * 2**20
#: How much is read from a file at once, in bytes.
CHUNK_BYTES = 2**16
#: The file of the folder that says to which database it belongs.
MARKER = "faultdesk-files.txt"
#: Files that are not complete yet; those of a process that died stay there until they are removed.
_INCOMING = "incoming"


class NotStored(OSError):
    """The content could not be stored, for example because the disk is full. Storing it later may succeed."""


@dataclass(frozen=True, slots=True)
class StoredContent:
    """A content that is stored: its SHA-256 and its length in bytes."""

    sha256: str
    size: int


class FileContents(Protocol):
    """Where contents are stored. `limit` is the largest one that can be, in bytes; None: any."""

    limit: int | None

    def store(self, chunks: Iterable[bytes]) -> StoredContent:
        """Store a content that arrives piece by piece; nothing is stored if `chunks` raises.

        Raises `NotStored`, and what `chunks` raises.
        """

    def open(self, digest: str) -> BinaryIO:
        """Open a stored content for reading. Raises `FileNotFoundError` if it is missing."""


class FolderContents:
    """Contents as files of a folder that all processes see, each named by its SHA-256."""

    limit: int | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def store(self, chunks: Iterable[bytes]) -> StoredContent:
        """Store a content: written to a file of its own, which gets its name when it is complete."""
        with _storing():
            unfinished = self._incoming() / secrets.token_hex(16)
        try:
            with _storing():
                target = open(unfinished, "xb", opener=private)  # noqa: SIM115 - closed below
            with target:
                stored = _copied(chunks, target)
                with _storing():
                    target.flush()
                    os.fsync(target.fileno())
            with _storing():
                self.path(stored.sha256).parent.mkdir(exist_ok=True)
                unfinished.replace(self.path(stored.sha256))
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return stored

    def open(self, digest: str) -> BinaryIO:
        """Open a stored content for reading. Raises `FileNotFoundError` if it is missing."""
        return self.path(digest).open("rb")

    def now(self) -> datetime:
        """Return the time of the file system (aware UTC), which may be that of another machine. Raises `NotStored`."""
        with _storing():
            incoming = self._incoming()
            asked = incoming / secrets.token_hex(16)
            asked.touch()
            written = _written_at(asked)
            asked.unlink()
        return written

    def remove_unfinished(self, before: datetime) -> int:
        """Remove what was not completed and not written to since `before` (aware); return the number of files.

        Raises `OSError`.
        """
        found = [*self._incoming().iterdir(), *self.folder.glob(f"{MARKER}.*")]
        old = [one for one in found if _written_at(one) < before]
        for one in old:
            one.unlink(missing_ok=True)
        return len(old)

    def _incoming(self) -> Path:
        incoming = self.folder / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        return incoming

    def path(self, digest: str) -> Path:
        """Return where the content with this SHA-256 is stored."""
        return self.folder / digest[:2] / digest

    def marked(self) -> str | None:
        """Return the code of the marker; None if the folder has none. Raises `OSError` if it cannot be read."""
        try:
            return (self.folder / MARKER).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def mark(self, code: str) -> None:
        """Write the marker. Raises `NotStored`."""
        with _storing():
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f"{MARKER}.{secrets.token_hex(4)}"
            unfinished.write_text(f"{code}\n", encoding="ascii")
            unfinished.replace(self.folder / MARKER)


class DatabaseContents:
    """Contents as rows of the database, for processes that share no folder."""

    limit: int | None = MAX_ROW_BYTES

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(self, chunks: Iterable[bytes]) -> StoredContent:
        """Store a content as a row. Raises `Unavailable` like every transaction."""
        whole = BytesIO()
        stored = _copied(chunks, whole)
        with self._database.write() as session:
            insert_new(session, FileContent, sha256=stored.sha256, content=whole.getvalue())
        return stored

    def open(self, digest: str) -> BinaryIO:
        """Open a stored content for reading. Raises `FileNotFoundError` if it is missing."""
        with self._database.read() as session:
            content = session.exec(select(FileContent.content).where(FileContent.sha256 == digest)).first()
        if content is None:
            raise FileNotFoundError(digest)
        return BytesIO(content)


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content of an open file piece by piece."""
    yield from iter(lambda: file.read(CHUNK_BYTES), b"")


def holds(contents: FileContents, digest: str) -> bool:
    """Return whether the stored content has this SHA-256. Raises `FileNotFoundError` if it is missing."""
    with contents.open(digest) as file:
        found = sha256()
        for chunk in chunks_of(file):
            found.update(chunk)
    return found.hexdigest() == digest


def _written_at(file: Path) -> datetime:
    """Return when a file was last written to (aware UTC); the end of time if it is gone."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)


def _copied(chunks: Iterable[bytes], target: BinaryIO) -> StoredContent:
    digest, size = sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        with _storing():
            target.write(chunk)
    return StoredContent(digest.hexdigest(), size)


@contextmanager
def _storing() -> Iterator[None]:
    """Raise `NotStored` for an error of the disk, so that it is told from one of where the content comes from."""
    try:
        yield
    except OSError as error:
        raise NotStored(error.errno, os.strerror(error.errno or 0)) from error
