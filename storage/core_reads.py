"""Reads columns without the ORM, which costs as much again as the statement. For what every request reads."""

from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlmodel import Session


def read(session: Session, statement: Executable, **parameters: Any) -> CursorResult[*tuple[Any, ...]]:
    """Return the rows of a statement that was built once, after what is pending in the session was written."""
    session.flush()
    return session.connection().execute(statement, parameters)
