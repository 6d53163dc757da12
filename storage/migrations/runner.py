"""Runs migrations with Alembic."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from storage.concurrent_insert import one_at_a_time
from storage.tables import METADATA

_HERE = Path(__file__).parent
#: What is raised for a database whose schema this code does not know.
Failed = CommandError


def config(connection: Connection | None = None) -> Config:
    """Return what Alembic needs to know to run migrations on this connection."""
    made = Config()
    made.set_main_option("script_location", str(_HERE))
    made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine) -> None:
    """Upgrade as `storage.migrations.upgrade` says. Raises `Failed`."""
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            for limit in ("lock_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
        one_at_a_time(connection, "migrations")
        command.upgrade(config(connection), "head")


def differences(engine: Engine) -> list[str]:
    """Return the differences between a database and the tables."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, METADATA)]
