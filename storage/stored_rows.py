"""Reads and copies rows whose values may have been damaged, so that one damaged value does not hide the others."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    column,
    insert,
    select,
    type_coerce,
)
from sqlalchemy import table as bare_table
from sqlalchemy.orm import class_mapper
from sqlalchemy.types import NullType, TypeDecorator
from sqlmodel import Session, SQLModel

from storage.columns import Instant, Moment, writer

_Table = TypeVar("_Table", bound=SQLModel)


#: A value that no column may hold.
_DAMAGED = b"damaged"


class Damaged:
    """Stands for a stored value that no step can have written. It equals nothing, and shows nothing of the value."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return "damaged"


def read(
    session: Session, table: type[_Table], *chosen: ColumnElement[bool], order: Sequence[Any] = ()
) -> list[_Table]:
    """Return the chosen rows as objects that belong to no session; each unreadable value is `Damaged`."""
    columns = list(table.metadata.tables[str(table.__tablename__)].columns)
    names, make = [column.name for column in columns], class_mapper(table).class_manager.new_instance
    return [_filled(make(), names, row) for row in cells(session, columns, *chosen, order=order)]


def _filled(made: _Table, names: Sequence[str], row: Sequence[Any]) -> _Table:
    """Fill a new row as the database layer fills one that it loads, in a thirtieth of the time of the constructor."""
    vars(made).update(zip(names, row, strict=True))
    return made


def cells(
    session: Session,
    columns: Sequence[Column[Any]],
    *chosen: ColumnElement[bool],
    order: Sequence[Any] = (),
    distinct: bool = False,
) -> Iterator[tuple[Any, ...]]:
    """Yield these columns of the chosen rows of one table; each unreadable value is `Damaged`."""
    connection = session.connection()
    query = _selected(tuple(columns)).where(*chosen).order_by(*order)
    rows = connection.execute(query.distinct() if distinct else query)
    codes: list[Any] = [described[1] for described in rows.cursor.description]
    readers = [_reader(column, connection.dialect, code) for column, code in zip(columns, codes, strict=True)]
    for row in rows:
        yield tuple(read(value) for read, value in zip(readers, row, strict=True))


@cache
def _selected(columns: tuple[Column[Any], ...]) -> Select[Any]:
    """Return the statement for these columns. It is built once, because building takes longer than running it."""
    labelled: list[Any] = [type_coerce(column, NullType()).label(column.name) for column in columns]
    query: Select[Any] = select(*labelled)
    return query


@cache
def _reader(column: Column[Any], dialect: Dialect, code: Any) -> Callable[[Any], Any]:
    """Return what turns a value of the driver into one of the column. `code` is the driver's type of the value."""
    process = column.type.dialect_impl(dialect).result_processor(dialect, code)
    kind: Any = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    expected = datetime if isinstance(column.type, Moment | Instant) else kind.python_type

    def value_of(stored: Any) -> Any:
        if expected is bool and stored not in (None, 0, 1):
            return Damaged()
        try:
            value = process(stored) if process else stored
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
            return Damaged()
        return value if value is None or isinstance(value, expected) else Damaged()

    return value_of


def add(connection: Connection, rows: Iterable[SQLModel]) -> None:
    """Insert rows as `read` returns them into tables on SQLite. A damaged value is one that `read` finds damaged."""
    found: dict[type[SQLModel], list[dict[str, Any]]] = {}
    for row in rows:
        writers = _writers(type(row), connection.dialect)
        values = {name: write(getattr(row, name)) for name, write in writers.items()}
        found.setdefault(type(row), []).append(values)
    for kind, values_of_rows in found.items():
        connection.execute(_inserted(kind), values_of_rows)


@cache
def _inserted(kind: type[SQLModel]) -> Insert:
    """Return the statement without types, because values are converted before."""
    return insert(bare_table(str(kind.__tablename__), *(column(name) for name in kind.model_fields)))


@cache
def _writers(kind: type[SQLModel], dialect: Dialect) -> dict[str, Callable[[Any], Any]]:
    columns = kind.metadata.tables[str(kind.__tablename__)].columns
    return {one.name: _writer(one, dialect) for one in columns}


def _writer(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """Return what turns a value of the column, which may be damaged, into one of the driver."""
    write = writer(column, dialect)
    return lambda value: _DAMAGED if isinstance(value, Damaged) else write(value)
