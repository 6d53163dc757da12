"""Failures of the database, and of the disk and the server that it lies on."""

from contextlib import suppress

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from storage.concurrent_insert import one_at_a_time
from tests.chaos.injector import Injector
from tests.chaos.server_pair import ServerPair
from tests.chaos.small_disk import filled

_LOCK_TIMEOUT = text("SET lock_timeout = '5s'")
_HOLD_A_CASE = text("SELECT id FROM cases ORDER BY random() LIMIT 1 FOR UPDATE")


class _HeldLock(Injector):
    """A session that is none of the bot's, such as an operator's, holds a lock."""

    def inject(self) -> None:
        """Hold the lock for a while."""
        engine = create_engine(self._targets.database.url, poolclass=NullPool)
        with suppress(DBAPIError), engine.begin() as connection:  # it is not to be had, or the server goes away
            self._lock(connection)
            self.met += 1
            self.last()

    def _lock(self, connection: Connection) -> None:
        raise NotImplementedError


class HeldFiles(_HeldLock):
    """Another program writes to the SQLite file."""

    name = "held locks of the file"

    @property
    def is_possible(self) -> bool:
        """Whether the database is a file."""
        return self._targets.database.is_sqlite

    def _lock(self, connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class HeldCases(_HeldLock):
    """The row of a case is locked."""

    name = "held locks of a case"

    @property
    def is_possible(self) -> bool:
        """Whether the database locks rows."""
        return not self._targets.database.is_sqlite

    def _lock(self, connection: Connection) -> None:
        connection.execute(_LOCK_TIMEOUT)
        connection.execute(_HOLD_A_CASE)


class HeldClaims(HeldCases):
    """The lock is held under which workers claim messages."""

    name = "held locks of the claim"

    def _lock(self, connection: Connection) -> None:
        connection.execute(_LOCK_TIMEOUT)
        one_at_a_time(connection, "outbox")


class _ServerFailure(Injector):
    """Something happens to the servers."""

    @property
    def is_possible(self) -> bool:
        """Whether the database has servers of its own."""
        return self._targets.servers is not None

    def inject(self) -> None:
        """Let it happen, while nothing else happens to the servers."""
        assert self._targets.servers
        with self._targets.servers.in_use:
            self.met += 1
            self._inject_into(self._targets.servers)

    def _inject_into(self, servers: ServerPair) -> None:
        raise NotImplementedError


class Failovers(_ServerFailure):
    """The primary crashes, and the standby takes over. The next time it is the other way round."""

    name = "failovers"

    def _inject_into(self, servers: ServerPair) -> None:
        servers.fail_over(self._random.uniform(*self._lasting))


class ServerCrashes(_ServerFailure):
    """The primary crashes and starts again."""

    name = "crashes of the server"

    def _inject_into(self, servers: ServerPair) -> None:
        servers.crash(self._random.uniform(*self._lasting))


class FullServerDisks(_ServerFailure):
    """The disk of the primary is full. The server is started again if that has ended it."""

    name = "full disks of the server"

    @property
    def is_possible(self) -> bool:
        """Whether the servers have disks of their own."""
        return self._targets.servers is not None and self._targets.servers.primary.disk is not None

    def _inject_into(self, servers: ServerPair) -> None:
        assert servers.primary.disk
        with filled(servers.primary.disk):
            self.last()
        servers.ensure_runs()


class FullDisks(Injector):
    """The disk is full on which the SQLite file lies."""

    name = "full disks"

    @property
    def is_possible(self) -> bool:
        """Whether the file lies on a disk of its own."""
        return self._targets.disk is not None

    def inject(self) -> None:
        """Leave no space for a while."""
        assert self._targets.disk
        with filled(self._targets.disk):
            self.met += 1
            self.last()
