"""Engine, sessions and the one commit.

SQLite: write-ahead log, foreign keys, a 2 s lock timeout, and one writer at a time inside the process.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

#: How long a writer waits for another, in seconds.
LOCK_TIMEOUT = 2.0


class Unavailable(Exception):
    """The database is locked or gone: nothing was written, trying again may help."""


class Database:
    """The store. `write` is the only place that commits; `on_commit` is called after each commit."""

    def __init__(self, url: str, *, synchronous: str = "NORMAL") -> None:
        """`url` as SQLAlchemy's; `synchronous` is SQLite's pragma (NORMAL or FULL)."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._patience = LOCK_TIMEOUT
        self.engine = self._sqlite(synchronous) if self.is_sqlite else _postgresql(url)
        self._writing_engine = self.engine.execution_options(writes=True)
        self._writer = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every commit; it must be quick and must not raise."""
        self._listeners.append(listener)

    @contextmanager
    def write(self, *, quietly: bool = False) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or rolled back if the block raises.

        `quietly`: nothing new waits for Slack, so nobody need be woken. Raises `Unavailable` when the
        database is locked or gone; then nothing was written.
        """
        with (
            self._one_writer(),
            _translated(),
            Session(self._writing_engine, expire_on_commit=False) as session,
        ):
            yield session
            session.commit()
        for listener in () if quietly else self._listeners:
            listener()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment and writes nothing. Raises `Unavailable` like `write`."""
        with _translated(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        asked = time.monotonic()
        if not self._writer.acquire(timeout=LOCK_TIMEOUT):
            raise Unavailable("another writer held the database too long")
        try:
            # a person waits for both locks in a row: the second gets what the first left, in tenths of a second
            self._patience = round(max(0.0, asked + LOCK_TIMEOUT - time.monotonic()), 1)
            yield
        finally:
            self._patience = LOCK_TIMEOUT
            self._writer.release()

    def _sqlite(self, synchronous: str) -> Engine:
        connecting = {"timeout": LOCK_TIMEOUT, "check_same_thread": False}
        engine = create_engine(self.url, connect_args=connecting, pool_timeout=LOCK_TIMEOUT, hide_parameters=True)

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # transactions begin where we say, see below
            cursor = connection.cursor()
            for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        event.listen(engine, "begin", self._begin)
        return engine

    def _begin(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql("BEGIN")
            return
        if connection.info.get("patience", LOCK_TIMEOUT) != self._patience:
            connection.info["patience"] = self._patience
            connection.exec_driver_sql(f"PRAGMA busy_timeout={self._patience * 1000:.0f}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgresql(url: str) -> Engine:
    """Waits as briefly as SQLite does, so that a person hears "not saved" before Slack gives up."""
    waits = {"connect_timeout": int(LOCK_TIMEOUT), "options": f"-c lock_timeout={int(LOCK_TIMEOUT * 1000)}"}
    return create_engine(
        url, connect_args=waits, pool_pre_ping=True, pool_size=20, pool_timeout=LOCK_TIMEOUT, hide_parameters=True
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable(str(getattr(error, "orig", error))) from error
    except DBAPIError as error:
        # SQLite calls a file that is broken or no database a plain DatabaseError
        if error.connection_invalidated or type(error) is DatabaseError:
            raise Unavailable(str(error.orig)) from error
        raise
