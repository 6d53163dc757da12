"""Backup and restore: the whole database as one file, written while it is in use, restored only into an empty one.

A backup of SQLite is an SQLite file; one of PostgreSQL is in the custom format of `pg_dump`. Both end with a checksum.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, func, inspect, make_url, text
from sqlmodel import select

from storage import migrations
from storage.backup_file import BackupFailed, WrongDatabase, WrongFile, checksum_holds, kind, seal
from storage.database import Database
from storage.postgresql_programs import ProgramFailed, run
from storage.private_files import atomic_file
from storage.tables import Case
from storage.unavailable import InUse

__all__ = ["BackupFailed", "Copy", "WrongDatabase", "WrongFile", "backup", "opened", "restore", "revision"]

_COPIED_REVISION = re.compile(r"^COPY [^\n]*\balembic_version [^\n]*\n(\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied: the number of cases and the revision of the schema.

    `is_checked` is False for a restored backup without a checksum, as earlier versions and other programs write it.
    """

    cases: int
    revision: str
    is_checked: bool = True


def backup(url: str, file: Path) -> Copy:
    """Write the database at `url`, which may be in use, to a new `file` that only we can read.

    The file holds one snapshot. Raises `WrongDatabase`, `WrongFile`, `BackupFailed`, or `Unavailable` when the database
    does not answer.
    """
    if os.path.lexists(file):
        raise WrongFile("already exists and is not overwritten")
    write = _sqlite_to_file if _is_sqlite(url) else _postgresql_to_file
    return _reporting_failures(write, url, file)


def restore(url: str, file: Path, prepare: Callable[[Database], None]) -> Copy:
    """Restore `file` into the database at `url`, which must be empty and in use by nobody.

    `prepare` makes the restored database ready for use, before others find it there. Raises the same errors as
    `backup`.
    """
    found, wanted = kind(file), "SQLite" if _is_sqlite(url) else "PostgreSQL"
    if found != wanted:
        raise WrongFile(f"is a backup of {found}, the database to restore into is {wanted}")
    is_checked = checksum_holds(file)
    read = partial(_file_to_sqlite if _is_sqlite(url) else _file_to_postgresql, prepare=prepare)
    return replace(_reporting_failures(read, url, file), is_checked=is_checked)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open the existing database at `url`. Raises `WrongDatabase` if there is none, rather than creating it.

    Raises `UnusableURL` if there can be none.
    """
    immutable = _is_sqlite(url) and _is_immutable(_existing(_path(url)))
    database = Database(url, immutable=immutable)
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


def _required_known(found: str | None) -> str:
    """Return the revision of a backup. Raises `WrongFile` if this code does not know it."""
    if found is None:
        raise WrongFile("is not a backup of Faultdesk")
    if found not in migrations.revisions():
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


def _is_immutable(path: Path) -> bool:
    """Return whether the database lies where nothing can be written, so that nobody changes it.

    Raises `WrongDatabase` if its log is there as well: SQLite could not apply it.
    """
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return False
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        raise WrongDatabase(
            f"{path} is read-only and was not closed cleanly; copy it with {log.name} to a folder that can be written"
        )
    return True


def _sqlite_to_file(url: str, file: Path) -> Copy:
    path = _existing(_path(url))
    # opened for writing if possible, because only then SQLite applies and removes the log that a killed process left
    how = "mode=ro&immutable=1" if _is_immutable(path) else "mode=rw"
    source = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)
    with closing(source), atomic_file(file) as made:
        found, cases = _copied(source, made)
        if found is None:
            raise WrongDatabase("has no tables yet; run: faultdesk migrate")
        seal(made)
        return Copy(cases, found)


def _file_to_sqlite(url: str, file: Path, prepare: Callable[[Database], None]) -> Copy:
    path = _path(url)
    _require_empty(path)
    target = Database(url)
    try:
        target.take_ownership()
        with closing(_open_read_only(file)) as source, atomic_file(path) as made:
            found, cases = _copied(source, made)
            restored = Copy(cases, _required_known(found))
            with opened(f"sqlite:///{made}") as database:
                prepare(database)
            return restored
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
    with opened(url) as database, database.read() as session, atomic_file(file) as made:
        found = _revision(session.connection())
        if found is None:
            raise WrongDatabase("has no tables yet; run: faultdesk migrate")
        # this idle transaction holds the snapshot for pg_dump; the server would end it after a minute
        session.connection().execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        moment = session.connection().scalar(text("SELECT pg_export_snapshot()"))
        cases = session.exec(select(func.count()).select_from(Case)).one()
        wanted = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={made}")
        run("pg_dump", *wanted, url=url)
        seal(made)
        return Copy(cases, found)


def _file_to_postgresql(url: str, file: Path, prepare: Callable[[Database], None]) -> Copy:
    copied = run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    row = _COPIED_REVISION.search(copied)
    found = _required_known(row[1] if row else None)
    with opened(url) as database:
        with database.read() as session:
            _require_no_tables(session.connection())
            _require_nobody_else(session.connection())
        wanted = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
        run("pg_restore", *wanted, url=url)
        prepare(database)
        with database.read() as session:
            return Copy(session.exec(select(func.count()).select_from(Case)).one(), found)


def _require_nobody_else(connection: Connection) -> None:
    """Refuse while another process is connected, which would find the database before it is ready for use."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    if connection.scalar(others):
        raise WrongDatabase("is in use by another process; stop the bot first")


def _require_no_tables(connection: Connection) -> None:
    there = inspect(connection)
    for schema in there.get_schema_names():
        if schema != "information_schema" and there.get_table_names(schema):
            raise WrongDatabase("is not empty; restore into a new database")
