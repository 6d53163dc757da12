"""The product fault record table (T05) as people read it: one row per version of each fault's record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from sqlmodel import Session

from bot.workflow.context import Policy
from bot.workflow.lateness import on_time, on_time_at_first
from storage import personal, record_rows
from storage.personal import Values
from storage.record_rows import RecordFilter, StoredRow
from storage.vocabulary import Basis, Kind, Severity, State


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """The progress of a fault: at this moment in its current row, at closing in an earlier row that closed it."""

    state: State
    resolved_at: datetime | None
    closed_at: datetime | None
    #: None while the deadline lies ahead, or where there is no deadline.
    on_time: bool | None
    on_time_at_first: bool | None
    moved_count: int
    fixed_version: str | None
    reopen_count: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One version of one fault's record. Moments are aware UTC.

    `severity` is None where the stored record is unreadable; the row then holds only the values of the case.
    `reference` is the old number of an imported fault. `current` marks the newest version of a case that still is a
    fault. `outcome` is None in an earlier version that did not close the fault; later versions show it.
    """

    number: str
    summary: str
    customer: str | None
    product: str
    product_version: str
    module: str | None
    version: int
    current: bool
    severity: Severity | None
    severity_reason: str | None
    deadline_basis: Basis | None
    deadline_at: datetime | None
    deadline_contact: str | None
    deadline_agreed_at: datetime | None
    deadline_evidence: str | None
    deadline_reason: str | None
    first_deadline_at: datetime | None
    reported_at: datetime
    outcome: CaseOutcome | None
    duplicates: tuple[str, ...]
    reference: str | None
    author: str
    written_at: datetime


class _RecordContent(BaseModel):
    """The content of a stored record. Without a severity, the record is unreadable."""

    model_config = ConfigDict(frozen=True)

    summary: str | None = None
    customer: str | None = None
    product: str | None = None
    version_reported: str | None = None
    module: str | None = None
    severity: Severity | None = None
    severity_reason: str | None = None
    deadline_basis: Basis | None = None
    deadline_at: AwareDatetime | None = None
    #: A name, or a reference to a personal value.
    deadline_contact: str | dict[str, str] | None = None
    deadline_agreed_at: AwareDatetime | None = None
    deadline_evidence: str | None = None
    deadline_reason: str | None = None
    merged_from: str | None = None
    merge_reason: str | None = None
    first_deadline_at: AwareDatetime | None = None
    resolved_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    on_time: bool | None = None
    on_time_at_first: bool | None = None
    moved_count: int = 0
    fixed_version: str | None = None
    reopen_count: int = 0
    reference: str | None = None

    @property
    def why_moved(self) -> str | None:
        """Why the deadline was moved: for one that a merge brought, the duplicate that records who agreed to it."""
        merged = f"{self.merged_from}: {self.merge_reason}" if self.merged_from else None
        return self.deadline_reason or merged


def record_rows_of(session: Session, wanted: RecordFilter, policy: Policy, now: datetime) -> Iterator[RecordRow]:
    """Yield the wanted rows by case and version, reading the database as they are consumed. `now` is aware UTC."""
    for batch in record_rows.batches(session, wanted):
        cases = sorted({row.case_id for row in batch})
        merged, values = record_rows.duplicates(session, cases), personal.values_of_several(session, cases)
        for row in batch:
            yield _row(row, merged.get(row.case_id, []), values, policy, now)


def _parsed_content(content: str) -> _RecordContent:
    """Return the content of a record; empty if no step can have written it. `verify` reports such a change."""
    try:
        found = _RecordContent.model_validate_json(content)
    except ValidationError:
        return _RecordContent()
    return found if found.severity else _RecordContent()


def _row(row: StoredRow, merged: list[int], values: Values, policy: Policy, now: datetime) -> RecordRow:
    content = _parsed_content(row.content)
    current = row.version == row.newest and row.kind is Kind.FAULT
    dated = row if current else content
    # A promise that is no longer in force (rule 2.4) is shown in the version that recorded it.
    promise = _RecordContent() if current and row.deadline_basis is None else content
    return RecordRow(
        number=f"F-{row.case_id}",
        **(_names(row) if current or content.product is None else _names_then(row, content)),
        version=row.version,
        current=current,
        severity=content.severity,
        severity_reason=content.severity_reason,
        deadline_basis=promise.deadline_basis,
        deadline_at=dated.deadline_at,
        deadline_contact=personal.value_of(promise.deadline_contact, values),
        deadline_agreed_at=promise.deadline_agreed_at,
        deadline_evidence=promise.deadline_evidence,
        deadline_reason=promise.why_moved,
        first_deadline_at=dated.first_deadline_at,
        reported_at=row.reported_at,
        outcome=_outcome(row, policy, now) if current else _outcome_when_closed(row, content),
        duplicates=tuple(f"F-{case_id}" for case_id in merged) if current else (),
        reference=content.reference,
        author=personal.of_text(row.author, values) or row.author_id,
        written_at=row.created_at,
    )


def _names(row: StoredRow) -> dict[str, Any]:
    """Return what the report of the fault says now."""
    return {name: getattr(row, name) for name in ("summary", "customer", "product", "product_version", "module")}


def _names_then(row: StoredRow, content: _RecordContent) -> dict[str, Any]:
    """Return what the report said when the version was written (process.md rule 2.2).

    A version of before modules were recorded had that of the case, unless this has another product since.
    """
    untold = "module" not in content.model_fields_set and content.product == row.product
    return {
        "summary": content.summary,
        "customer": content.customer,
        "product": content.product,
        "product_version": content.version_reported,
        "module": row.module if untold else content.module,
    }


def _outcome(row: StoredRow, policy: Policy, now: datetime) -> CaseOutcome:
    """Return the progress of the fault at `now`."""
    return CaseOutcome(
        row.state,
        row.resolved_at,
        row.closed_at,
        on_time(row, policy, now),
        on_time_at_first(row, policy, now),
        row.moved_count,
        row.fixed_version,
        row.reopen_count,
    )


def _outcome_when_closed(row: StoredRow, content: _RecordContent) -> CaseOutcome | None:
    """Return the progress stated by a version that closed the fault; None for any other version.

    Later versions carry the same values on, although the fault may be open again.
    """
    if content.closed_at != row.created_at:
        return None
    return CaseOutcome(
        State.CLOSED,
        content.resolved_at,
        row.created_at,
        content.on_time,
        content.on_time_at_first,
        content.moved_count,
        content.fixed_version,
        content.reopen_count,
    )
