"""Databases as earlier versions left them, with data: three ended cases and one that a reminder was sent for."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, RowMapping, create_engine, insert, select, text

from storage.database import Database
from storage.migrations import runner
from tests.support.long_values import long_unless

#: Written by the version before 0007: a question, a requirement, a fault in modification, a closed fault.
DUMP = Path(__file__).parent / "databases" / "revision_0006.sql"
#: Its closed fault.
CLOSED = 4
REVISIONS = tuple(f"{number:04}" for number in range(1, 26))
#: The same for `parametrize`. The oldest and the newest are tried in `make test`, all in `make test-long`.
EACH_REVISION = long_unless({REVISIONS[0], REVISIONS[-1]}, REVISIONS)


def restored(url: str, revision: str, folder: Path) -> Database:
    """Fill the empty database at `url` with the old data, and bring its schema to this revision."""
    source = folder / "dumped.db"
    with closing(sqlite3.connect(source)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    database = Database(url)
    with database.engine.execution_options(writes=True).begin() as connection:
        move(connection, "upgrade", "0006")
        _copy(source, connection)
        move(connection, "downgrade" if revision < "0006" else "upgrade", revision)
    return database


def move(connection: Connection, way: str, revision: str) -> None:
    """Bring the schema to this revision; `way` is "upgrade" or "downgrade"."""
    getattr(command, way)(runner.config(connection), revision)


def _copy(source: Path, target: Connection) -> None:
    """Copy all rows, table by table in the order of their references."""
    known, there = MetaData(), MetaData()
    known.reflect(target)
    with create_engine(f"sqlite:///{source}").connect() as old:
        there.reflect(old)
        for table in known.sorted_tables:
            if table.name == "alembic_version" or table.name not in there.tables:
                continue
            rows = [_aware(row) for row in old.execute(select(there.tables[table.name])).mappings()]
            rows.sort(key=lambda row: (row.get("master_id") is not None, row.get("about_id") is not None))
            if rows:
                target.execute(insert(table), rows)
            if target.dialect.name == "postgresql" and "id" in table.c and table.c.id.server_default is not None:
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                target.execute(text(f"SELECT setval({sequence}, max(id)) FROM {table.name}"))


def _aware(row: RowMapping) -> dict[str, Any]:
    """Return a row of SQLite with its moments in UTC."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}
