"""A real PostgreSQL server for tests: on a free port, in a folder of its own, gone afterwards."""

import os
import shlex
import shutil
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

#: The address of a server to use instead, by somebody who may make databases there: postgresql+psycopg://…
ELSEWHERE = "FAULT_TEST_POSTGRESQL"
#: Speed for safety: this server's data is worth nothing, and it is our processes that are killed.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "max_wal_size=128MB")
#: A folder in memory, and the bytes that must be free there. A copied database is 300 files: quick there alone.
MEMORY, ROOM = Path("/dev/shm"), 2**30
MODEL = "faultdesk_model"


class Missing(Exception):
    """There is no PostgreSQL server program here, and no address of a server either."""


@dataclass(frozen=True)
class Server:
    """Where databases are made: its address, without the name of a database, and the folder of a server of ours."""

    address: str
    data: Path | None = None

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"

    def make(self, name: str, like: str = MODEL) -> str:
        """A new database, a copy of another one; returns its address."""
        self.run("CREATE DATABASE {} TEMPLATE {}", name, like)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever still uses it."""
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server is stopped at once, as by a crash, and started again afterwards."""
        assert self.data, "not ours"
        _control(self.data, "stop")
        yield
        _control(self.data, "start")

    def run(self, statement: str, *names: str) -> None:
        """Run a statement with names in it, outside of transactions."""
        with psycopg.connect(plain(self.url("postgres")), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def plain(url: str) -> str:
    """An address as PostgreSQL's own programs read it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def server() -> Iterator[Server]:
    """A server, with a model database at the current schema. Raises `Missing`."""
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
    """A server of our own. Raises `Missing` where the program is not installed."""
    programs, port = _programs(), free_port()
    # not below pytest's folder, which every run of pytest closes to all users but its own
    folder = Path(tempfile.mkdtemp(prefix="faultdesk-postgresql-", dir=_quick_folder()))
    data = folder / "data"
    folder.chmod(0o777)  # the server's own user works in there
    _as_postgres(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    asked = (*QUICK, f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
    for one in asked:
        _as_postgres("sh", "-c", f"echo {shlex.quote(_quoted(one))} >> {data}/postgresql.conf")
    _control(data, "start")
    try:
        yield Server(f"postgresql+psycopg://postgres@127.0.0.1:{port}", data)
    finally:
        _control(data, "stop")
        shutil.rmtree(folder)


def _quick_folder() -> Path | None:
    """Memory where there is plenty of it, otherwise the usual place for what is temporary."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


def _quoted(setting: str) -> str:
    name, value = setting.split("=", 1)
    return f"{name} = '{value}'"


def _control(data: Path, command: str) -> None:
    options = ("-m", "immediate") if command == "stop" else ("-l", data / "log")
    _as_postgres(_programs() / "pg_ctl", "-D", data, "-w", "-s", *options, command)


def _with_model(made: Server) -> Server:
    made.make(MODEL, "template1")
    database = Database(made.url(MODEL))
    migrations.upgrade(database.engine)
    database.close()
    return made


def _programs() -> Path:
    """Where the server's programs are; Debian keeps them out of the path."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not installed:
        raise Missing(f"PostgreSQL is not installed, and {ELSEWHERE} names no server")
    return installed[-1].parent


def _as_postgres(*command: str | Path) -> None:
    """Run a program of the server, which refuses to be run by root."""
    become = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
    done = subprocess.run([*become, *command], capture_output=True, text=True, timeout=60, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")
