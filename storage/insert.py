"""Adding a row that somebody else may be adding at the same moment."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

#: SQLite lets one transaction write at a time anyhow.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:subject))")
_KINDS: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_new(session: Session, table: type[SQLModel], **values: Any) -> bool:
    """Add a row unless one of the same key is there; whether it was added.

    A transaction that is adding the same waits for the end of the other, and then knows.
    """
    connection = session.connection()
    return connection.execute(_statement(connection.dialect.name, table), values).rowcount == 1


@cache
def _statement(dialect: str, table: type[SQLModel]) -> Insert:
    statement: Insert = _KINDS[dialect](table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return statement


def one_at_a_time(connection: Connection, subject: str) -> None:
    """Wait until no other transaction works on this subject, and keep others waiting until ours ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"subject": subject})
