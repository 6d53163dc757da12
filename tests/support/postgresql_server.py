"""A real PostgreSQL server for tests, on a free port and in a temporary folder."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from storage import migrations
from storage.database import Database
from tests.support.free_ports import free_port
from tests.support.processes import inherited

#: Names the environment variable with the URL of a server to use instead, postgresql+psycopg://…, whose user may create
#: databases there.
ELSEWHERE = "FAULT_TEST_POSTGRESQL"
#: Options that trade safety for speed: the data of this server is disposable, and tests kill only our own processes.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "max_wal_size=128MB")
#: A folder in memory, and the bytes that must be free there. A copied database has 300 files and is fast only in
#: memory.
MEMORY, ROOM = Path("/dev/shm"), 2**30
MODEL = "faultdesk_model"


class Missing(Exception):
    """PostgreSQL is not installed here, and no URL of another server is given."""


@dataclass(frozen=True)
class Server:
    """A server that creates databases.

    `address` is its URL without a database name. `data` is the data folder if we started the server ourselves.
    """

    address: str
    data: Path | None = None

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    def make(self, name: str, like: str = MODEL) -> str:
        """Create a database as a copy of another one and return its URL."""
        self.run("CREATE DATABASE {} TEMPLATE {}", name, like)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, even while somebody uses it."""
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @contextmanager
    def suspended(self, name: str) -> Iterator[None]:
        """Let the server hang: it takes connections to this database and requests, and answers none of them."""
        assert self.data, "not ours"
        with psycopg.connect(plain(self.url("postgres"))) as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            backends = [row[0] for row in connection.execute(query, (name,))]
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        for process in (first, *backends):
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in (*backends, first):
                os.kill(process, signal.SIGCONT)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stop the server at once, as in a crash, and start it again on leaving.

        What was committed before is kept, although the server does not wait for its disk.
        """
        assert self.data, "not ours"
        self.run("CHECKPOINT")
        control(self.data, "stop")
        yield
        control(self.data, "start")

    def run(self, statement: str, *names: str) -> None:
        """Run a statement outside of transactions, with these names filled in as quoted identifiers."""
        with psycopg.connect(plain(self.url("postgres")), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def is_at_hand() -> bool:
    """Whether `server` finds a server here."""
    if inherited().get(ELSEWHERE):
        return True
    try:
        return bool(_programs())
    except Missing:
        return False


def plain(url: str) -> str:
    """A database URL as PostgreSQL's own programs read it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def server() -> Iterator[Server]:
    """A server with a template database at the current schema. Raises `Missing`."""
    if elsewhere := inherited().get(ELSEWHERE):
        made = Server(elsewhere.rstrip("/"))
        made.drop(MODEL)
        yield _with_model(made)
        made.drop(MODEL)
        return
    with started() as made:
        yield _with_model(made)


@contextmanager
def started() -> Iterator[Server]:
    """A server that we start ourselves. Raises `Missing` where PostgreSQL is not installed."""
    port = free_port()
    with open_folder() as folder:
        data = folder / "data"
        init(data, *QUICK, f"port={port}", f"unix_socket_directories={folder}")
        control(data, "start")
        try:
            yield Server(f"postgresql+psycopg://postgres@127.0.0.1:{port}", data)
        finally:
            control(data, "stop")


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder in which the operating-system user of a server may work, in memory if there is enough room.

    It is not below pytest's folder, which each run of pytest closes to all other users.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="faultdesk-postgresql-", dir=MEMORY if in_memory else None))
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def init(data: Path, *settings: str) -> None:
    """Make the data folder of a server that listens on this machine alone. Raises `Missing`."""
    run_program("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    for one in ("listen_addresses=127.0.0.1", *settings):
        _as_postgres("sh", "-c", f"echo {shlex.quote(_quoted(one))} >> {data}/postgresql.conf")


def make_standby(data: Path, of: int) -> None:
    """Make the data folder of a standby that follows the server at this port. It needs a port of its own to start."""
    source = ("-h", "127.0.0.1", "-p", str(of), "-U", "postgres")
    run_program("pg_basebackup", "-D", data, *source, "-X", "stream", "-c", "fast", "-R", "--no-sync")


def _quoted(setting: str) -> str:
    name, value = setting.split("=", 1)
    return f"{name} = '{value}'"


def control(data: Path, command: str, *more: str) -> None:
    """Let `pg_ctl` do something with a server: start it, stop it as in a crash, or promote it."""
    options = {"stop": ("-m", "immediate"), "start": ("-l", data / "log")}.get(command, ())
    run_program("pg_ctl", "-D", data, "-w", "-s", *options, *more, command)


def run_program(name: str, *arguments: str | Path) -> None:
    """Run one of the server's programs. Raises `RuntimeError` with what it printed if it fails, or `Missing`."""
    _as_postgres(_programs() / name, *arguments)


def _with_model(made: Server) -> Server:
    made.make(MODEL, "template1")
    database = Database(made.url(MODEL))
    migrations.upgrade(database.engine)
    database.close()
    return made


def _programs() -> Path:
    """The folder of the server's programs. Debian does not put them on the path."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not installed:
        raise Missing(f"PostgreSQL is not installed, and {ELSEWHERE} names no server")
    return installed[-1].parent


def _as_postgres(*command: str | Path) -> None:
    """Run a program of the server, which refuses to run as root."""
    become = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    done = subprocess.run([*become, *command], capture_output=True, text=True, timeout=60, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")
