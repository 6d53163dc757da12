"""PostgreSQL as the database: any number of processes on any number of machines, which notify each other."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import starmap
from typing import Any

from sqlalchemy import Connection, ExceptionContext, create_engine, event, text

from storage.time_limit import seconds_left
from storage.unavailable import is_of_standby

#: The channel on which commits are announced to other processes.
CHANNEL = "faultdesk"
#: The longest wait for a pooled connection, and for a locked row, in seconds. One request may wait for both.
MAX_WAIT_SECONDS = 1.0
#: How long a process may be silent in the middle of writing, in seconds: in work that somebody waits for, and in other
#: work. The locks of a process that was suspended hold up others meanwhile.
MAX_SILENT_SECONDS, MAX_PAUSE_SECONDS = 5, 20
#: Seconds between two attempts to reconnect after the listening connection was lost.
RECONNECT_SECONDS = 1.0
#: The first key of the senders' advisory locks; the second is the number of the sender.
SENDER_LOCKS = 0x7A17
_PRESENT = text(
    "SELECT objid FROM pg_locks JOIN pg_database ON oid = database "
    "WHERE datname = current_database() AND locktype = 'advisory' AND classid = :room AND objsubid = 2"
)
_NOW = text("SELECT clock_timestamp()")
_ANNOUNCE = text(f"NOTIFY {CHANNEL}")


class PostgreSQL:
    """A PostgreSQL server.

    Waits are short, so that a person reads "not saved" before Slack gives up after three seconds.
    """

    def __init__(self, url: str) -> None:
        self.writes = create_engine(
            url,
            creator=self._open,
            pool_pre_ping=True,
            pool_size=20,
            pool_timeout=MAX_WAIT_SECONDS,
            hide_parameters=True,
        )
        self._closed = False
        event.listen(self.writes, "begin", _limit)
        event.listen(self.writes, "checkin", self._on_checkin)
        event.listen(self.writes, "handle_error", _drop_standby)
        # all statements of a reader see the same snapshot, as on SQLite
        self.reads = self.writes.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.looks = self.writes.execution_options(isolation_level="AUTOCOMMIT")
        self.sender = secrets.randbelow(2**31)
        self._listener: CommitListener | None = None

    @property
    def sees_all_commits(self) -> bool:
        """Whether this process receives the commits of every process at this moment."""
        return self._listener is not None and self._listener.connected.is_set()

    def take_ownership(self) -> None:
        """Do nothing: any number of processes may use a server."""

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` after every commit that any process announces, from now on.

        Returns once this process is registered as a sender, or after `MAX_WAIT_SECONDS` seconds. Until it is
        registered, other processes could take its messages for those of a dead sender.
        """
        self._listener = CommitListener(partial(self._open, autocommit=True), self.sender, heard)
        self._listener.start()
        self._listener.connected.wait(MAX_WAIT_SECONDS)

    def _open(self, *, autocommit: bool = False) -> Any:
        from storage.postgresql_connection import LimitedConnection, arguments

        positional, named = self.writes.dialect.create_connect_args(self.writes.url)
        limits = arguments(lock_timeout=int(MAX_WAIT_SECONDS * 1000), idle_in_transaction_session_timeout=60_000)
        return LimitedConnection.connect(*positional, autocommit=autocommit, **{**named, **limits})

    def close(self) -> None:
        """Stop listening. Connections still in use are closed when they are returned."""
        self._closed = True
        if self._listener:
            self._listener.stop()
            self._listener = None

    def _on_checkin(self, connection: Any, _record: Any) -> None:
        if self._closed and connection is not None:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Do nothing: the server locks rows."""
        yield

    def senders(self, connection: Connection) -> frozenset[int]:
        """Return the senders whose listening connection exists. The server ends it when the process dies."""
        return frozenset(connection.execute(_PRESENT, {"room": SENDER_LOCKS}).scalars())

    def server_now(self, connection: Connection) -> datetime:
        """Return the present moment (aware) by the server's clock, not that of the transaction's begin."""
        moment: datetime = connection.execute(_NOW).scalar_one()
        return moment

    def announce(self, connection: Connection) -> None:
        """Notify the other processes, as part of the commit and only if it succeeds."""
        connection.execute(_ANNOUNCE)


def _limit(connection: Connection) -> None:
    """Let the server end a statement when the time of the work that it belongs to is over, and silent writing soon."""
    left, reads = seconds_left(), "isolation_level" in connection.get_execution_options()
    limits = {} if left is None else {"statement_timeout": left}
    if not reads:
        limits["idle_in_transaction_session_timeout"] = MAX_PAUSE_SECONDS if left is None else MAX_SILENT_SECONDS
    if limits:
        connection.exec_driver_sql("SELECT " + ", ".join(starmap(_set, limits.items())))


def _set(name: str, seconds: float) -> str:
    return f"set_config('{name}', '{max(1, int(seconds * 1000))}', true)"


def _drop_standby(context: ExceptionContext) -> None:
    """Drop all pooled connections when one leads to a server that became a standby: after a failover others do not."""
    if is_of_standby(context.original_exception):
        context.is_disconnect = True


class CommitListener:
    """A thread that listens for announced commits on its own connection.

    The connection holds a lock that shows that this sender is alive. The thread reconnects after every loss.
    """

    def __init__(self, connect: Callable[[], Any], sender: int, heard: Callable[[], None]) -> None:
        self._connect = connect
        self._sender = sender
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)
        self.connected = threading.Event()

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def stop(self) -> None:
        """Stop within half a second."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        import psycopg

        while not self._stopping.is_set():
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except (psycopg.Error, OSError):
                self.connected.clear()
                self._stopping.wait(RECONNECT_SECONDS)

    def _listen(self, connection: Any) -> None:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (SENDER_LOCKS, self._sender))
        connection.execute(f"LISTEN {CHANNEL}")
        self.connected.set()
        self._heard()  # commits may have been missed while not connected
        while not self._stopping.is_set():
            if any(True for _ in connection.notifies(timeout=0.5, stop_after=1)):
                self._heard()
