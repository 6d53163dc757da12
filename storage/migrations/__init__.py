"""Which schema a database has, and bringing it to the current one.

Alembic is loaded only where a database is really changed or compared: it takes a tenth of the memory of a process.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

HERE = Path(__file__).parent
_FOUND = text("SELECT version_num FROM alembic_version")


class CannotUpgrade(Exception):
    """The database has a schema that this code does not know."""


@cache
def revisions() -> tuple[str, ...]:
    """Return the revisions that this code knows, oldest first: the numbers with which the files of migrations begin."""
    return tuple(sorted(file.name.partition("_")[0] for file in (HERE / "versions").glob("[0-9]*.py")))


def head() -> str:
    """Return the newest revision that this code knows."""
    return revisions()[-1]


def current(engine: Engine) -> str | None:
    """Return the revision of a database; None while it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(_FOUND).scalar_one_or_none()


def is_current(engine: Engine) -> bool:
    """Return whether a database has the schema of this code."""
    return current(engine) == head()


def upgrade(engine: Engine) -> None:
    """Upgrade the database to the newest revision in one transaction, so that an interruption changes nothing.

    A process that begins while another one upgrades waits for it, however long that takes. Raises `CannotUpgrade`.
    """
    if not is_current(engine):
        from storage.migrations import runner

        try:
            runner.upgrade(engine)
        except runner.Failed as error:
            raise CannotUpgrade(str(error)) from error


def differences(engine: Engine) -> list[str]:
    """Return the differences between the migrated database and the tables; none when the migrations are complete."""
    from storage.migrations import runner

    return runner.differences(engine)
