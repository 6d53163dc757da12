"""Settles ended cases: computes what they count once, by the definitions of the measures, and stores it.

A change of a definition needs a migration that deletes all rows of `facts` and of `daily_sums` and marks all cases as
not settled. The workers then settle them again.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Text, bindparam, literal, select, union_all
from sqlmodel import Session

from storage import settled_facts
from storage.database import is_lost
from storage.dialects import as_list
from storage.settled_facts import Ended
from storage.statistics import daily_sums
from storage.statistics.histories import CaseHistories, Scope
from storage.statistics.measures import MEASURES
from storage.tables import Case
from storage.vocabulary import END_STATES

_ALWAYS = Scope(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class SettleResult:
    """The result of a batch: how many cases were settled, the ids and errors of those that were not, and how many days
    were summed up.
    """

    count: int = 0
    failed: tuple[tuple[int, Exception], ...] = ()
    days: int = 0


def anything_to_settle(session: Session) -> bool:
    """Return whether any ended case is not settled, or any day of settled ones not summed up."""
    return settled_facts.anything_to_settle(session) or daily_sums.anything_to_sum(session)


def settle(session: Session, limit: int, excluding: Collection[int] = ()) -> SettleResult:
    """Settle at most `limit` ended cases, none of `excluding`; where there are none, sum up a day.

    A case with unreadable history does not block the others.
    """
    ended = settled_facts.to_settle(session, limit, excluding)
    if not ended:
        return SettleResult(days=int(daily_sums.sum_up(session)))
    failed = tuple(_settle_each(session, ended))
    return SettleResult(len(ended) - len(failed), failed)


def settled_wrongly(session: Session, cases: Collection[Case]) -> set[int]:
    """Return the ids of these cases whose stored facts do not agree with their history.

    One that is open or not settled has none.
    """
    settled = [case for case in cases if case.settled]
    found = _computed_facts(session, [case.id for case in settled]) if settled else ()
    still_open = {case.id for case in settled if case.id and case.state not in END_STATES}
    return still_open | settled_facts.differing(session, cases, found)


def _settle_each(session: Session, cases: Sequence[Ended]) -> Iterator[tuple[int, Exception]]:
    """Settle all cases together or, if that fails, one by one. Yield the ids that failed, with their errors."""
    try:
        with session.begin_nested():
            settled_facts.keep(session, cases, _computed_facts(session, [case.id for case in cases]))
    except Exception as error:
        if is_lost(error):
            raise
        if len(cases) == 1:
            yield cases[0].id, error
        else:
            for case in cases:
                yield from _settle_each(session, [case])


def _computed_facts(session: Session, cases: Iterable[int | None]) -> Sequence[Any]:
    """Return everything that these cases count, each fact with its measure."""
    return session.connection().execute(_every_fact(), {"cases": as_list(cases)}).all()


@cache
def _every_fact() -> CompoundSelect[Any]:
    """Return the statement for all measures. It is built once, because building takes far longer than running it."""
    histories = CaseHistories(_ALWAYS, bindparam("cases", type_=Text))
    found = {measure: facts(histories).subquery().c for measure, facts in MEASURES.items()}
    return union_all(*(select(literal(measure).label("measure"), *columns) for measure, columns in found.items()))
