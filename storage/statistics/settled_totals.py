"""Adds what settled cases count in a period: the sums of its days, and facts where there are no sums.

The sums of a day cover all settled cases that were reported on it. Those that ended after the period do not lie within
it, so their facts are taken away again.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, cast, literal, select, type_coerce
from sqlmodel import Session

from storage import settled_facts
from storage.columns import microseconds
from storage.dialects import elements
from storage.settled_facts import COLUMNS, day_of, start_of
from storage.statistics import daily_sums
from storage.statistics.histories import CASES, Scope
from storage.statistics.measures import RANKED
from storage.statistics.totals import Totals

#: The conditions that stored facts are chosen by.
_Chosen: TypeAlias = Sequence[ColumnElement[bool]]
#: The facts of ranked measures, each by its time of report and its amount.
_Each: TypeAlias = Mapping[str, Counter[tuple[float, float]]]


def add_settled(totals: Totals, session: Session, scope: Scope, measures: Collection[str]) -> None:
    """Add what settled cases that lie within the period count in these measures."""
    days, changed = _whole_days(scope), daily_sums.changed_days(session)
    kinds = {str(kind): of for of, kind in settled_facts.stored_kinds(session).items() if of[0] in measures}
    summed = [one for one in daily_sums.of_days(session, scope, days) if one.day not in changed]
    later: _Each = {}
    if late := {one.day for one in summed if one.ended_at >= scope.until}:
        chosen = _ended_later(session, scope, late)
        _add_sums(totals, session, measures, chosen, times=-1)
        later = {measure: Counter(zip(*lists, strict=True)) for measure, *lists in _each(session, measures, chosen)}
    for one in summed:
        _add_day(totals, kinds, one.sums, later if one.day in late else {})
    for since, until in _left_over(scope, days, changed):
        chosen = [*settled_facts.within(since, until, ended_before=scope.until), *scope.of(COLUMNS)]
        _add_sums(totals, session, measures, chosen)
        for measure, begun, amounts in _each(session, measures, chosen):
            totals.add_each(measure, begun, amounts)


def _whole_days(scope: Scope) -> range:
    """Return the days that lie within the period."""
    first = day_of(scope.since)
    return range(first + (start_of(first) < scope.since), day_of(scope.until))


def _left_over(scope: Scope, days: range, changed: Collection[int]) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches of the period that lie between summed days."""
    begun = scope.since
    for day in days:
        if day not in changed:
            if begun < start_of(day):
                yield begun, start_of(day)
            begun = start_of(day + 1)
    if begun < scope.until:
        yield begun, scope.until


def _add_day(totals: Totals, kinds: Mapping[str, tuple[str, str]], sums: Mapping[str, Any], later: _Each) -> None:
    """Add the sums of a day, without the amounts of those of its cases that ended later."""
    for kind in kinds.keys() & sums["numbers"].keys():
        measure, part = kinds[kind]
        totals.add(measure, part or None, *sums["numbers"][kind])
    for kind in kinds.keys() & sums["each"].keys():
        measure, lists = kinds[kind][0], sums["each"][kind]
        if measure in later:
            left = (Counter(zip(*lists, strict=True)) - later[measure]).elements()
            lists = list(zip(*left, strict=True)) or ((), ())
        totals.add_each(measure, *lists)


def _add_sums(totals: Totals, session: Session, measures: Collection[str], chosen: _Chosen, *, times: int = 1) -> None:
    """Add the sums of the chosen facts of these measures; with `times` -1 take them away."""
    for sums in settled_facts.sums(session, chosen, [measure for measure in measures if measure not in RANKED]):
        totals.add(*sums, times=times)


def _each(
    session: Session, measures: Collection[str], chosen: _Chosen
) -> Iterator[tuple[str, Sequence[float], Sequence[float]]]:
    """Yield for each ranked one of these measures its chosen facts: times of report, and amounts."""
    return settled_facts.each(session, chosen, sorted(RANKED.intersection(measures)))


def _ended_later(session: Session, scope: Scope, days: Collection[int]) -> _Chosen:
    """Return the conditions that facts are of cases that were reported on these days and ended after the period.

    They are selected by their times of report, with which the key of the facts begins for each kind.
    """
    since, until = start_of(min(days)), start_of(max(days) + 1)
    query = select(CASES.reported_at).where(
        *(CASES.settled.is_(True), CASES.reported_at >= since, CASES.reported_at < until),
        *(CASES.entered_at >= scope.until, *scope.of(CASES)),
    )
    moments = [moment for moment in session.connection().execute(query).scalars() if day_of(moment) in days]
    listed = elements(literal(json.dumps([microseconds(moment) for moment in moments]), Text)).c.value
    at_these = type_coerce(COLUMNS.reported_at, BigInteger).in_(select(cast(listed, BigInteger)))
    return [at_these, COLUMNS.ended_at >= scope.until, *scope.of(COLUMNS)]
