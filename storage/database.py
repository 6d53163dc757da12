"""Engine, sessions and the one commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from storage.postgresql import PostgreSQL
from storage.sqlite import SQLite
from storage.unavailable import LOCK_TIMEOUT, InUse, Unavailable

__all__ = ["LOCK_TIMEOUT", "Database", "InUse", "Unavailable"]


class Database:
    """The store. `write` is the only place that commits; `on_commit` is called after each commit."""

    def __init__(self, url: str, *, synchronous: str = "NORMAL") -> None:
        """`url` as SQLAlchemy's; `synchronous` is SQLite's pragma (NORMAL or FULL)."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._store = SQLite(url, synchronous) if self.is_sqlite else PostgreSQL(url)
        self._listeners: list[Callable[[], None]] = []

    @property
    def engine(self) -> Engine:
        """For those who bring the schema up to date or measure; everybody else reads and writes."""
        return self._store.reads if self.is_sqlite else self._store.writes

    def occupy(self) -> None:
        """Serve this store from this process: `InUse` where only one process may and another does."""
        self._store.occupy()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every commit; it must be quick and must not raise."""
        self._listeners.append(listener)

    def attend(self) -> None:
        """From now on hear of the commits of other processes, too, and be counted among the `senders`."""
        if isinstance(self._store, PostgreSQL):
            self._store.hear(self._tell)

    @property
    def sender(self) -> int:
        """The number by which this process's share of the messages is known."""
        return self._store.sender

    def senders(self, session: Session) -> frozenset[int]:
        """The numbers of the processes that deliver messages at this moment."""
        return self._store.senders(session.connection())

    @property
    def hears_everybody(self) -> bool:
        """Whether `on_commit` is called for the commits of every process; else one must look now and then."""
        return self._store.hears_everybody

    @contextmanager
    def write(self, *, quietly: bool = False) -> Iterator[Session]:
        """A transaction that is committed at the end of the block, or rolled back if the block raises.

        `quietly`: nothing new waits for Slack, so nobody need be woken. Raises `Unavailable` when the
        database is locked or gone; then nothing was written.
        """
        with (
            self._store.writing(),
            _translated(),
            Session(self._store.writes, expire_on_commit=False) as session,
        ):
            yield session
            if not quietly:
                self._store.announce(session.connection())
            session.commit()
        if not quietly:
            self._tell()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment and writes nothing. Raises `Unavailable` like `write`."""
        with _translated(), Session(self._store.reads, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Let go of every connection."""
        self._store.close()
        self._store.writes.dispose()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if is_lost(error):
            raise Unavailable(str(getattr(error, "orig", error))) from error
        raise


def is_lost(error: Exception) -> bool:
    """Whether the database is locked or gone; else what was asked of it was wrong."""
    if isinstance(error, (OperationalError, PoolTimeout)):
        return True
    # SQLite calls a file that is broken or no database a plain DatabaseError
    return isinstance(error, DBAPIError) and (error.connection_invalidated or type(error) is DatabaseError)
