"""Inserts a row that another transaction may be inserting at the same time."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

#: Only PostgreSQL needs it: SQLite lets one transaction write at a time.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:subject))")
_SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtext(:subject))")
_KINDS: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_new(session: Session, table: type[SQLModel], **values: Any) -> bool:
    """Insert a row unless one with the same key exists; return whether it was inserted.

    If another transaction is inserting the same key, the call waits until that transaction ends.
    """
    connection = session.connection()
    return connection.execute(_statement(connection.dialect.name, table), values).rowcount == 1


@cache
def _statement(dialect: str, table: type[SQLModel]) -> Insert:
    statement: Insert = _KINDS[dialect](table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return statement


def one_at_a_time(connection: Connection, subject: str) -> None:
    """Wait until no other transaction works on this subject, and make others wait until this one ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"subject": subject})


def together(connection: Connection, subject: str) -> None:
    """Wait until no other transaction works on this subject alone, and make those wait until this one ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SHARE, {"subject": subject})
