"""What settled cases count in the measures: stored, read for a period, deleted.

A settled case lies within a period if it was reported in the period and ended before its end. There it counts what it
counts over all time, which is what is stored. `storage.statistics` computes everything else from histories.

Whoever changes facts marks their day, which is summed up anew (`storage.statistics.daily_sums`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
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

from storage import stored_rows
from storage.concurrent_insert import insert_new
from storage.dialects import as_list, gathered, listed
from storage.tables import METADATA, Case, FactKind
from storage.vocabulary import END_STATES

#: A measure and its part.
_Kind: TypeAlias = tuple[str, str]
_CASES, KINDS, COLUMNS = (METADATA.tables[name].c for name in ("cases", "fact_kinds", "facts"))
_CHANGED = METADATA.tables["changed_days"]
_EPOCH, _DAY = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=1)
#: The time of a fact's report in seconds since 1970.
BEGUN = type_coerce(COLUMNS.reported_at, BigInteger) // 1_000_000
_MOVES = METADATA.tables["audit_entries"].c
#: A wrong clock dated a move before the report or after the end, so the case's times do not place it in a period.
_ASTRAY = exists().where(
    _MOVES.case_id == _CASES.id,
    _MOVES.from_state.is_distinct_from(_MOVES.to_state),
    or_(_MOVES.at < _CASES.reported_at, _MOVES.at > _CASES.entered_at),
)
_TO_SETTLE = and_(_CASES.settled.is_(False), _CASES.state.in_(sorted(END_STATES)), ~_ASTRAY)
_ANYTHING = select(exists(select(_CASES.id).where(_TO_SETTLE)))
_SETTLE = update(_CASES.id.table).where(_CASES.id.in_(listed(bindparam("cases", type_=Text)))).values(settled=True)
#: Matches the whole key except the number, which needs no index of its own.
_DELETE = delete(COLUMNS.case_id.table).where(
    COLUMNS.kind_id.in_(select(KINDS.id)),
    COLUMNS.reported_at == bindparam("reported_at"),
    COLUMNS.case_id == bindparam("case"),
)
#: Facts are compared without their numbers, which depend on the order in which a database returns them.
_COMPARED = (COLUMNS.case_id, *(one for one in COLUMNS if one.name not in ("case_id", "number")))


def anything_to_settle(session: Session) -> bool:
    """Return whether any ended case is not settled."""
    return bool(session.connection().execute(_ANYTHING).scalar())


class Ended(NamedTuple):
    """The columns of an ended case that settling needs; as few as possible, because any of them can be damaged."""

    id: int
    customer_id: int | None
    product_id: int
    reported_at: datetime
    entered_at: datetime


def to_settle(session: Session, limit: int, excluding: Collection[int] = ()) -> Sequence[Ended]:
    """Return ended cases that are not settled, none of `excluding`, the oldest first; locked until the transaction
    ends.
    """
    query = select(*(_CASES[name] for name in Ended._fields)).where(_TO_SETTLE).order_by(_CASES.id).limit(limit)
    if excluding:
        query = query.where(_CASES.id.not_in(listed(excluding)))
    held = query.with_for_update(skip_locked=True, key_share=True)
    return [Ended(*row) for row in session.connection().execute(held)]


def keep(session: Session, cases: Sequence[Ended], found: Iterable[Any]) -> None:
    """Settle these locked cases. `found` are all their facts, each with its `measure`."""
    found, connection = list(found), session.connection()
    # sorted, so that concurrent processes insert in the same order
    for measure, part in sorted(_kinds_of(found) - stored_kinds(session).keys()):
        insert_new(session, FactKind, measure=measure, part=part)
    kept = _rows(cases, found, stored_kinds(session))
    if kept:
        connection.execute(insert(COLUMNS.case_id.table), kept)
        _mark(session, {day_of(case.reported_at) for case in cases})
    connection.execute(_SETTLE, {"cases": as_list(case.id for case in cases)})


def differing(session: Session, cases: Collection[Case], found: Iterable[Any]) -> set[int]:
    """Return the ids of these cases whose stored facts are not exactly those among `found`, which are all of theirs."""
    if not cases:
        return set()
    kinds = defaultdict(int, stored_kinds(session))  # 0 for a kind of which nothing is stored
    rows = _rows([_ended(case) for case in cases], list(found), kinds)
    expected = Counter(tuple(row[column.name] for column in _COMPARED) for row in rows)
    moments = [case.reported_at for case in cases]
    kept = Counter(
        stored_rows.cells(
            session,
            _COMPARED,
            COLUMNS.kind_id.in_(select(KINDS.id)),
            COLUMNS.reported_at.between(min(moments), max(moments)),
            COLUMNS.case_id.in_(listed(case.id or 0 for case in cases)),
        )
    )
    return {case_id for case_id, *_rest in (expected - kept) + (kept - expected)}


def _ended(case: Case) -> Ended:
    return Ended(case.id or 0, case.customer_id, case.product_id, case.reported_at, case.entered_at)


def astray(session: Session) -> set[int]:
    """Return the cases of stored facts that belong to no settled case, or repeat its time of report wrongly.

    An unreadable number is of no case; the facts of the case that had it are then not as kept.
    """
    right = set(stored_rows.cells(session, [_CASES.id, _CASES.reported_at], _CASES.settled.is_(True)))
    found = stored_rows.cells(session, [COLUMNS.case_id, COLUMNS.reported_at], distinct=True)
    return {case for case, at in found if (case, at) not in right and isinstance(case, int)}


def _rows(cases: Sequence[Ended], found: Sequence[Any], kinds: Mapping[_Kind, int]) -> list[dict[str, Any]]:
    """Return the facts of these cases as rows, numbered per case in the given order."""
    numbers = Counter[int]()
    of_case = {case.id: _about(case) for case in cases}
    made = []
    for fact in found:
        numbers[fact.case_id] += 1
        values = {"amount": fact.amount, "counted": fact.counted, "based": fact.based}
        numbered = {"kind_id": kinds[fact.measure, fact.part or ""], "number": numbers[fact.case_id]}
        made.append(of_case[fact.case_id] | numbered | values)
    return made


def _about(case: Ended) -> dict[str, Any]:
    """Return the columns of the case that each of its facts repeats."""
    ids = {"case_id": case.id, "customer_id": case.customer_id, "product_id": case.product_id}
    return {**ids, "reported_at": case.reported_at, "ended_at": case.entered_at}


def _kinds_of(found: Sequence[Any]) -> set[_Kind]:
    return {(fact.measure, fact.part or "") for fact in found}


def stored_kinds(session: Session) -> Mapping[_Kind, int]:
    """Return the ids of the stored kinds of facts."""
    known = session.connection().execute(select(KINDS.measure, KINDS.part, KINDS.id))
    return {(measure, part): kind for measure, part, kind in known}


def forget(session: Session, case: Case) -> None:
    """Delete the facts of a locked case that continues. They are computed again when it ends."""
    if case.settled:
        case.settled = False
        session.connection().execute(_DELETE, {"reported_at": case.reported_at, "case": case.id})
        _mark(session, {day_of(case.reported_at)})


def _mark(session: Session, days: Iterable[int]) -> None:
    """Mark these days as changed, in the transaction that changes their facts."""
    session.connection().execute(insert(_CHANGED), [{"day": day} for day in days])


def day_of(moment: datetime) -> int:
    """Return the day of UTC on which a moment (aware) lies, in days since 1970."""
    return (moment - _EPOCH) // _DAY


def start_of(day: int) -> datetime:
    """Return the moment (UTC) at which a day begins that `day_of` returned."""
    return _EPOCH + day * _DAY


def others(
    since: datetime, until: datetime, open_then: tuple[datetime, datetime], *chosen: ColumnElement[bool]
) -> CompoundSelect[Any]:
    """Return a query for the ids of chosen cases that a period counts but that do not lie within it.

    These are cases not settled, and settled ones that reach across its beginning or its end: one index range each. They
    were reported before the period's end and had not ended before it began. `entered_at` is the time of the last move,
    so that of the end for an ended case. A case dated by a wrong clock may be anywhere.

    `open_then` are the moments since when settled cases were reported that reach across the beginning, and the end.
    """
    ended_before = and_(_CASES.state.in_(END_STATES), _CASES.entered_at < since)
    from_before = and_(_CASES.reported_at >= open_then[0], _CASES.reported_at < since)
    to_after = and_(_CASES.reported_at >= max(open_then[1], since), _CASES.reported_at < until)
    apart = (
        (_CASES.settled.is_(False), _CASES.reported_at < until, ~ended_before),
        (_CASES.settled.is_(False), or_(_CASES.reported_at >= until, ended_before), _ASTRAY),
        (_CASES.settled.is_(True), from_before, _CASES.entered_at >= since),
        (_CASES.settled.is_(True), to_after, _CASES.entered_at >= until),
    )
    return union_all(*(select(_CASES.id).where(*conditions, *chosen) for conditions in apart))


def within(since: datetime, until: datetime, ended_before: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions that the case of a stored fact was reported and had ended by then. All are aware UTC."""
    return [COLUMNS.reported_at >= since, COLUMNS.reported_at < until, COLUMNS.ended_at < ended_before]


def facts(chosen: Sequence[ColumnElement[bool]], measure: str) -> Select[Any]:
    """Return a query for the chosen facts of a measure, each with its part and its case."""
    columns = (COLUMNS.case_id, COLUMNS.counted, COLUMNS.based)
    part = func.nullif(KINDS.part, "").label("part")
    return select(part, *columns).where(KINDS.measure == measure, COLUMNS.kind_id == KINDS.id, *chosen)


def each(
    session: Session, chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]
) -> Iterator[tuple[str, Sequence[int], Sequence[float]]]:
    """Yield for each measure the report times of its chosen facts, in seconds since 1970, and their amounts."""
    for (measure, _part), *lists in _by_kind(session, chosen, measures, gathered(BEGUN), gathered(COLUMNS.amount)):
        yield measure, *lists


def sums(
    session: Session, chosen: Sequence[ColumnElement[bool]], measures: Sequence[str]
) -> Iterator[tuple[str, str | None, int, int, int, float]]:
    """Yield for each part of these measures the number of the chosen facts and their sums."""
    numbers = (func.sum(column) for column in (COLUMNS.counted, COLUMNS.based, COLUMNS.amount))
    for (measure, part), *found in _by_kind(session, chosen, measures, func.count(), *numbers):
        yield measure, part or None, *found


def _by_kind(
    session: Session, chosen: Sequence[ColumnElement[bool]], measures: Sequence[str], *columns: ColumnElement[Any]
) -> Iterator[Any]:
    """Yield the columns for each kind of these measures. Selecting by kind lets the database use the facts' key."""
    kinds = {kind: of for of, kind in stored_kinds(session).items() if of[0] in measures}
    query = select(COLUMNS.kind_id, *columns).where(COLUMNS.kind_id.in_(kinds), *chosen).group_by(COLUMNS.kind_id)
    for kind, *found in session.connection().execute(query):
        yield kinds[kind], *found
