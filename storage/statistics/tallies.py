"""Adds up facts: the stored ones of settled cases, and those of other cases from their histories."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, null, select, union_all
from sqlmodel import Session

from storage import settled_facts as kept
from storage.dialects import seconds
from storage.statistics.daily_sums import open_since
from storage.statistics.histories import CASES, CaseHistories, Scope
from storage.statistics.measures import MEASURES, RANKED
from storage.statistics.settled_totals import add_settled
from storage.statistics.totals import Tally, Totals


class Side(StrEnum):
    """The two numbers of a measure, named like the columns of a fact."""

    NUMERATOR = "counted"
    DENOMINATOR = "based"


def tallies(session: Session, scope: Scope, measures: Sequence[str] = tuple(MEASURES)) -> list[Tally]:
    """Return the tallies of these measures. A part without facts has none."""
    totals, histories = Totals(), _unsettled_histories(session, scope)
    selects = [_each(each, histories) if each in RANKED else _sums(each, histories) for each in measures]
    for measure, part, *numbers, begun in session.connection().execute(union_all(*selects)):
        if measure in RANKED:
            totals.add_each(measure, [begun], numbers[-1:])
        else:
            totals.add(measure, part, *numbers)
    add_settled(totals, session, scope, measures)
    return totals.tallies()


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


def _settled(scope: Scope) -> list[ColumnElement[bool]]:
    """Return the conditions that stored facts are within the scope."""
    return [*kept.within(scope.since, scope.until, ended_before=scope.until), *scope.of(kept.COLUMNS)]


def _unsettled_histories(session: Session, scope: Scope) -> CaseHistories:
    """Return the histories of all other cases. Their ids are queried first: PostgreSQL misestimates their number."""
    open_then = (open_since(session, scope, scope.since), open_since(session, scope, scope.until))
    others = kept.others(scope.since, scope.until, open_then, *scope.of(CASES))
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
