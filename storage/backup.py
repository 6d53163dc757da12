"""Backup and restore: the whole store as one file, taken while it is in use, put back only where nothing is.

A backup of SQLite is an SQLite file; one of PostgreSQL is what `pg_dump` calls its custom format.
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
from storage.pg_programs import ProgramFailed, run
from storage.tables import Case
from storage.unavailable import InUse

#: How files of each kind begin.
KINDS = {b"SQLite format 3\0": "SQLite", b"PGDMP": "PostgreSQL"}
_COPIED_REVISION = re.compile(r"^COPY [^\n]*\balembic_version [^\n]*\n(\w+)$", re.MULTILINE)


class WrongDatabase(Exception):
    """This cannot be done with the database that was named; nothing was done."""


class WrongFile(Exception):
    """This cannot be done with the file that was named; nothing was done."""


class Failed(Exception):
    """It was tried and did not succeed: no file was made, the database is as empty as it was."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied: how many cases, at which revision of the schema."""

    cases: int
    revision: str


def backup(url: str, file: Path) -> Copy:
    """Write the database at `url` to a new `file` for our eyes only. It may be in use: the file holds one moment.

    Raises `WrongDatabase`, `WrongFile`, `Failed`, or `Unavailable` when the database does not answer.
    """
    if os.path.lexists(file):
        raise WrongFile("exists already, and is not overwritten")
    write = _sqlite_to_file if _is_sqlite(url) else _postgresql_to_file
    return _told(write, url, file)


def restore(url: str, file: Path) -> Copy:
    """Bring what `file` holds into the database at `url`, which must be empty. Raises what `backup` raises."""
    kind, wanted = _kind(file), "SQLite" if _is_sqlite(url) else "PostgreSQL"
    if kind != wanted:
        raise WrongFile(f"is a backup of {kind}, the database to restore into is {wanted}")
    read = _file_to_sqlite if _is_sqlite(url) else _file_to_postgresql
    return _told(read, url, file)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at `url`, which is there or else `WrongDatabase`: none is made by looking at it."""
    if _is_sqlite(url):
        _existing(_path(url))
    try:
        database = Database(url)
    except ImportError:
        raise WrongDatabase("PostgreSQL needs one more package: pip install 'faultdesk[postgres]'") from None
    except (ArgumentError, ValueError):  # whose words may quote the password
        raise WrongDatabase("is no address of a database") from None
    try:
        yield database
    finally:
        database.close()


def revision(database: Database) -> str | None:
    """The revision of a database's schema; None while it has no tables of ours. Raises `Unavailable`."""
    with database.read() as session:
        return _revision(session.connection())


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _told(work: Callable[[str, Path], Copy], url: str, file: Path) -> Copy:
    """Do it, and say in our words how SQLite, a program or the system failed."""
    try:
        return work(url, file)
    except (sqlite3.Error, ProgramFailed) as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}" if error.filename else str(error)) from error


# The file


@contextmanager
def _appearing(file: Path) -> Iterator[Path]:
    """A new file beside `file`, for our eyes only, that takes its name when the block succeeds; else it is gone."""
    handle, name = tempfile.mkstemp(".partial", f".{file.name}.", file.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _kind(file: Path) -> str:
    """Of which database the file is a backup."""
    try:
        with file.open("rb") as opened_file:
            beginning = opened_file.read(16)
    except OSError as error:
        raise WrongFile(f"cannot be read: {error.strerror}") from None
    for begins, kind in KINDS.items():
        if beginning.startswith(begins):
            return kind
    raise WrongFile("is no backup: it is neither an SQLite file nor one in pg_dump's custom format")


def _required_known(found: str | None) -> str:
    """The revision of a backup, if this code knows it."""
    if found is None:
        raise WrongFile("is no backup of Faultdesk")
    if found not in {known.revision for known in ScriptDirectory(str(migrations.HERE)).walk_revisions()}:
        raise WrongFile(f"has a newer schema ({found}) than this Faultdesk ({migrations.head()}); install a newer one")
    return found


# SQLite


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _path(url: str) -> Path:
    """The file of the database."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise WrongDatabase("is in memory, which ends with the process")
    return Path(name)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise WrongDatabase(f"there is no database at {path}")
    return path


def _sqlite_to_file(url: str, file: Path) -> Copy:
    # to write is asked for because only so SQLite takes in, and clears away, the log of a bot that was killed
    source = sqlite3.connect(f"{_existing(_path(url)).resolve().as_uri()}?mode=rw", uri=True)
    with closing(source), _appearing(file) as partial:
        found, cases = _copied(source, partial)
        if found is None:
            raise WrongDatabase("has no tables yet; run: faultdesk migrate")
        return Copy(cases, found)


def _file_to_sqlite(url: str, file: Path) -> Copy:
    path = _path(url)
    _require_empty(path)
    target = Database(url)
    try:
        target.occupy()
        with closing(_untouched(file)) as source, _appearing(path) as partial:
            found, cases = _copied(source, partial)
            return Copy(cases, _required_known(found))
    except InUse:
        raise WrongDatabase(f"{path} is in use by another process; stop the bot first") from None
    finally:
        target.close()


def _copied(source: sqlite3.Connection, to: Path) -> tuple[str | None, int]:
    """Copy a moment of the database whole, while others write; its revision (None: no tables of ours) and cases."""
    with closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one plain file, to be read where nothing can be written, too
        damage = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if damage != "ok":
            raise Failed(f"damaged: {' '.join(damage.split())}")
        if not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None, 0
        row = copy.execute("SELECT version_num, (SELECT count(*) FROM cases) FROM alembic_version").fetchone()
        return row or (None, 0)


def _untouched(path: Path) -> sqlite3.Connection:
    """The file to be read, without a trace beside it."""
    alone = not any(_left_beside(path))
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if alone else ''}", uri=True)


def _left_beside(path: Path) -> list[Path]:
    """What SQLite has not yet brought into the file."""
    beside = (path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-journal"))
    return [one for one in beside if one.exists() and one.stat().st_size]


def _require_empty(path: Path) -> None:
    if not path.parent.is_dir():
        raise WrongDatabase(f"there is no folder {path.parent}")
    if os.path.lexists(path):
        try:
            with closing(_untouched(path)) as there:
                tables = there.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except sqlite3.Error as error:
            raise WrongDatabase(f"{path} is left as it is: {error}") from None
        if tables:
            raise WrongDatabase(f"{path} is not empty; restore into a new file")
    # SQLite would play an old log into the new file
    for left in _left_beside(path):
        raise WrongDatabase(f"{left} belongs to another database; move it away")


# PostgreSQL


def _postgresql_to_file(url: str, file: Path) -> Copy:
    with opened(url) as database, database.read() as session, _appearing(file) as partial:
        found = _revision(session.connection())
        if found is None:
            raise WrongDatabase("has no tables yet; run: faultdesk migrate")
        # this transaction waits for pg_dump, which reads the same moment; the server would end it after a minute
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
