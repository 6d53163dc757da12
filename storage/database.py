"""Engine, sessions, and the only place that commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from storage import queued
from storage.postgresql import PostgreSQL
from storage.sqlite import SQLite
from storage.unavailable import LOCK_TIMEOUT_SECONDS, InUse, Unavailable, UnusableURL, reason_of

__all__ = ["LOCK_TIMEOUT_SECONDS", "Database", "InUse", "Unavailable"]


class Database:
    """The database. Only `write` commits; `on_queued` listeners are called after each commit that queued messages."""

    def __init__(self, url: str, *, synchronous: str = "NORMAL", immutable: bool = False) -> None:
        """`url` is an SQLAlchemy URL; `synchronous` is SQLite's pragma (NORMAL or FULL).

        `immutable` promises that nobody changes the SQLite file, which is then read without writing anything beside it.
        Raises `UnusableURL`, also where the driver is missing.
        """
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        try:
            self._store = SQLite(url, synchronous, immutable=immutable) if self.is_sqlite else PostgreSQL(url)
        except ImportError:
            raise UnusableURL("PostgreSQL needs one more package: pip install 'faultdesk[postgres]'") from None
        except (ArgumentError, ValueError):
            raise UnusableURL("is not a database URL") from None
        self._listeners: list[Callable[[], None]] = []

    @property
    def engine(self) -> Engine:
        """The engine, for migrations and measurements. All other code uses `read` and `write`."""
        return self._store.reads if self.is_sqlite else self._store.writes

    def take_ownership(self) -> None:
        """Reserve the database for this process. Raises `InUse` if only one process may use it and another does."""
        self._store.take_ownership()

    def on_queued(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every commit that queued messages. It must be quick and must not raise."""
        self._listeners.append(listener)

    def listen_for_commits(self) -> None:
        """Hear of what other processes queue too, from now on, and count as one of the `senders`."""
        if isinstance(self._store, PostgreSQL):
            self._store.listen(self._notify)

    @property
    def sender(self) -> int:
        """The number that identifies this process as a sender of messages."""
        return self._store.sender

    def senders(self, session: Session) -> frozenset[int]:
        """Return the numbers of the processes that deliver messages at this moment."""
        return self._store.senders(session.connection())

    def server_now(self, session: Session) -> datetime | None:
        """Return the present moment (aware) by the database server's clock; None where there is no server."""
        return self._store.server_now(session.connection())

    @property
    def sees_all_commits(self) -> bool:
        """Whether `on_queued` is called for the commits of every process; if not, callers must also poll."""
        return self._store.sees_all_commits

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end of the block, or rolled back if the block raises.

        If it queued messages, listeners and other processes are notified.
        Raises `Unavailable` if the database is locked or cannot be reached; then nothing was written.
        """
        with (
            self._store.writing(),
            _translated(),
            Session(self._store.writes, expire_on_commit=False) as session,
        ):
            yield session
            if has_queued := queued.is_noted(session):
                self._store.announce(session.connection())
            session.commit()
        if has_queued:
            self._notify()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a read-only session that sees one snapshot. Raises `Unavailable` like `write`."""
        with _translated(), Session(self._store.reads, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Open a read-only session without a transaction: each of its statements sees what is committed at its moment.

        It is for statements that need not agree, which it spares the begin and the end. Raises `Unavailable` as `write`
        does.
        """
        with _translated(), Session(self._store.looks, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Close every connection."""
        self._store.close()
        self._store.writes.dispose()

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        reason = reason_of(error)
        if reason is not None:
            raise Unavailable(str(getattr(error, "orig", error)), reason) from error
        raise


def is_lost(error: Exception) -> bool:
    """Return whether the database is locked or cannot be reached, as opposed to a statement that failed."""
    return reason_of(error) is not None
