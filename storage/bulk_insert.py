"""Inserts many rows at once, as a sweep of reminders does for hundreds of cases."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnDefault, Connection, Table, insert
from sqlalchemy.exc import DBAPIError

from storage.columns import writer
from storage.unavailable import is_of_standby

_Rows = Sequence[Mapping[str, Any]]
#: PostgreSQL takes this number of rows faster by COPY than one after the other.
_MANY = 10


def insert_all(connection: Connection, table: Table, rows: _Rows) -> None:
    """Insert rows that all have the same columns. The others get their defaults."""
    if connection.dialect.name == "postgresql" and len(rows) >= _MANY:
        _copy(connection, table, rows)
    else:
        connection.execute(_insert(table), rows)


@cache
def _insert(table: Table) -> Any:
    """Return the statement. It is built once, because building it takes longer than running it."""
    return insert(table)


def _copy(connection: Connection, table: Table, rows: _Rows) -> None:
    """Insert rows by COPY. Errors are raised as those of any other statement."""
    defaults = {one.name: one.default.arg for one in table.columns if isinstance(one.default, ColumnDefault)}
    columns = [column for column in table.columns if column.name in rows[0] or column.name in defaults]
    writers = [(column.name, writer(column, connection.dialect)) for column in columns]
    statement = f"COPY {table.name} ({', '.join(column.name for column in columns)}) FROM STDIN"
    driver, cursor = connection.dialect.loaded_dbapi, cast(Any, connection.connection.cursor())
    try:
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                whole = {**defaults, **row}
                copy.write_row([write(whole[name]) for name, write in writers])
    except driver.Error as error:
        broken = connection.dialect.is_disconnect(error, cast(Any, connection.connection.dbapi_connection), None)
        lost = broken or is_of_standby(error)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, driver.Error, connection_invalidated=lost, dialect=connection.dialect
        ) from error
