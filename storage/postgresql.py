"""PostgreSQL as the store: any number of processes on any number of machines, which wake each other."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url, text

#: Told in every commit that others should hear of; heard by every process.
CHANNEL = "faultdesk"
#: The longest wait for a connection, and for a row that another holds, in seconds. A request may wait for each.
PATIENCE = 1.0
#: Seconds between two attempts to hear again after the connection was lost.
AGAIN = 1.0
#: The advisory locks of the senders: (ROOM, number of the sender).
ROOM = 0x7A17
_PRESENT = text(
    "SELECT objid FROM pg_locks JOIN pg_database ON oid = database "
    "WHERE datname = current_database() AND locktype = 'advisory' AND classid = :room AND objsubid = 2"
)
#: The server looks so often whether a sender's machine is still there: at a power cut nobody says goodbye.
_LOOKING = " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
_ANNOUNCE = text(f"NOTIFY {CHANNEL}")


class PostgreSQL:
    """A server. Waits briefly, so that a person hears "not saved" before Slack gives up after three seconds."""

    def __init__(self, url: str) -> None:
        limits = f"-c lock_timeout={int(PATIENCE * 1000)} -c idle_in_transaction_session_timeout=60000"
        self._connecting = {"connect_timeout": 2, "options": limits}
        self._url = url
        self.writes = create_engine(
            url,
            connect_args=self._connecting,
            pool_pre_ping=True,
            pool_size=20,
            pool_timeout=PATIENCE,
            hide_parameters=True,
        )
        self._closed = False
        event.listen(self.writes, "checkin", self._given_back)
        # several statements of a reader see one moment, as they do on SQLite
        self.reads = self.writes.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.sender = secrets.randbelow(2**31)
        self._ears: Ears | None = None

    @property
    def hears_everybody(self) -> bool:
        """Whether the commits of every process are heard at this moment."""
        return self._ears is not None and self._ears.connected.is_set()

    def occupy(self) -> None:
        """A server is there for everybody."""

    def hear(self, heard: Callable[[], None]) -> None:
        """From now on call `heard` after every commit that any process announces.

        Returns once this process is known as a sender, or when patience ends, so that what it sends is its own.
        """
        self._ears = Ears(self._open, self.sender, heard)
        self._ears.start()
        self._ears.connected.wait(PATIENCE)

    def _open(self) -> Any:
        import psycopg

        address = make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        alive = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
        connecting = {**self._connecting, **alive, "options": f"{self._connecting['options']}{_LOOKING}"}
        return psycopg.connect(address, autocommit=True, **connecting)  # type: ignore[arg-type]

    def close(self) -> None:
        """Hear no more; connections still in use are closed when they are given back."""
        self._closed = True
        if self._ears:
            self._ears.stop()
            self._ears = None

    def _given_back(self, connection: Any, _record: Any) -> None:
        if self._closed and connection is not None:
            connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Rows are locked by the server."""
        yield

    def senders(self, connection: Connection) -> frozenset[int]:
        """Those whose listening connection stands: the server ends it when the process dies."""
        return frozenset(connection.execute(_PRESENT, {"room": ROOM}).scalars())

    def announce(self, connection: Connection) -> None:
        """Wake the other processes, in the commit and only if it succeeds."""
        connection.execute(_ANNOUNCE)


class Ears:
    """A thread with a connection of its own that listens, and whose lock says that this sender lives.

    It comes back after every loss.
    """

    def __init__(self, connect: Callable[[], Any], sender: int, heard: Callable[[], None]) -> None:
        self._connect = connect
        self._sender = sender
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)
        self.connected = threading.Event()

    def start(self) -> None:
        """Begin to listen."""
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
                self._stopping.wait(AGAIN)

    def _listen(self, connection: Any) -> None:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (ROOM, self._sender))
        connection.execute(f"LISTEN {CHANNEL}")
        self.connected.set()
        self._heard()  # something may have been said while nobody listened
        while not self._stopping.is_set():
            if any(True for _ in connection.notifies(timeout=0.5, stop_after=1)):
                self._heard()
