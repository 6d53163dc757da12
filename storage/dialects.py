"""What SQLite and PostgreSQL say in different words: moments as seconds, answers inside JSON text, many at once."""

import json
from collections.abc import Iterable
from functools import partial
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


#: The words of each; `{0}` is what it is said of.
_WORDS: dict[type[FunctionElement[Any]], dict[str, str]] = {
    seconds: {
        "sqlite": "CAST(strftime('%s', substr({0}, 1, 19)) AS INTEGER)",
        "postgresql": "CAST(floor(extract(epoch FROM {0})) AS BIGINT)",
    },
    gathered: {"sqlite": "json_group_array({0})", "postgresql": "json_agg({0})"},
    _AsJson: {"sqlite": "CASE WHEN json_valid({0}) THEN {0} END", "postgresql": "CAST({0} AS JSONB)"},
    _Elements: {"sqlite": "json_each({0})", "postgresql": "json_array_elements_text(CAST({0} AS JSON))"},
}


def _said(words: str, element: FunctionElement[Any], compiler: SQLCompiler, **_more: Any) -> str:
    return words.format(compiler.process(element.clauses))


for _element, _dialects in _WORDS.items():
    for _dialect, _words in _dialects.items():
        compiles(_element, _dialect)(partial(_said, _words))
