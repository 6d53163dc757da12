"""SQL that differs between SQLite and PostgreSQL: moments as seconds, values in JSON text, long lists of ids."""

import json
from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    TableValuedAlias,
    Text,
    cast,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class seconds(FunctionElement[int]):  # noqa: N801 - reads as the function that it is
    """A moment as whole seconds since 1970; fractions are cut off."""

    type = BigInteger()
    inherit_cache = True


class _AsJson(FunctionElement[Any]):
    """Text that the database treats as JSON."""

    type = JSON()
    inherit_cache = True


class _Elements(FunctionElement[Any]):
    """The elements of a JSON list in text, as rows with the column `value`."""

    inherit_cache = True


class whole_number(FunctionElement[int]):  # noqa: N801 - reads as the function that it is
    """The whole number under a key (the second argument) of the JSON object in a text (the first)."""

    type = Integer()
    inherit_cache = True


class gathered(FunctionElement[list[Any]]):  # noqa: N801 - reads as the function that it is
    """All values of a column as one list, which costs much less than as many rows."""

    type = JSON()
    inherit_cache = True


def as_list(ids: Iterable[int | None]) -> str:
    """Return these ids as one parameter."""
    return json.dumps(list(ids))


def listed(ids: Iterable[int] | ColumnElement[str]) -> Select[tuple[int]]:
    """Return a query of these ids, of which there may be more than a statement may have parameters.

    A statement that is built before the ids are known takes a parameter instead, whose value is `as_list`.
    """
    text = ids if isinstance(ids, ColumnElement) else literal(as_list(ids), Text)
    return select(cast(elements(text).c.value, Integer))


def elements(text: ColumnElement[str]) -> TableValuedAlias:
    """Return the elements of a JSON list in a text as rows with the column `value`."""
    return _Elements(text).table_valued("value")


def number(text: ColumnElement[str], key: str) -> ColumnElement[float]:
    """Return the number under `key` of the JSON object in `text`, also where it is stored as text ("5")."""
    return cast(_AsJson(text)[key].as_string(), Float)


#: The SQL of each function by dialect; `{0}` is its first argument.
_WORDS: dict[type[FunctionElement[Any]], dict[str, str]] = {
    seconds: {
        "sqlite": "CAST(strftime('%s', substr({0}, 1, 19)) AS INTEGER)",
        "postgresql": "CAST(floor(extract(epoch FROM {0})) AS BIGINT)",
    },
    whole_number: {
        "sqlite": "CAST(CASE WHEN json_valid({0}) THEN json_extract({0}, '$.' || {1}) END AS INTEGER)",
        "postgresql": "CAST(CAST({0} AS JSONB) ->> {1} AS INTEGER)",
    },
    gathered: {"sqlite": "json_group_array({0})", "postgresql": "json_agg({0})"},
    _AsJson: {"sqlite": "CASE WHEN json_valid({0}) THEN {0} END", "postgresql": "CAST({0} AS JSONB)"},
    _Elements: {"sqlite": "json_each({0})", "postgresql": "json_array_elements_text(CAST({0} AS JSON))"},
}


def _compiled(words: str, element: FunctionElement[Any], compiler: SQLCompiler, **_more: Any) -> str:
    return words.format(*(compiler.process(argument) for argument in element.clauses))


for _element, _dialects in _WORDS.items():
    for _dialect, _words in _dialects.items():
        compiles(_element, _dialect)(partial(_compiled, _words))
