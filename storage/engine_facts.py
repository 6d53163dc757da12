"""What kind of database there is, whether it exists, and whether it keeps what was committed."""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url, text
from sqlmodel import Session

from storage.database import Database


class EngineFacts(NamedTuple):
    """The database as it runs.

    `is_durable`: a power cut loses no commit. `is_standby`: it is a copy that cannot be written to.
    """

    name: str
    version: str
    is_durable: bool
    is_standby: bool = False


def place_of(database: Database) -> str:
    """Return the path of an SQLite file, or the name of a database of a server."""
    name = make_url(database.url).database or ""
    return str(Path(name).absolute()) if database.is_sqlite else name


def missing_file(database: Database) -> Path | None:
    """Return the SQLite file if it does not exist; opening the database would make an empty one."""
    file = Path(place_of(database))
    return file if database.is_sqlite and not file.exists() else None


def facts_of(session: Session) -> EngineFacts:
    """Return what the database says of itself."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        version = connection.scalar(text("SELECT sqlite_version()"))
        return EngineFacts("SQLite", str(version), connection.scalar(text("PRAGMA synchronous")) in (2, 3))
    asked = text(
        "SELECT current_setting('server_version'), current_setting('fsync') = 'on' "
        "AND current_setting('synchronous_commit') <> 'off', pg_is_in_recovery()"
    )
    version, is_durable, is_standby = connection.execute(asked).one()
    return EngineFacts("PostgreSQL", str(version), bool(is_durable), bool(is_standby))
