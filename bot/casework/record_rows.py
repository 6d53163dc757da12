"""The product fault record table (T05) as people read it: one row for each version of each fault's record."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from storage import record_rows
from storage.record_rows import StoredRow, Wanted
from storage.vocabulary import OPEN_STATES, Basis, Kind, Severity, State


@dataclass(frozen=True, slots=True)
class Standing:
    """How a fault stands: at this moment in its current row, when it was closed in an earlier row that closed it."""

    state: State
    resolved_at: datetime | None
    closed_at: datetime | None
    #: None while the deadline lies ahead, or where there is none to judge.
    on_time: bool | None
    on_time_at_first: bool | None
    moved_count: int
    fixed_version: str | None
    reopen_count: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One version of one fault's record. Moments are aware UTC.

    `current`: the newest version, of a case that still is a fault. `standing` is None in an earlier version that
    did not close the fault: what it would say is said by later ones.
    """

    number: str
    summary: str
    customer: str | None
    product: str
    product_version: str
    module: str | None
    version: int
    current: bool
    severity: Severity
    severity_reason: str | None
    deadline_basis: Basis
    deadline_at: datetime | None
    deadline_contact: str | None
    deadline_agreed_at: datetime | None
    deadline_evidence: str | None
    deadline_reason: str | None
    first_deadline_at: datetime | None
    reported_at: datetime
    standing: Standing | None
    duplicates: tuple[str, ...]
    author: str
    written_at: datetime


def record_rows_of(session: Session, wanted: Wanted, now: datetime) -> Iterator[RecordRow]:
    """The rows wanted, by case and version, read from the database as they are taken. `now` is aware UTC."""
    for batch in record_rows.batches(session, wanted):
        merged = record_rows.duplicates(session, sorted({row.case_id for row in batch}))
        for row in batch:
            yield _row(row, merged.get(row.case_id, []), now)


def _row(row: StoredRow, merged: list[int], now: datetime) -> RecordRow:
    said: dict[str, Any] = json.loads(row.content)
    current = row.version == row.newest and row.kind is Kind.FAULT
    deadlines = (row.deadline_at, row.first_deadline_at) if current else _moments(said)
    return RecordRow(
        number=f"F-{row.case_id}",
        summary=row.summary,
        customer=row.customer,
        product=row.product,
        product_version=row.product_version,
        module=row.module,
        version=row.version,
        current=current,
        severity=Severity(said["severity"]),
        severity_reason=said.get("severity_reason"),
        deadline_basis=Basis(said.get("deadline_basis", Basis.NONE)),
        deadline_at=deadlines[0],
        deadline_contact=said.get("deadline_contact"),
        deadline_agreed_at=_moment(said.get("deadline_agreed_at")),
        deadline_evidence=said.get("deadline_evidence"),
        deadline_reason=said.get("deadline_reason"),
        first_deadline_at=deadlines[1],
        reported_at=row.reported_at,
        standing=_standing(row, now) if current else _closing(row, said),
        duplicates=tuple(f"F-{case_id}" for case_id in merged) if current else (),
        author=row.author or row.author_id,
        written_at=row.created_at,
    )


def _standing(row: StoredRow, now: datetime) -> Standing:
    """The fault as it stands now."""

    def on_time(deadline: datetime | None) -> bool | None:
        if deadline is None:
            return None
        if row.resolved_at is not None:
            return row.resolved_at <= deadline
        return False if row.state in OPEN_STATES and now > deadline else None

    return Standing(
        row.state,
        row.resolved_at,
        row.closed_at,
        on_time(row.deadline_at),
        on_time(row.first_deadline_at),
        row.moved_count,
        row.fixed_version,
        row.reopen_count,
    )


def _closing(row: StoredRow, said: dict[str, Any]) -> Standing | None:
    """What a version says that closed the fault; later versions carry its words on, though the fault is open again."""
    if _moment(said.get("closed_at")) != row.created_at:
        return None
    return Standing(
        State.CLOSED,
        _moment(said.get("resolved_at")),
        row.created_at,
        said.get("on_time"),
        said.get("on_time_at_first"),
        said.get("moved_count", 0),
        said.get("fixed_version"),
        said.get("reopen_count", 0),
    )


def _moments(said: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    return _moment(said.get("deadline_at")), _moment(said.get("first_deadline_at"))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
