"""What settled cases count in the measures, as it is kept: written, read for a period, forgotten.

A settled case lies within a period if it was reported in it and ended before its end. There it counts what it counts
over all time, and that is what is kept. `storage.statistics` works out everything else from histories.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    not_,
    select,
    type_coerce,
)
from sqlmodel import Session, col
from sqlmodel import select as rows

from storage.insert import insert_new
from storage.tables import METADATA, Case, FactKind
from storage.vocabulary import END_STATES

CASES, KINDS, FACTS = (METADATA.tables[name].c for name in ("cases", "fact_kinds", "facts"))
_ENDED = (
    rows(Case)
    .where(col(Case.settled).is_(False), col(Case.state).in_(sorted(END_STATES)))
    .order_by(col(Case.id))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, key_share=True)
)
#: By the whole key but the number, which finds them without an index of their own.
_OF_A_CASE = delete(FACTS.case_id.table).where(
    FACTS.kind_id.in_(select(KINDS.id)),
    FACTS.reported_at == bindparam("reported_at"),
    FACTS.case_id == bindparam("case"),
)


def to_settle(session: Session, limit: int) -> Sequence[Case]:
    """Ended cases that are not settled, the oldest first; nobody else may change them until the transaction ends."""
    return session.exec(_ENDED, params={"limit": limit}).all()


def keep(session: Session, cases: Sequence[Case], found: Iterable[Any]) -> None:
    """Settle these cases, which are held; `found` are all their facts, each with its `measure`."""
    kinds, numbers = _Kinds(session), Counter[int]()
    of_case = {case.id: _of(case) for case in cases}
    kept = []
    for fact in found:
        numbers[fact.case_id] += 1
        said = {"amount": fact.amount, "counted": fact.counted, "based": fact.based}
        numbered = {"kind_id": kinds(fact.measure, fact.part), "number": numbers[fact.case_id]}
        kept.append(of_case[fact.case_id] | numbered | said)
    if kept:
        session.connection().execute(insert(FACTS.case_id.table), kept)
    for case in cases:
        case.settled = True


def _of(case: Case) -> dict[str, Any]:
    """What each fact of a case says of it."""
    ids = {"case_id": case.id, "customer_id": case.customer_id, "product_id": case.product_id}
    return {**ids, "reported_at": case.reported_at, "ended_at": case.entered_at}


class _Kinds:
    """The ids of the kinds of facts; a new one is added."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids = self._known()

    def _known(self) -> Mapping[tuple[str, str], int]:
        known = self._session.connection().execute(select(KINDS.measure, KINDS.part, KINDS.id))
        return {(measure, part): kind for measure, part, kind in known}

    def __call__(self, measure: str, part: str | None) -> int:
        key = measure, part or ""
        if key not in self._ids:
            insert_new(self._session, FactKind, measure=measure, part=part or "")
            self._ids = self._known()
        return self._ids[key]


def forget(session: Session, case: Case) -> None:
    """The case, which is held, goes on: what it counts is to be worked out anew."""
    if case.settled:
        case.settled = False
        session.connection().execute(_OF_A_CASE, {"reported_at": case.reported_at, "case": case.id})


def apart(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Of cases: that their facts of the period are not kept."""
    whole = and_(CASES.settled, CASES.reported_at >= since, CASES.entered_at < until)
    return not_(whole)


def within(since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Of kept facts: that their cases lie within the period, both ends aware UTC."""
    return [FACTS.reported_at >= since, FACTS.reported_at < until, FACTS.ended_at < until]


def facts(chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]) -> Select[Any]:
    """The chosen facts of these measures, each with its case."""
    return _kept(chosen, measures, FACTS.case_id, FACTS.amount, FACTS.counted, FACTS.based)


def spans(chosen: Sequence[ColumnElement[bool]], measure: str) -> Select[Any]:
    """Of each of the chosen facts of a measure only the moment of the report, in seconds since 1970, and the amount."""
    kind = select(KINDS.id).where(KINDS.measure == measure)
    begun = type_coerce(FACTS.reported_at, BigInteger) // 1_000_000
    return select(begun, FACTS.amount).where(FACTS.kind_id.in_(kind), *chosen)


def sums(chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]) -> Select[Any]:
    """For each part of these measures: how many of the chosen facts there are, and what they come to."""
    numbers = (func.sum(column) for column in (FACTS.counted, FACTS.based, FACTS.amount))
    return _kept(chosen, measures, func.count(), *numbers).group_by(KINDS.measure, KINDS.part)


def _kept(chosen: Sequence[ColumnElement[bool]], measures: Sequence[str], *columns: Any) -> Select[Any]:
    """Kinds come first: by their key, facts of a kind are ordered by the moment of the report."""
    return (
        select(KINDS.measure, func.nullif(KINDS.part, "").label("part"), *columns)
        .join_from(KINDS.id.table, FACTS.kind_id.table, FACTS.kind_id == KINDS.id)
        .where(KINDS.measure.in_(measures), *chosen)
    )
