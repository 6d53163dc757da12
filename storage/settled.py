"""What settled cases count in the measures, as it is kept: written, read for a period, forgotten.

A settled case lies within a period if it was reported in it and ended before its end. There it counts what it counts
over all time, and that is what is kept. `storage.statistics` works out everything else from histories.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlmodel import Session, col
from sqlmodel import select as rows

from storage.insert import insert_new
from storage.tables import METADATA, Case, FactKind
from storage.vocabulary import END_STATES

#: A measure and its part.
_Kind: TypeAlias = tuple[str, str]
CASES, KINDS, COLUMNS = (METADATA.tables[name].c for name in ("cases", "fact_kinds", "facts"))
_MOVES = METADATA.tables["audit_entries"].c
#: A wrong clock moved it before its report or after its end: where it lies, its moments do not say.
_ASTRAY = exists().where(
    _MOVES.case_id == CASES.id,
    _MOVES.from_state.is_distinct_from(_MOVES.to_state),
    or_(_MOVES.at < CASES.reported_at, _MOVES.at > CASES.entered_at),
)
_TO_SETTLE = and_(CASES.settled.is_(False), CASES.state.in_(sorted(END_STATES)), ~_ASTRAY)
_ANYTHING = select(exists(select(CASES.id).where(_TO_SETTLE)))
_NEXT = (
    rows(Case)
    .where(_TO_SETTLE)
    .order_by(col(Case.id))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, key_share=True)
)
#: By the whole key but the number, which finds them without an index of their own.
_OF_A_CASE = (
    COLUMNS.kind_id.in_(select(KINDS.id)),
    COLUMNS.reported_at == bindparam("reported_at"),
    COLUMNS.case_id == bindparam("case"),
)
_DELETE, _KEPT = delete(COLUMNS.case_id.table).where(*_OF_A_CASE), select(COLUMNS.case_id.table).where(*_OF_A_CASE)


def anything_to_settle(session: Session) -> bool:
    """Whether any case that ended is not settled."""
    return bool(session.connection().execute(_ANYTHING).scalar())


def to_settle(session: Session, limit: int) -> Sequence[Case]:
    """Ended cases that are not settled, the oldest first; nobody else may change them until the transaction ends."""
    return session.exec(_NEXT, params={"limit": limit}).all()


def keep(session: Session, cases: Sequence[Case], found: Iterable[Any]) -> None:
    """Settle these cases, which are held; `found` are all their facts, each with its `measure`."""
    found, connection = list(found), session.connection()
    for measure, part in sorted(_kinds_of(found) - _kinds(session).keys()):  # in the same order by everybody
        insert_new(session, FactKind, measure=measure, part=part)
    kept = _rows(cases, found, _kinds(session))
    connection.execute(_DELETE, [_key(case) for case in cases])  # a migration may have left some
    if kept:
        connection.execute(insert(COLUMNS.case_id.table), kept)
    for case in cases:
        case.settled = True


def is_as_kept(session: Session, case: Case, found: Iterable[Any]) -> bool:
    """Whether what is kept of a settled case are these facts, and nothing else."""
    found, kinds = list(found), _kinds(session)
    if _kinds_of(found) - kinds.keys():
        return False
    kept = [dict(row) for row in session.connection().execute(_KEPT, _key(case)).mappings()]
    expected = _rows([case], found, kinds)
    return len(kept) == len(expected) and all(row in kept for row in expected)


def _rows(cases: Sequence[Case], found: Sequence[Any], kinds: Mapping[_Kind, int]) -> list[dict[str, Any]]:
    """The facts of these cases as rows, those of a case numbered as they come."""
    numbers = Counter[int]()
    of_case = {case.id: _of(case) for case in cases}
    made = []
    for fact in found:
        numbers[fact.case_id] += 1
        said = {"amount": fact.amount, "counted": fact.counted, "based": fact.based}
        numbered = {"kind_id": kinds[fact.measure, fact.part or ""], "number": numbers[fact.case_id]}
        made.append(of_case[fact.case_id] | numbered | said)
    return made


def _of(case: Case) -> dict[str, Any]:
    """What each fact of a case says of it."""
    ids = {"case_id": case.id, "customer_id": case.customer_id, "product_id": case.product_id}
    return {**ids, "reported_at": case.reported_at, "ended_at": case.entered_at}


def _key(case: Case) -> dict[str, Any]:
    return {"reported_at": case.reported_at, "case": case.id}


def _kinds_of(found: Sequence[Any]) -> set[_Kind]:
    return {(fact.measure, fact.part or "") for fact in found}


def _kinds(session: Session) -> Mapping[_Kind, int]:
    """The ids of the kinds of facts that there are."""
    known = session.connection().execute(select(KINDS.measure, KINDS.part, KINDS.id))
    return {(measure, part): kind for measure, part, kind in known}


def forget(session: Session, case: Case) -> None:
    """The case, which is held, goes on: what it counts is to be worked out anew."""
    if case.settled:
        case.settled = False
        session.connection().execute(_DELETE, _key(case))


def others(since: datetime, until: datetime, *chosen: ColumnElement[bool]) -> CompoundSelect[Any]:
    """The ids of the chosen cases that were reported before the period's end, were open in it, and are not within it.

    Those not settled, those across its beginning, those across its end: a range of the index for each. `entered_at`
    is the moment of the last move, so of an ended case that of its end.
    """
    ended_before = and_(CASES.state.in_(END_STATES), CASES.entered_at < since)
    reported_within = and_(CASES.reported_at >= since, CASES.reported_at < until)
    apart = (
        (CASES.settled.is_(False), CASES.reported_at < until, ~ended_before),
        (CASES.settled.is_(True), CASES.reported_at < since, CASES.entered_at >= since),
        (CASES.settled.is_(True), reported_within, CASES.entered_at >= until),
    )
    return union_all(*(select(CASES.id).where(*conditions, *chosen) for conditions in apart))


def within(since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Of kept facts: that their cases lie within the period, both ends aware UTC."""
    return [COLUMNS.reported_at >= since, COLUMNS.reported_at < until, COLUMNS.ended_at < until]


def facts(chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]) -> Select[Any]:
    """The chosen facts of these measures, each with its case."""
    return _kept(chosen, measures, COLUMNS.case_id, COLUMNS.amount, COLUMNS.counted, COLUMNS.based)


def spans(chosen: Sequence[ColumnElement[bool]], measure: str) -> Select[Any]:
    """Of each of the chosen facts of a measure only the moment of the report, in seconds since 1970, and the amount."""
    kind = select(KINDS.id).where(KINDS.measure == measure)
    begun = type_coerce(COLUMNS.reported_at, BigInteger) // 1_000_000
    return select(begun, COLUMNS.amount).where(COLUMNS.kind_id.in_(kind), *chosen)


def sums(chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]) -> Select[Any]:
    """For each part of these measures: how many of the chosen facts there are, and what they come to."""
    numbers = (func.sum(column) for column in (COLUMNS.counted, COLUMNS.based, COLUMNS.amount))
    return _kept(chosen, measures, func.count(), *numbers).group_by(KINDS.measure, KINDS.part)


def _kept(chosen: Sequence[ColumnElement[bool]], measures: Sequence[str], *columns: Any) -> Select[Any]:
    """Kinds come first: by their key, facts of a kind are ordered by the moment of the report."""
    return (
        select(KINDS.measure, func.nullif(KINDS.part, "").label("part"), *columns)
        .join_from(KINDS.id.table, COLUMNS.kind_id.table, COLUMNS.kind_id == KINDS.id)
        .where(KINDS.measure.in_(measures), *chosen)
    )
