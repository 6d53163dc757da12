"""Backup and restore: the whole database as one file, written while it is in use, restored only into an empty one.

A backup of SQLite is an SQLite file; one of PostgreSQL is in the custom format of `pg_dump`.
"""

import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlmodel import select

from storage import migrations
from storage.database import Database
from storage.postgresql_programs import ProgramFailed, run
from storage.tables import Case
from storage.unavailable import InUse

#: The first bytes of a backup of each kind.
KINDS = {b"SQLite format 3\0": "SQLite", b"PGDMP": "PostgreSQL"}
_COPIED_REVISION = re.compile(r"^COPY [^\n]*\balembic_version [^\n]*\n(\w+)$", re.MULTILINE)


class WrongDatabase(Exception):
    """The named database cannot be used for this; nothing was done."""


class WrongFile(Exception):
    """The named file cannot be used for this; nothing was done."""


class BackupFailed(Exception):
    """The attempt failed: no file was created, and the database is as empty as before."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied: the number of cases and the revision of the schema."""

    cases: int
    revision: str


def backup(url: str, file: Path) -> Copy:
    """Write the database at `url`, which may be in use, to a new `file` that only we can read.

    The file holds one snapshot. Raises `WrongDatabase`, `WrongFile`, `BackupFailed`, or `Unavailable` when the database
    does not answer.
    """
    if os.path.lexists(file):
        raise WrongFile("already exists and is not overwritten")
    write = _sqlite_to_file if _is_sqlite(url) else _postgresql_to_file
    return _reporting_failures(write, url, file)


def restore(url: str, file: Path) -> Copy:
    """Restore `file` into the database at `url`, which must be empty. Raises the same errors as `backup`."""
    kind, wanted = _kind(file), "SQLite" if _is_sqlite(url) else "PostgreSQL"
    if kind != wanted:
        raise WrongFile(f"is a backup of {kind}, the database to restore into is {wanted}")
    read = _file_to_sqlite if _is_sqlite(url) else _file_to_postgresql
    return _reporting_failures(read, url, file)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open the existing database at `url`. Raises `WrongDatabase` if there is none, rather than creating it."""
    if _is_sqlite(url):
        _existing(_path(url))
    try:
        database = Database(url)
    except ImportError:
        raise WrongDatabase("PostgreSQL needs one more package: pip install 'faultdesk[postgres]'") from None
    except (ArgumentError, ValueError):  # its message may contain the password
        raise WrongDatabase("is not a database URL") from None
    try:
        yield database
    finally:
        database.close()


def revision(database: Database) -> str | None:
    """Return the revision of a database's schema; None if it has none of our tables. Raises `Unavailable`."""
    with database.read() as session:
        return _revision(session.connection())


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _reporting_failures(work: Callable[[str, Path], Copy], url: str, file: Path) -> Copy:
    """Run the work and turn the errors of SQLite, a program or the system into `BackupFailed`."""
    try:
        return work(url, file)
    except (sqlite3.Error, ProgramFailed) as error:
        raise BackupFailed(str(error)) from error
    except OSError as error:
        raise BackupFailed(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error


# The file


@contextmanager
def _atomic_file(file: Path) -> Iterator[Path]:
    """Create a private file beside `file` that gets its name when the block succeeds and is deleted otherwise."""
    handle, name = tempfile.mkstemp(".partial", f".{file.name}.", file.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _kind(file: Path) -> str:
    """Return the kind of database that the file is a backup of."""
    try:
        with file.open("rb") as opened_file:
            beginning = opened_file.read(16)
    except OSError as error:
        raise WrongFile(f"cannot be read: {error.strerror}") from None
    for begins, kind in KINDS.items():
        if beginning.startswith(begins):
            return kind
    raise WrongFile("is not a backup: neither an SQLite file nor one in pg_dump's custom format")


def _required_known(found: str | None) -> str:
    """Return the revision of a backup. Raises `WrongFile` if this code does not know it."""
    if found is None:
        raise WrongFile("is not a backup of Faultdesk")
    if found not in {known.revision for known in ScriptDirectory(str(migrations.HERE)).walk_revisions()}:
        raise WrongFile(f"has a newer schema ({found}) than this Faultdesk ({migrations.head()}); install a newer one")
    return found


# SQLite


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _path(url: str) -> Path:
    """Return the file of the database."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise WrongDatabase("is in memory; name a file or a server")
    return Path(name)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise WrongDatabase(f"there is no database at {path}")
    return path


def _sqlite_to_file(url: str, file: Path) -> Copy:
    # opened for writing, because only then SQLite applies and removes the log that a killed process left
    source = sqlite3.connect(f"{_existing(_path(url)).resolve().as_uri()}?mode=rw", uri=True)
    with closing(source), _atomic_file(file) as partial:
        found, cases = _copied(source, partial)
        if found is None:
            raise WrongDatabase("has no tables yet; run: faultdesk migrate")
        return Copy(cases, found)


def _file_to_sqlite(url: str, file: Path) -> Copy:
    path = _path(url)
    _require_empty(path)
    target = Database(url)
    try:
        target.take_ownership()
        with closing(_open_read_only(file)) as source, _atomic_file(path) as partial:
            found, cases = _copied(source, partial)
            return Copy(cases, _required_known(found))
    except InUse:
        raise WrongDatabase(f"{path} is in use by another process; stop the bot first") from None
    finally:
        target.close()


def _copied(source: sqlite3.Connection, to: Path) -> tuple[str | None, int]:
    """Copy a snapshot of the database while others write; return its revision (None: no tables of ours) and cases."""
    with closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one plain file, readable in a read-only folder too
        damage = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if damage != "ok":
            raise BackupFailed(f"damaged: {' '.join(damage.split())}")
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None, 0
        row = copy.execute("SELECT version_num, (SELECT count(*) FROM cases) FROM alembic_version").fetchone()
        return row or (None, 0)


def _open_read_only(path: Path) -> sqlite3.Connection:
    """Open the file read-only, without creating files beside it."""
    alone = not any(_pending_logs(path))
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if alone else ''}", uri=True)


def _pending_logs(path: Path) -> list[Path]:
    """Return log files that SQLite has not yet applied to the database."""
    beside = (path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal"))
    return [one for one in beside if one.exists() and one.stat().st_size]


def _require_empty(path: Path) -> None:
    if not path.parent.is_dir():
        raise WrongDatabase(f"there is no folder {path.parent}")
    if os.path.lexists(path):
        try:
            with closing(_open_read_only(path)) as there:
                tables = there.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.Error as error:
            raise WrongDatabase(f"{path} was not changed: {error}") from None
        if tables:
            raise WrongDatabase(f"{path} is not empty; restore into a new file")
    # SQLite would apply an old log to the new file
    for left in _pending_logs(path):
        raise WrongDatabase(f"{left} belongs to another database; move it away")


# PostgreSQL


def _postgresql_to_file(url: str, file: Path) -> Copy:
    with opened(url) as database, database.read() as session, _atomic_file(file) as partial:
        found = _revision(session.connection())
        if found is None:
            raise WrongDatabase("has no tables yet; run: faultdesk migrate")
        # this idle transaction holds the snapshot for pg_dump; the server would end it after a minute
        session.connection().execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        moment = session.connection().scalar(text("SELECT pg_export_snapshot()"))
        cases = session.exec(select(func.count()).select_from(Case)).one()
        wanted = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={partial}")
        run("pg_dump", *wanted, url=url)
        return Copy(cases, found)


def _file_to_postgresql(url: str, file: Path) -> Copy:
    copied = run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    row = _COPIED_REVISION.search(copied)
    found = _required_known(row[1] if row else None)
    with opened(url) as database:
        with database.read() as session:
            _require_no_tables(session.connection())
        wanted = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
        run("pg_restore", *wanted, url=url)
        with database.read() as session:
            return Copy(session.exec(select(func.count()).select_from(Case)).one(), found)


def _require_no_tables(connection: Connection) -> None:
    there = inspect(connection)
    for schema in there.get_schema_names():
        if schema != "information_schema" and there.get_table_names(schema):
            raise WrongDatabase("is not empty; restore into a new database")
