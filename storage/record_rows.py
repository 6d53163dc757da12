"""Streams the rows of the product fault record table (T05): one per version of each fault's record."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session

from storage.tables import METADATA
from storage.vocabulary import Basis, Kind, Paper, State

#: The number of rows fetched at a time, and the most that are in memory.
BATCH_SIZE = 500
_CASES, _RECORDS = METADATA.tables["cases"].c, METADATA.tables["documents"].c
_PRODUCTS, _CUSTOMERS = METADATA.tables["products"].c, METADATA.tables["customers"].c
_PEOPLE = METADATA.tables["people"].c


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """The selection of faults: reported in [since, until) (aware UTC), of one customer, one product, or one case.

    A field that is None does not narrow the selection. With `closed`, faults closed in the period are included.
    """

    since: datetime | None = None
    until: datetime | None = None
    customer_id: int | None = None
    product_id: int | None = None
    case_id: int | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A version of a fault's record, with the present state of the fault. `newest` is the newest version's number."""

    case_id: int
    version: int
    newest: int
    content: str
    author_id: str
    author: str | None
    created_at: datetime
    customer: str | None
    product: str
    product_version: str
    module: str | None
    summary: str
    kind: Kind | None
    state: State
    reported_at: datetime
    deadline_at: datetime | None
    first_deadline_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    deadline_basis: Basis | None
    deadline_since: datetime | None
    deadline_when_resolved: datetime | None
    on_hold: bool
    hold_since: datetime | None
    moved_count: int
    fixed_version: str | None
    reopen_count: int


def batches(session: Session, wanted: RecordFilter) -> Iterator[list[StoredRow]]:
    """Yield the rows ordered by case and version, at most `BATCH_SIZE` at a time."""
    query = _query(wanted).execution_options(yield_per=BATCH_SIZE)
    for rows in session.connection().execute(query).partitions():
        yield [StoredRow(*row) for row in rows]


def duplicates(session: Session, masters: Sequence[int]) -> dict[int, list[int]]:
    """Return the cases that were merged into each of these, in order."""
    query = select(_CASES.master_id, _CASES.id).where(_CASES.master_id.in_(masters), _CASES.state == State.DUPLICATE)
    found: dict[int, list[int]] = defaultdict(list)
    for master, case_id in session.connection().execute(query.order_by(_CASES.id)):
        found[master].append(case_id)
    return found


def _query(wanted: RecordFilter) -> Select[Any]:
    versions = METADATA.tables["documents"].alias("versions").c
    same = and_(versions.case_id == _CASES.id, versions.paper == Paper.FAULT_RECORD)
    newest = select(func.max(versions.version)).where(same).scalar_subquery()
    author = func.coalesce(_RECORDS.author_name, _PEOPLE.name)
    own = (_RECORDS.version, newest, _RECORDS.content, _RECORDS.author_id, author, _RECORDS.created_at)
    named = (_CUSTOMERS.name, _PRODUCTS.name, _CASES.product_version, _CASES.module, _CASES.summary)
    moments = (_CASES.deadline_at, _CASES.first_deadline_at, _CASES.resolved_at, _CASES.closed_at)
    stands = (_CASES.kind, _CASES.state, _CASES.reported_at, *moments)
    promise = (_CASES.deadline_basis, _CASES.deadline_since, _CASES.deadline_when_resolved)
    hold = (_CASES.on_hold, _CASES.hold_since)
    counted = (_CASES.moved_count, _CASES.fixed_version, _CASES.reopen_count)
    recorded = and_(_RECORDS.case_id == _CASES.id, _RECORDS.paper == Paper.FAULT_RECORD)
    return (
        select(_CASES.id, *own, *named, *stands, *promise, *hold, *counted)
        .join_from(_CASES.id.table, _RECORDS.id.table, recorded)
        .join(_PRODUCTS.id.table, _PRODUCTS.id == _CASES.product_id)
        .outerjoin(_CUSTOMERS.id.table, _CUSTOMERS.id == _CASES.customer_id)
        .outerjoin(_PEOPLE.id.table, _PEOPLE.id == _RECORDS.author_id)
        .where(*_conditions(wanted))
        .order_by(_RECORDS.case_id, _RECORDS.version)
    )


def _within(moment: Column[Any], wanted: RecordFilter) -> Iterator[ColumnElement[bool]]:
    yield moment.is_not(None)
    if wanted.since is not None:
        yield moment >= wanted.since
    if wanted.until is not None:
        yield moment < wanted.until


def _conditions(wanted: RecordFilter) -> Iterator[ColumnElement[bool]]:
    moments = (_CASES.reported_at, _CASES.closed_at) if wanted.closed else (_CASES.reported_at,)
    yield or_(*(and_(*_within(moment, wanted)) for moment in moments))
    named = {"customer_id": wanted.customer_id, "product_id": wanted.product_id, "id": wanted.case_id}
    yield from (_CASES[name] == value for name, value in named.items() if value is not None)
