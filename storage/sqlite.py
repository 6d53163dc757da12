"""SQLite as the database: write-ahead log, foreign keys, one writer at a time, and one process per file."""

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from storage.private_files import make_private, tighten
from storage.unavailable import LOCK_TIMEOUT_SECONDS, InUse, Unavailable


class SQLite:
    """A database file (or one in memory) that this process alone uses."""

    def __init__(self, url: str, synchronous: str, *, immutable: bool = False) -> None:
        self._file = make_url(url).database
        self._lock_timeout = LOCK_TIMEOUT_SECONDS
        self._writer = threading.Lock()
        self._owner: sqlite3.Connection | None = None
        self.sender = secrets.randbelow(2**31)
        pragmas = [f"synchronous={synchronous}", "foreign_keys=ON"]
        if immutable:
            self.reads = self._engine(read_only_url(Path(self._file or "")), pragmas)
        else:
            self.reads = self._engine(
                url, ["journal_mode=WAL", *pragmas], _PrivateFile if self._file else sqlite3.Connection
            )
        self.writes = self.reads.execution_options(writes=True)
        self.looks = self.reads.execution_options(looks=True)
        #: All writers are in this process, so every commit is noticed.
        self.sees_all_commits = True

    def take_ownership(self) -> None:
        """Reserve the file for this process until it ends in any way. Raises `InUse` if another process has it.

        The reservation is a lock on a second file, which the system releases when the process dies.
        """
        if not self._file or self._owner:
            return
        with suppress(sqlite3.OperationalError):  # opening the database itself reports an unusable folder
            self._owner = sqlite3.connect(
                f"{self._file}-owner",
                timeout=0,
                isolation_level=None,
                check_same_thread=False,
                factory=_PrivateFile,
            )
        try:
            if self._owner:
                self._owner.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self.close()
            raise InUse(self._file) from None

    def close(self) -> None:
        """Release the file."""
        if self._owner:
            self._owner.close()
            self._owner = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Admit one writer at a time.

        With 32 writers, waiting for the file's own lock instead took seven times longer.
        """
        asked = time.monotonic()
        if not self._writer.acquire(timeout=LOCK_TIMEOUT_SECONDS):
            raise Unavailable("another writer held the database too long")
        try:
            # a person waits for both locks in turn, so the second may take what the first left, in tenths of a second
            self._lock_timeout = round(max(0.0, asked + LOCK_TIMEOUT_SECONDS - time.monotonic()), 1)
            yield
        finally:
            self._lock_timeout = LOCK_TIMEOUT_SECONDS
            self._writer.release()

    def senders(self, _connection: Connection) -> frozenset[int]:
        """Return this process, which is the only one."""
        return frozenset({self.sender})

    def server_now(self, _connection: Connection) -> None:
        """Return None: there is no server."""

    def announce(self, connection: Connection) -> None:
        """Do nothing: there is no other process to notify."""

    def _engine(
        self, url: str, pragmas: Iterable[str], factory: type[sqlite3.Connection] = sqlite3.Connection
    ) -> Engine:
        connecting = {"timeout": LOCK_TIMEOUT_SECONDS, "check_same_thread": False, "factory": factory}
        engine = create_engine(url, connect_args=connecting, pool_timeout=LOCK_TIMEOUT_SECONDS, hide_parameters=True)

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # `_begin` begins the transactions
            connection.text_factory = _text
            cursor = connection.cursor()
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        event.listen(engine, "begin", self._begin)
        return engine

    def _begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("writes", False):
            if not options.get("looks", False):
                connection.exec_driver_sql("BEGIN")
            return
        if connection.info.get("patience", LOCK_TIMEOUT_SECONDS) != self._lock_timeout:
            connection.info["patience"] = self._lock_timeout
            connection.exec_driver_sql(f"PRAGMA busy_timeout={self._lock_timeout * 1000:.0f}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class _PrivateFile(sqlite3.Connection):
    """A connection to a file that exists, private, before SQLite opens it.

    SQLite gives the files that it creates beside a database the mode of the database.
    """

    def __init__(self, database: str, *arguments: Any, **options: Any) -> None:
        make_private(Path(database))
        for ending in ("-wal", "-shm", "-journal"):
            tighten(Path(f"{database}{ending}"))
        super().__init__(database, *arguments, **options)


def read_only_url(file: Path) -> str:
    """Return the SQLAlchemy URL of a file that nobody changes and that is read where nothing can be written."""
    return f"sqlite:///{file.resolve().as_uri()}?mode=ro&immutable=1&uri=true"


def _text(stored: bytes) -> str:
    """Return a stored text. For bytes that are no text, the driver would raise an error that holds them."""
    return stored.decode(errors="replace")
