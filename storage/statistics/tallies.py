"""Adds up facts: the stored ones of settled cases, and those of other cases from their histories."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, null, select, union_all
from sqlmodel import Session

from storage import settled_facts as kept
from storage.dialects import seconds
from storage.statistics.histories import CASES, CaseHistories, Scope
from storage.statistics.measures import MEASURES

#: Measures whose amounts are also sorted, for median and p90. They have no parts, and each fact is in both numbers.
RANKED = frozenset({"M5", "M7"})
#: The time of a report in seconds since 1970, and an amount.
Span: TypeAlias = tuple[float, float]


class Side(StrEnum):
    """The two numbers of a measure, named like the columns of a fact."""

    NUMERATOR = "counted"
    DENOMINATOR = "based"


@dataclass(frozen=True, slots=True)
class Tally:
    """The facts of one part of one measure: how many, how many in each number, and the sum of their amounts.

    A ranked measure also has `p90`, the smallest amount that at least nine in ten do not exceed, and `spans`, each
    amount with the time of its case's report, from which M7 computes working time.
    """

    measure: str
    part: str | None
    facts: int
    counted: int
    based: int
    amount: float
    median: float | None = None
    p90: float | None = None
    spans: Sequence[Span] = ()


def tallies(session: Session, scope: Scope, measures: Sequence[str] = tuple(MEASURES)) -> list[Tally]:
    """Return the tallies of these measures. A part without facts has none."""
    in_order = [measure for measure in measures if measure in RANKED]
    summed = [measure for measure in measures if measure not in RANKED]
    settled, histories, connection = _settled(scope), _unsettled_histories(session, scope), session.connection()
    selects = [*(_sums(each, histories) for each in summed), *(_each(each, histories) for each in in_order)]
    sums, spans = defaultdict[tuple[str, str | None], _Sums](_Sums), defaultdict[str, list[Span]](list)
    for measure, part, number, counted, based, amount, begun in connection.execute(union_all(*selects)):
        if measure in RANKED:
            spans[measure].append((begun, amount))
        else:
            sums[measure, part].add(number, counted, based, amount)
    for measure, part, number, counted, based, amount in kept.sums(session, settled, summed):
        sums[measure, part].add(number, counted, based, amount)
    for measure, moments, amounts in kept.spans(session, settled, in_order):
        spans[measure] += zip(moments, amounts, strict=True)
    return [
        *(one.tally(measure, part) for (measure, part), one in sums.items()),
        *(ranked(measure, found) for measure, found in spans.items() if found),
    ]


def ranked(measure: str, spans: Sequence[Span]) -> Tally:
    """Return the tally of a ranked measure."""
    amounts, size = sorted(amount for _begun, amount in spans), len(spans)
    in_nine_of_ten = amounts[-(-9 * size // 10) - 1]
    return Tally(measure, None, size, size, size, sum(amounts), median(amounts), in_nine_of_ten, spans)


def case_ids(
    session: Session, scope: Scope, measure: str, side: Side, *, part: str | None = None, whole: bool = False
) -> list[int]:
    """Return the cases behind one number of a measure, in order: of one part, or of the whole."""
    (facts,) = _facts(session, scope, [measure])
    of_part = () if whole else (facts.part.is_not_distinct_from(part),)
    return sorted(_cases(session, facts, side, *of_part))


def cases_counted(session: Session, scope: Scope, measures: Sequence[str]) -> list[set[int]]:
    """Return the cases behind the numerator of each of these measures."""
    return [_cases(session, facts, Side.NUMERATOR) for facts in _facts(session, scope, measures)]


def _facts(session: Session, scope: Scope, measures: Sequence[str]) -> Iterator[Any]:
    """Yield the facts of each of these measures, stored and computed, as columns."""
    settled, histories = _settled(scope), _unsettled_histories(session, scope)
    for measure in measures:
        kept_ones = kept.facts(settled, measure).subquery().c
        others = MEASURES[measure](histories).subquery().c
        columns = ("part", "case_id", *Side)
        yield union_all(*(select(*(one[name] for name in columns)) for one in (kept_ones, others))).subquery().c


def _cases(session: Session, facts: Any, side: Side, *chosen: ColumnElement[bool]) -> set[int]:
    query = select(facts.case_id).where(facts[side] == 1, *chosen)
    return set(session.connection().execute(query).scalars())


@dataclass(slots=True)
class _Sums:
    """The running sums of one part of one measure."""

    facts: int = 0
    counted: int = 0
    based: int = 0
    amount: float = 0.0

    def add(self, facts: int, counted: int, based: int, amount: float) -> None:
        self.facts += facts
        self.counted += counted
        self.based += based
        self.amount += amount

    def tally(self, measure: str, part: str | None) -> Tally:
        """Return the tally. The amount is rounded to a millionth, because a sum of fractions depends on their order."""
        return Tally(measure, part, self.facts, self.counted, self.based, round(self.amount, 6))


def _settled(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that stored facts are within the scope."""
    return [*kept.within(scope.since, scope.until), *scope.of(kept.COLUMNS)]


def _unsettled_histories(session: Session, scope: Scope) -> CaseHistories:
    """Return the histories of all other cases. Their ids are queried first: PostgreSQL misestimates their number."""
    others = kept.others(scope.since, scope.until, *scope.of(CASES))
    return CaseHistories(scope, session.connection().execute(others).scalars().all())


def _sums(measure: str, histories: CaseHistories) -> Select[Any]:
    """Select one row per part, in the shape of `_each`."""
    facts = MEASURES[measure](histories).subquery().c
    sums = (func.sum(facts[name]) for name in ("counted", "based", "amount"))
    return select(literal(measure), facts.part, func.count(), *sums, cast(null(), BigInteger)).group_by(facts.part)


def _each(measure: str, histories: CaseHistories) -> Select[Any]:
    """Select one row per fact, with the time of the report."""
    facts, stories = MEASURES[measure](histories).subquery().c, histories.stories.c
    numbers = (literal(1), facts.counted, facts.based, facts.amount)
    return select(literal(measure), facts.part, *numbers, seconds(stories.reported_at)).join_from(
        facts.case_id.table, histories.stories, facts.case_id == stories.case_id
    )
