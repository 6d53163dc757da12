"""Alembic's entry point. It runs on the connection that `storage.migrations` passes in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Enum
from sqlmodel import AutoString

from storage.columns import Moment
from storage.tables import METADATA


def plainly(kind: str, column_type: Any, _context: Any) -> str | Literal[False]:
    """Render our own column types in migrations as the types they have in the database."""
    if kind == "type" and isinstance(column_type, (Enum, AutoString)):
        return f"sa.String(length={column_type.length})" if column_type.length else "sa.String()"
    return "sa.DateTime(timezone=True)" if isinstance(column_type, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=plainly,
)
with context.begin_transaction():
    context.run_migrations()
