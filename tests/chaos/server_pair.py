"""Two PostgreSQL servers: a primary, and a synchronous standby that can take over, again and again."""

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from storage import migrations
from storage.database import Database
from tests.chaos.bot_processes import wait_until
from tests.chaos.small_disk import small_disk
from tests.support.free_ports import free_port
from tests.support.postgresql_server import control, init, make_standby, open_folder

#: Nothing that was committed may be lost in a crash of the server, which outlives the operating system.
SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=200", "max_wal_size=96MB", "hot_standby=on")
DATABASE = "chaos"
#: The size of the disk of each server, in megabytes.
DISK_MEGABYTES = 384
_IS_IN_STEP = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"


@dataclass(frozen=True)
class Node:
    """One of the two servers. `disk` is the file system that is its alone; None where none could be made."""

    data: Path
    port: int
    disk: Path | None

    def run(self, statement: str) -> Sequence[Any] | None:
        """Run a statement outside of transactions, and return its first row if it has any."""
        address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            result = connection.execute(statement)
            return result.fetchone() if result.description else None

    def start(self) -> None:
        """Start the server, again if need be: processes of the last one may still be there after a crash."""

        def is_started() -> bool:
            with suppress(RuntimeError):
                control(self.data, "start", "-o", f"-p {self.port}")
            return self.is_running()

        wait_until(is_started)

    def is_running(self) -> bool:
        """Whether the server accepts connections, or will as soon as it has recovered."""
        try:
            control(self.data, "status")
        except RuntimeError:
            return False
        return True

    def stop(self) -> None:
        """Stop the server at once, as in a crash, if it runs."""
        with suppress(RuntimeError):
            control(self.data, "stop")


class ServerPair:
    """The servers. A commit is confirmed when both have it, so that no failover loses one."""

    def __init__(self, nodes: tuple[Node, Node]) -> None:
        self.primary, self.standby = nodes
        #: Held while something is done to the servers.
        self.in_use = threading.Lock()
        ports = ",".join(str(node.port) for node in nodes)
        #: The URL of the database on whichever server is the primary.
        self.url = (
            f"postgresql+psycopg://postgres@/{DATABASE}?host=127.0.0.1,127.0.0.1&port={ports}"
            "&target_session_attrs=read-write"
        )

    def fail_over(self, seconds: float) -> None:
        """Let the primary crash and the standby take over after so many seconds. Then the old primary follows."""
        self.primary.stop()
        time.sleep(seconds)
        control(self.standby.data, "promote")
        self.primary, self.standby = self.standby, self.primary
        self._wait_for_standby("''")  # otherwise every commit would wait for a standby that does not run
        self.follow()

    def follow(self) -> None:
        """Make the standby anew from the primary, and return when it confirms commits."""
        node = self.standby
        shutil.rmtree(node.data, ignore_errors=True)
        make_standby(node.data, self.primary.port)
        node.start()
        self._wait_for_standby("'*'")
        wait_until(lambda: self.primary.run(_IS_IN_STEP) == (1,))

    def crash(self, seconds: float) -> None:
        """Let the primary crash, and start it again after so many seconds."""
        self.primary.stop()
        time.sleep(seconds)
        self.primary.start()

    def ensure_runs(self) -> None:
        """Start the primary if it has ended by itself."""
        if not self.primary.is_running():
            self.primary.start()

    def _wait_for_standby(self, names: str) -> None:
        self.primary.run(f"ALTER SYSTEM SET synchronous_standby_names = {names}")
        self.primary.run("SELECT pg_reload_conf()")


@contextmanager
def server_pair() -> Iterator[ServerPair]:
    """Two servers with an empty database at the current schema. Raises `Missing`."""
    with ExitStack() as stack:
        folder = stack.enter_context(open_folder())
        first, second = nodes = (_node(folder / "1", stack), _node(folder / "2", stack))
        init(first.data, *SETTINGS, f"unix_socket_directories={folder}")
        for node in nodes:
            stack.callback(node.stop)
        first.start()
        first.run(f"CREATE DATABASE {DATABASE}")
        pair = ServerPair(nodes)
        database = Database(pair.url)
        migrations.upgrade(database.engine)
        database.close()
        assert pair.standby is second
        pair.follow()
        yield pair


def _node(folder: Path, stack: ExitStack) -> Node:
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    return Node(folder / "data", free_port(), stack.enter_context(small_disk(folder, DISK_MEGABYTES)))
