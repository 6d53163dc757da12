"""What SQLite and PostgreSQL say in different words: moments as seconds, and answers inside JSON text."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Float, cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class seconds(FunctionElement[int]):  # noqa: N801 - reads as the function that it is
    """A moment as whole seconds since 1970; what is less than a second is cut off."""

    type = BigInteger()
    inherit_cache = True


class _AsJson(FunctionElement[Any]):
    """Text of which the database is told that it is JSON."""

    type = JSON()
    inherit_cache = True


def number(text: ColumnElement[str], key: str) -> ColumnElement[float]:
    """The number that the JSON object in `text` has under `key`, also where it is written as a word ("5")."""
    return cast(_AsJson(text)[key].as_string(), Float)


def _argument(element: FunctionElement[Any], compiler: SQLCompiler) -> str:
    return compiler.process(element.clauses)


@compiles(seconds, "sqlite")
def _seconds_on_sqlite(element: seconds, compiler: SQLCompiler, **_more: Any) -> str:
    return f"CAST(strftime('%s', substr({_argument(element, compiler)}, 1, 19)) AS INTEGER)"


@compiles(seconds, "postgresql")
def _seconds_on_postgresql(element: seconds, compiler: SQLCompiler, **_more: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {_argument(element, compiler)})) AS BIGINT)"


@compiles(_AsJson, "sqlite")
def _json_on_sqlite(element: _AsJson, compiler: SQLCompiler, **_more: Any) -> str:
    return _argument(element, compiler)


@compiles(_AsJson, "postgresql")
def _json_on_postgresql(element: _AsJson, compiler: SQLCompiler, **_more: Any) -> str:
    return f"CAST({_argument(element, compiler)} AS JSONB)"
