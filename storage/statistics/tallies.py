"""Facts added up: those of settled cases as they are kept, those of the others from their histories."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union_all
from sqlmodel import Session

from storage import facts as kept
from storage.statistics.facts import FACTS
from storage.statistics.ledger import CASES, Ledger, Scope
from storage.vocabulary import END_STATES

#: Measures whose amounts are also put in order, for median and p90. They have no parts, and each fact both numbers.
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
    in_order = [measure for measure in measures if measure in RANKED]
    summed = [measure for measure in measures if measure not in RANKED]
    settled, told, connection = _settled(scope), _told(session, scope), session.connection()
    histories = union_all(
        *(_sums(measure, told) for measure in summed), *(_each(measure, told) for measure in in_order)
    )
    added = defaultdict[tuple[str, str | None], _Added](_Added)
    for measure, part, *numbers in chain(connection.execute(kept.sums(settled, summed)), connection.execute(histories)):
        added[measure, part].add(*numbers)
    for measure in in_order:
        if amounts := connection.execute(kept.amounts(settled, measure)).scalars().all():
            added[measure, None].add_each(amounts)
    return [numbers.tally(measure, part) for (measure, part), numbers in added.items()]


def case_ids(
    session: Session, scope: Scope, measure: str, side: Side, *, part: str | None = None, whole: bool = False
) -> list[int]:
    """The cases behind one number of a measure, in order: of this part of it, or of the whole."""
    settled = kept.facts(_settled(scope), [measure]).subquery("settled").c
    told = FACTS[measure](_told(session, scope)).subquery("told").c
    found = set[int]()
    for facts in (settled, told):
        query = select(facts.case_id).where(facts[side] == 1)
        if not whole:
            query = query.where(facts.part.is_not_distinct_from(part))
        found |= set(session.connection().execute(query).scalars())
    return sorted(found)


def spans(session: Session, scope: Scope, measure: str) -> list[tuple[datetime, datetime]]:
    """From the report to the end of each time of a ranked measure that begins with the report; aware UTC."""
    told = FACTS[measure](_told(session, scope)).subquery("told").c
    statements = (
        kept.spans(_settled(scope), measure),
        select(CASES.reported_at, told.amount).join_from(told.case_id.table, CASES.id.table, told.case_id == CASES.id),
    )
    found = (row for statement in statements for row in session.connection().execute(statement))
    return [(begun, begun + timedelta(seconds=amount)) for begun, amount in found]


def ranked(measure: str, amounts: Sequence[float]) -> Tally:
    """The tally of a ranked measure of these amounts."""
    added = _Added()
    added.add_each(amounts)
    return added.tally(measure, None)


class _Added:
    """What there is of one part of one measure; `amounts` has each by itself where they are to be ranked."""

    def __init__(self) -> None:
        self.facts = self.counted = self.based = 0
        self.amount = 0.0
        self.amounts: list[float] = []

    def add(self, facts: int, counted: int, based: int, amount: float) -> None:
        self.facts += facts
        self.counted += counted
        self.based += based
        self.amount += amount
        self.amounts.append(amount)

    def add_each(self, amounts: Sequence[float]) -> None:
        self.facts += len(amounts)
        self.counted += len(amounts)
        self.based += len(amounts)
        self.amount += sum(amounts)
        self.amounts += amounts

    def tally(self, measure: str, part: str | None) -> Tally:
        ranked = sorted(self.amounts) if measure in RANKED else []
        p90 = ranked[-(-9 * len(ranked) // 10) - 1] if ranked else None
        middle = median(ranked) if ranked else None
        return Tally(measure, part, self.facts, self.counted, self.based, self.amount, middle, p90)


def _settled(scope: Scope) -> list[ColumnElement[bool]]:
    """Which kept facts are within the scope."""
    return [*kept.within(scope.since, scope.until), *scope.of(kept.FACTS)]


def _told(session: Session, scope: Scope) -> Ledger:
    """The histories of all other cases that were open in the period or reported in it.

    Chosen first by themselves: how few they are, PostgreSQL would not guess. `entered_at` is the last move's moment.
    """
    ended_before = and_(CASES.state.in_(END_STATES), CASES.entered_at < scope.since)
    told = [CASES.reported_at < scope.until, ~ended_before, kept.apart(scope.since, scope.until), *scope.of(CASES)]
    return Ledger(scope, session.connection().execute(select(CASES.id).where(*told)).scalars().all())


def _sums(measure: str, ledger: Ledger) -> Select[Any]:
    facts = FACTS[measure](ledger).subquery().c
    sums = (func.sum(facts[name]) for name in ("counted", "based", "amount"))
    return select(literal(measure), facts.part, func.count(), *sums).group_by(facts.part)


def _each(measure: str, ledger: Ledger) -> Select[Any]:
    facts = FACTS[measure](ledger).subquery().c
    return select(literal(measure), facts.part, literal(1), facts.counted, facts.based, facts.amount)
