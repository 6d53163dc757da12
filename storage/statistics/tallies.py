"""Facts added up: one statement for all measures, so that each history is read once."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, case, cast, func, literal, null, select, union_all
from sqlmodel import Session

from storage.statistics.facts import FACTS
from storage.statistics.ledger import Ledger, Scope

#: Measures whose amounts are also put in order, for median and p90.
RANKED = frozenset({"M5", "M7"})


class Side(StrEnum):
    """The two numbers of a measure, as the columns of a fact."""

    NUMERATOR = "counted"
    DENOMINATOR = "based"


@dataclass(frozen=True, slots=True)
class Tally:
    """The facts of one part of one measure: how many, how many in each number, and what their amounts come to.

    `p90` is the smallest amount that at least nine in ten do not exceed.
    """

    measure: str
    part: str | None
    facts: int
    counted: int
    based: int
    amount: float
    median: float | None
    p90: float | None


def tallies(session: Session, scope: Scope, measures: Sequence[str] = tuple(FACTS)) -> list[Tally]:
    """The tallies of these measures; a part of which there are no facts is not among them."""
    ledger = Ledger(scope)
    rows = session.connection().execute(union_all(*(_tally(measure, ledger) for measure in measures)))
    return [Tally(*row) for row in rows]


def case_ids(
    session: Session, scope: Scope, measure: str, side: Side, *, part: str | None = None, whole: bool = False
) -> list[int]:
    """The cases behind one number of a measure, in order: of this part of it, or of the whole."""
    facts = FACTS[measure](Ledger(scope)).subquery("facts").c
    query = select(facts.case_id).distinct().where(facts[side] == 1).order_by(facts.case_id)
    if not whole:
        query = query.where(facts.part.is_not_distinct_from(part))
    return list(session.connection().execute(query).scalars())


def _tally(measure: str, ledger: Ledger) -> Select[Any]:
    facts = FACTS[measure](ledger).subquery()
    median: ColumnElement[Any] = cast(null(), Float)
    p90: ColumnElement[Any] = cast(null(), Float)
    if measure in RANKED:
        facts = _ranked(facts)
        middle = (2 * facts.c.place).between(facts.c.size, facts.c.size + 2)
        median = func.avg(case((middle, facts.c.amount)))
        p90 = func.min(case((10 * facts.c.place >= 9 * facts.c.size, facts.c.amount)))
    sums = (func.sum(facts.c[name]) for name in ("counted", "based", "amount"))
    totals = select(literal(measure), facts.c.part, func.count(), *sums, median, p90)
    return totals.group_by(facts.c.part)


def _ranked(facts: Any) -> Any:
    """The facts with their place in the order of amounts, and how many there are."""
    within = {"partition_by": facts.c.part}
    place = func.row_number().over(order_by=(facts.c.amount, facts.c.case_id), **within)
    return select(*facts.c, place.label("place"), func.count().over(**within).label("size")).subquery()
