"""Tampering by somebody who has direct access to the database."""

from sqlalchemy import text

from storage.database import Database


def tamper(database: Database, *statements: str) -> None:
    """Run statements that no step would run.

    The guards are switched off first. On SQLite their triggers stay dropped.
    """
    with database.engine.execution_options(writes=True).begin() as connection:
        if database.is_sqlite:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
