"""The rows of a case as its history tells them up to an entry: what `storage.replay` folds, as rows of tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import SQLModel

from storage import documents, personal, replay
from storage.columns import Moment
from storage.replay import ASSIGNED, CASE, CASE_COLUMNS, DEADLINES, FILES, PLACES, REMINDERS, Projection
from storage.stored_cases import StoredCase
from storage.stored_rows import Damaged
from storage.tables import (
    METADATA,
    AuditEntry,
    Case,
    CaseAssigned,
    CaseFile,
    CasePlace,
    DeadlineChange,
    Document,
    Reminder,
)

_SIGNED = ("signer_id", "signer_role", "signed_at", "signature")


def of_case(case: StoredCase, kept: Sequence[AuditEntry]) -> Iterator[SQLModel]:
    """Yield the rows of a case as they were after the entries `kept` of its history, which must be intact.

    Records and personal values are taken from those that are stored, because they are only ever added.
    """
    told = replay.fold(change for entry in kept if (change := replay.read(entry.changes)) is not None)
    columns = personal.resolved(told[CASE], {row.hash: row.value for row in case.values})
    whole = {one.name: columns.get(one.name, replay.default(one)) for one in CASE_COLUMNS}
    yield _row(Case, whole, id=case.case.id, audit_count=kept[-1].seq, audit_head=kept[-1].hash)
    yield from _other_rows(told, case.case.id)
    kept_records = list(_records(case.records, kept, case.history))
    yield from kept_records
    later = _bound(case.history, case.records) - _bound(kept, kept_records)
    yield from (row for row in case.values if row.hash not in later)


def _other_rows(told: Projection, case_id: int | None) -> Iterator[SQLModel]:
    for place, people in told[PLACES].items():
        yield from (_row(CasePlace, {}, case_id=case_id, place=place, person_id=person) for person in people)
    yield from (_row(CaseAssigned, {}, case_id=case_id, person_id=person) for person in told[ASSIGNED])
    yield from (_row(CaseFile, columns, case_id=case_id) for columns in told[FILES].values())
    yield from (_row(Reminder, columns, case_id=case_id) for columns in told[REMINDERS].values())
    yield from (
        _row(DeadlineChange, columns, case_id=case_id, seq=int(seq)) for seq, columns in told[DEADLINES].items()
    )


def _row(table: type[SQLModel], told: Mapping[str, Any], **key: Any) -> SQLModel:
    """Return a row with this key and the columns that the history tells."""
    columns = METADATA.tables[str(table.__tablename__)].columns
    return table(**key, **{one.name: _value(one, told[one.name]) for one in columns if one.name in told})


def _value(column: Column[Any], told: Any) -> Any:
    """Return the value of a column from JSON data. What is missing where something must be counts as damaged."""
    if told is None:
        return None if column.nullable else Damaged()
    return datetime.fromisoformat(told) if isinstance(column.type, Moment) else told


def _records(
    stored: Iterable[Document], kept: Iterable[AuditEntry], history: Iterable[AuditEntry]
) -> Iterator[Document]:
    """Yield the versions of records without those that later entries wrote, with their status and signature of then.

    One that no entry knows stays, so that `verify` finds it.
    """
    then, ever = documents.bound_by(kept), documents.bound_by(history)
    for record in stored:
        bound = then.get(documents.name_of(record))
        if bound is None and documents.name_of(record) in ever:
            continue
        if bound is not None:
            record.status = bound["status"]
            for name in _SIGNED if "signature" not in bound else ():
                setattr(record, name, None)
        yield record


def _bound(entries: Iterable[AuditEntry], records: Iterable[Document]) -> set[str]:
    """Return the hashes of the personal values that these entries and records hold."""
    texts = (text for entry in entries for text in (entry.data, entry.changes, entry.identities))
    return personal.bound_in([*texts, *(record.content for record in records)])
