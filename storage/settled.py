"""What settled cases count in the measures, as it is kept: written, read for a period, forgotten.

A settled case lies within a period if it was reported in it and ended before its end. There it counts what it counts
over all time, and that is what is kept. `storage.statistics` works out everything else from histories.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
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
    update,
)
from sqlmodel import Session

from storage.dialects import as_list, gathered, listed
from storage.insert import insert_new
from storage.tables import METADATA, Case, FactKind
from storage.vocabulary import END_STATES

#: A measure and its part.
_Kind: TypeAlias = tuple[str, str]
_CASES, _KINDS, COLUMNS = (METADATA.tables[name].c for name in ("cases", "fact_kinds", "facts"))
_MOVES = METADATA.tables["audit_entries"].c
#: A wrong clock moved it before its report or after its end: where it lies, its moments do not say.
_ASTRAY = exists().where(
    _MOVES.case_id == _CASES.id,
    _MOVES.from_state.is_distinct_from(_MOVES.to_state),
    or_(_MOVES.at < _CASES.reported_at, _MOVES.at > _CASES.entered_at),
)
_TO_SETTLE = and_(_CASES.settled.is_(False), _CASES.state.in_(sorted(END_STATES)), ~_ASTRAY)
_ANYTHING = select(exists(select(_CASES.id).where(_TO_SETTLE)))
#: By the whole key but the number, which finds them without an index of their own.
_OF_A_CASE = (
    COLUMNS.kind_id.in_(select(_KINDS.id)),
    COLUMNS.reported_at == bindparam("reported_at"),
    COLUMNS.case_id == bindparam("case"),
)
_SETTLE = update(_CASES.id.table).where(_CASES.id.in_(listed(bindparam("cases", type_=Text)))).values(settled=True)
_DELETE, _KEPT = delete(COLUMNS.case_id.table).where(*_OF_A_CASE), select(COLUMNS.case_id.table).where(*_OF_A_CASE)


def anything_to_settle(session: Session) -> bool:
    """Whether any case that ended is not settled."""
    return bool(session.connection().execute(_ANYTHING).scalar())


class Ended(NamedTuple):
    """What is asked of an ended case: as few columns as can be wrong."""

    id: int
    customer_id: int | None
    product_id: int
    reported_at: datetime
    entered_at: datetime


def to_settle(session: Session, limit: int, but: Collection[int] = ()) -> Sequence[Ended]:
    """Ended cases that are not settled, none of `but`, the oldest first; held until the transaction ends."""
    query = select(*(_CASES[name] for name in Ended._fields)).where(_TO_SETTLE).order_by(_CASES.id).limit(limit)
    if but:
        query = query.where(_CASES.id.not_in(listed(but)))
    held = query.with_for_update(skip_locked=True, key_share=True)
    return [Ended(*row) for row in session.connection().execute(held)]


def keep(session: Session, cases: Sequence[Ended], found: Iterable[Any]) -> None:
    """Settle these cases, which are held; `found` are all their facts, each with its `measure`."""
    found, connection = list(found), session.connection()
    for measure, part in sorted(_kinds_of(found) - _kinds(session).keys()):  # in the same order by everybody
        insert_new(session, FactKind, measure=measure, part=part)
    kept = _rows(cases, found, _kinds(session))
    if kept:
        connection.execute(insert(COLUMNS.case_id.table), kept)
    connection.execute(_SETTLE, {"cases": as_list(case.id for case in cases)})


def is_as_kept(session: Session, case: Case, found: Iterable[Any]) -> bool:
    """Whether what is kept of a settled case are these facts, and nothing else."""
    found, kinds = list(found), _kinds(session)
    if _kinds_of(found) - kinds.keys():
        return False
    kept = session.connection().execute(_KEPT, _key(case)).mappings()
    ended = Ended(case.id or 0, case.customer_id, case.product_id, case.reported_at, case.entered_at)
    return _unnumbered(kept) == _unnumbered(_rows([ended], found, kinds))


def _unnumbered(facts: Iterable[Any]) -> Counter[tuple[Any, ...]]:
    """Facts without their numbers: in which order a database finds those of a case is its own business."""
    return Counter(tuple(fact[column.name] for column in COLUMNS if column.name != "number") for fact in facts)


def _rows(cases: Sequence[Ended], found: Sequence[Any], kinds: Mapping[_Kind, int]) -> list[dict[str, Any]]:
    """The facts of these cases as rows, those of a case numbered as they come."""
    numbers = Counter[int]()
    of_case = {case.id: _about(case) for case in cases}
    made = []
    for fact in found:
        numbers[fact.case_id] += 1
        said = {"amount": fact.amount, "counted": fact.counted, "based": fact.based}
        numbered = {"kind_id": kinds[fact.measure, fact.part or ""], "number": numbers[fact.case_id]}
        made.append(of_case[fact.case_id] | numbered | said)
    return made


def _about(case: Ended) -> dict[str, Any]:
    """What each fact of a case says of it."""
    ids = {"case_id": case.id, "customer_id": case.customer_id, "product_id": case.product_id}
    return {**ids, "reported_at": case.reported_at, "ended_at": case.entered_at}


def _key(case: Case) -> dict[str, Any]:
    return {"reported_at": case.reported_at, "case": case.id}


def _kinds_of(found: Sequence[Any]) -> set[_Kind]:
    return {(fact.measure, fact.part or "") for fact in found}


def _kinds(session: Session) -> Mapping[_Kind, int]:
    """The ids of the kinds of facts that there are."""
    known = session.connection().execute(select(_KINDS.measure, _KINDS.part, _KINDS.id))
    return {(measure, part): kind for measure, part, kind in known}


def forget(session: Session, case: Case) -> None:
    """The case, which is held, goes on: what it counts is to be worked out anew."""
    if case.settled:
        case.settled = False
        session.connection().execute(_DELETE, _key(case))


def others(since: datetime, until: datetime, *chosen: ColumnElement[bool]) -> CompoundSelect[Any]:
    """The ids of the chosen cases that were reported before the period's end, were open in it, and are not within it.

    Those not settled, those across its beginning, those across its end: a range of the index for each. `entered_at`
    is the moment of the last move, so of an ended case that of its end. Those that went astray may lie anywhere.
    """
    ended_before = and_(_CASES.state.in_(END_STATES), _CASES.entered_at < since)
    reported_within = and_(_CASES.reported_at >= since, _CASES.reported_at < until)
    apart = (
        (_CASES.settled.is_(False), _CASES.reported_at < until, ~ended_before),
        (_CASES.settled.is_(False), or_(_CASES.reported_at >= until, ended_before), _ASTRAY),
        (_CASES.settled.is_(True), _CASES.reported_at < since, _CASES.entered_at >= since),
        (_CASES.settled.is_(True), reported_within, _CASES.entered_at >= until),
    )
    return union_all(*(select(_CASES.id).where(*conditions, *chosen) for conditions in apart))


def within(since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Of kept facts: that their cases lie within the period, both ends aware UTC."""
    return [COLUMNS.reported_at >= since, COLUMNS.reported_at < until, COLUMNS.ended_at < until]


def facts(chosen: Sequence[ColumnElement[bool]], measure: str) -> Select[Any]:
    """The chosen facts of a measure, each with its part and its case."""
    columns = (COLUMNS.case_id, COLUMNS.counted, COLUMNS.based)
    part = func.nullif(_KINDS.part, "").label("part")
    return select(part, *columns).where(_KINDS.measure == measure, COLUMNS.kind_id == _KINDS.id, *chosen)


def spans(
    session: Session, chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]
) -> Iterator[tuple[str, Sequence[int], Sequence[float]]]:
    """Of the chosen facts of each of these measures, the reports' moments in seconds since 1970, and the amounts."""
    begun = type_coerce(COLUMNS.reported_at, BigInteger) // 1_000_000
    for (measure, _part), *lists in _by_kind(session, chosen, measures, gathered(begun), gathered(COLUMNS.amount)):
        yield measure, *lists


def sums(
    session: Session, chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]
) -> Iterator[tuple[str, str | None, int, int, int, float]]:
    """For each part of these measures: how many of the chosen facts there are, and what they come to."""
    numbers = (func.sum(column) for column in (COLUMNS.counted, COLUMNS.based, COLUMNS.amount))
    for (measure, part), *found in _by_kind(session, chosen, measures, func.count(), *numbers):
        yield measure, part or None, *found


def _by_kind(
    session: Session, chosen: Sequence[ColumnElement[bool]], measures: Sequence[str], *columns: ColumnElement[Any]
) -> Iterator[Any]:
    """The columns for each kind of these measures. Told the kinds, a database finds a period's facts by their key."""
    kinds = {kind: of for of, kind in _kinds(session).items() if of[0] in measures}
    query = select(COLUMNS.kind_id, *columns).where(COLUMNS.kind_id.in_(kinds), *chosen).group_by(COLUMNS.kind_id)
    for kind, *found in session.connection().execute(query):
        yield kinds[kind], *found
