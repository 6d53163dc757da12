"""Compares a case as it is stored with what its history says: columns, places, reminders, personal values."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col

from bot.casework.records.findings import Finding, FindingKind
from storage import audit, personal, replay, stored_rows
from storage.replay import ASSIGNED, CASE, CASE_COLUMNS, DEADLINES, PLACES, REMINDERS, Projection
from storage.tables import AuditEntry, Case, CaseAssigned, CasePlace, DeadlineChange, Document, Personal, Reminder
from storage.vocabulary import ReminderState, Step

_DEFAULTS = {column.name: replay.default(column) for column in CASE_COLUMNS}


def changed_columns(
    session: Session, case: Case, history: Sequence[AuditEntry], values: Sequence[Personal]
) -> Iterator[Finding]:
    """Yield each column that differs from what the changes of all entries together give.

    Where the beginning of the history is missing, what is left of it says nothing of the columns that it does not name.
    """
    whole = audit.replayed_from(history) is not None
    told = replay.fold(change for entry in history if (change := replay.read(entry.changes)) is not None)
    columns = personal.resolved(told[CASE], {row.hash: row.value for row in values})
    stored = stored_projection(session, case)
    if whole:
        told[CASE] = _DEFAULTS | columns
    else:
        yield Finding(FindingKind.NOT_REPLAYED, f"F-{case.id}")
        told[CASE] = columns
        stored = {section: _named_in(told[section], found) for section, found in stored.items()}
    yield from _differences(told, stored)


def _named_in(told: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name in told}


def _differences(told: Projection, stored: Projection) -> Iterator[Finding]:
    for name in _differing(told[CASE], stored[CASE]):
        if name in _DEFAULTS:  # no column that a later version has dropped
            yield Finding(FindingKind.COLUMN_CHANGED, f"cases.{name}")
    for name in _differing(told[PLACES], stored[PLACES]):
        yield Finding(FindingKind.COLUMN_CHANGED, f"case_places.{name}")
    if told[ASSIGNED] != stored[ASSIGNED]:
        yield Finding(FindingKind.COLUMN_CHANGED, "case_assigned")
    for section, table in ((REMINDERS, "reminders"), (DEADLINES, "deadline_changes")):
        yield from _changed_rows(table, told[section], stored[section])


def _changed_rows(table: str, told: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield each column of a row that differs, or the row if it was removed or added."""
    for name in _differing(told, stored):
        both = isinstance(told.get(name), dict) and name in stored  # a changed entry may tell anything
        columns = _differing(told[name], stored[name]) if both else ("",)
        for column in columns:
            yield Finding(FindingKind.COLUMN_CHANGED, f"{table} {name} {column}".strip())


def _differing(expected: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names whose values differ, or that only one of both has."""
    for name in sorted(expected.keys() | stored.keys()):
        if (name in expected) != (name in stored) or expected[name] != stored[name]:
            yield name


def stored_projection(session: Session, case: Case) -> Projection:
    """Return the projection of a case as it is stored, damaged values included."""
    places: dict[str, list[str]] = defaultdict(list)
    for holder in stored_rows.read(session, CasePlace, col(CasePlace.case_id) == case.id):
        places[str(holder.place)].append(str(holder.person_id))
    assigned = stored_rows.read(session, CaseAssigned, col(CaseAssigned.case_id) == case.id)
    sent = (col(Reminder.case_id) == case.id, col(Reminder.state) == ReminderState.SENT)
    reminders = replay.together(map(replay.sent, stored_rows.read(session, Reminder, *sent)))
    found = replay.projection(case, places, (str(one.person_id) for one in assigned))
    judged = stored_rows.read(session, DeadlineChange, col(DeadlineChange.case_id) == case.id)
    deadlines = replay.together(map(replay.judged, judged))
    return {**found, REMINDERS: reminders.get(REMINDERS, {}), DEADLINES: deadlines.get(DEADLINES, {})}


def changed_names(history: Iterable[AuditEntry], registered: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the registered names, by the field of the report that asked for them, that are not those of the report."""
    for report in (entry for entry in history if entry.step == Step.REPORT):
        told = _answers(report)
        for field, name in registered.items():
            if told.get(field) and told[field] != name:
                yield Finding(FindingKind.COLUMN_CHANGED, f"{field}s.name")


def _answers(entry: AuditEntry) -> Mapping[str, Any]:
    """Return the answers of an entry; none if it was made unreadable."""
    try:
        found = json.loads(entry.data)
    except (ValueError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def changed_values(
    history: Iterable[AuditEntry], papers: Iterable[Document], values: Sequence[Personal]
) -> Iterator[Finding]:
    """Yield each personal value that is not the one that history and records bind, named by its hash's beginning."""
    texts = [text for entry in history for text in (entry.data, entry.changes, entry.identities)]
    bound = personal.bound_in([*texts, *(paper.content for paper in papers)])
    right = {row.hash for row in values if _holds(row)}
    for digest in sorted(bound ^ right | {str(row.hash) for row in values if row.hash not in right}):
        yield Finding(FindingKind.PERSONAL_CHANGED, str(digest)[:8])


def _holds(row: Personal) -> bool:
    stored = (row.salt, row.value)
    return all(isinstance(one, str) for one in stored) and row.hash == personal.hash_with(*stored)
