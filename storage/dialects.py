"""What SQLite and PostgreSQL say in different words: moments as seconds, answers inside JSON text, many at once."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Float, Integer, Select, Text, cast, literal, select
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


class _Elements(FunctionElement[Any]):
    """The rows of a list that is JSON text, in the column `value`."""

    inherit_cache = True


class gathered(FunctionElement[list[Any]]):  # noqa: N801 - reads as the function that it is
    """All values of a column as one list, which costs much less than as many rows."""

    type = JSON()
    inherit_cache = True


def as_list(ids: Iterable[int | None]) -> str:
    """These ids as one parameter."""
    return json.dumps(list(ids))


def listed(ids: Iterable[int] | ColumnElement[str]) -> Select[tuple[int]]:
    """These ids, of which there may be more than a statement may have parameters, as something to select from.

    A statement that is made before they are known has a parameter in their stead, which is handed `as_list`.
    """
    text = ids if isinstance(ids, ColumnElement) else literal(as_list(ids), Text)
    value = _Elements(text).table_valued("value").c.value
    return select(cast(value, Integer))


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


@compiles(gathered, "sqlite")
def _gathered_on_sqlite(element: gathered, compiler: SQLCompiler, **_more: Any) -> str:
    return f"json_group_array({_argument(element, compiler)})"


@compiles(gathered, "postgresql")
def _gathered_on_postgresql(element: gathered, compiler: SQLCompiler, **_more: Any) -> str:
    return f"json_agg({_argument(element, compiler)})"


@compiles(_AsJson, "sqlite")
def _json_on_sqlite(element: _AsJson, compiler: SQLCompiler, **_more: Any) -> str:
    text = _argument(element, compiler)
    return f"CASE WHEN json_valid({text}) THEN {text} END"


@compiles(_AsJson, "postgresql")
def _json_on_postgresql(element: _AsJson, compiler: SQLCompiler, **_more: Any) -> str:
    return f"CAST({_argument(element, compiler)} AS JSONB)"


@compiles(_Elements, "sqlite")
def _elements_on_sqlite(element: _Elements, compiler: SQLCompiler, **_more: Any) -> str:
    return f"json_each({_argument(element, compiler)})"


@compiles(_Elements, "postgresql")
def _elements_on_postgresql(element: _Elements, compiler: SQLCompiler, **_more: Any) -> str:
    return f"json_array_elements_text(CAST({_argument(element, compiler)} AS JSON))"
