"""The shape of a fact: one row per thing that a measure counts, with its case.

A fact has a `part` (NULL where the measure has none), the `case_id` behind it, and an `amount` (seconds, rounds, hours,
a score). `counted` puts it into the numerator, `based` into the denominator.
"""

from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, Select, Text, case, cast, null, select, true

from storage.dialects import seconds


def facts(
    case_id: ColumnElement[int],
    *,
    part: Any = None,
    amount: Any = 0,
    counted: ColumnElement[bool] | None = None,
    based: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """Return a query for facts of these cases. By default each fact is in both numerator and denominator."""
    return select(
        case_id.label("case_id"),
        cast(null() if part is None else part, Text).label("part"),
        cast(amount, Float).label("amount"),
        _flag(counted).label("counted"),
        _flag(based).label("based"),
    )


def _flag(condition: ColumnElement[bool] | None) -> ColumnElement[int]:
    return cast(case((true() if condition is None else condition, 1), else_=0), Integer)


def elapsed(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the seconds between two moments, each truncated to the second."""
    return seconds(end) - seconds(start)
