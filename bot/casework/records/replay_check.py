"""Compares a case as it is stored with what its history says: columns, places, reminders, personal values."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.casework.records.findings import Finding, FindingKind
from bot.workflow.fields import before
from storage import audit, personal, replay
from storage.documents import parsed
from storage.replay import ASSIGNED, CASE, CASE_COLUMNS, DEADLINES, FILES, PLACES, REMINDERS, Projection
from storage.stored_cases import StoredCase
from storage.tables import AuditEntry, Personal
from storage.vocabulary import Step

_DEFAULTS = {column.name: replay.default(column) for column in CASE_COLUMNS}
#: The table of each section that holds rows.
_TABLES = {REMINDERS: "reminders", DEADLINES: "deadline_changes", FILES: "case_files"}


def changed_columns(case: StoredCase) -> Iterator[Finding]:
    """Yield each column that differs from what the changes of all entries together give.

    Where the beginning of the history is missing, what is left of it says nothing of the columns that it does not name.
    """
    whole = audit.replayed_from(case.history) is not None
    told = replay.fold(change for entry in case.history if (change := replay.read(entry.changes)) is not None)
    columns = personal.resolved(told[CASE], {row.hash: row.value for row in case.values})
    stored = stored_projection(case)
    if whole:
        told[CASE] = _DEFAULTS | columns
    else:
        yield Finding(FindingKind.NOT_REPLAYED, f"F-{case.case.id}")
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
    for section, table in _TABLES.items():
        yield from _changed_rows(table, _complete(table, told[section]), stored[section])


def _complete(table: str, rows: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return rows that entries recorded with the columns that the table has gained since.

    A changed entry may tell anything in the place of a row.
    """
    defaults = replay.row_defaults(table)
    return {name: {**defaults, **row} if isinstance(row, dict) else row for name, row in rows.items()}


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


def stored_projection(case: StoredCase) -> Projection:
    """Return the projection of a case as it is stored, damaged values included."""
    places: dict[str, list[str]] = defaultdict(list)
    for holder in case.places:
        places[str(holder.place)].append(str(holder.person_id))
    found = replay.projection(case.case, places, (str(one.person_id) for one in case.assigned))
    return {**found, **replay.sent(*case.reminders), **replay.judged(*case.deadlines), **replay.filed(*case.files)}


def changed_names(history: Iterable[AuditEntry], registered: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the registered names, by the field of the report that asked for them, that are not those last reported."""
    told: dict[str, Any] = {}
    for entry in history:
        if entry.step in (Step.REPORT, Step.CORRECT):
            said = parsed(entry.data) or {}
            told |= {field: said.get(field) for field in registered if field in said or before(field) in said}
    for field, name in registered.items():
        if told.get(field) and told[field] != name:
            yield Finding(FindingKind.COLUMN_CHANGED, f"{field}s.name")


def changed_values(case: StoredCase) -> Iterator[Finding]:
    """Yield each personal value that is not the one that history and records bind, named by its hash's beginning."""
    texts = [text for entry in case.history for text in (entry.data, entry.changes, entry.identities)]
    bound = personal.bound_in([*texts, *(paper.content for paper in case.records)])
    right = {row.hash for row in case.values if _holds(row)}
    for digest in sorted(bound ^ right | {_hash_of(row) for row in case.values if row.hash not in right}):
        yield Finding(FindingKind.PERSONAL_CHANGED, digest[:8])


def _hash_of(row: Personal) -> str:
    """Return the hash of a value. Where a value was put in its place, it is not told."""
    stored: Any = row.hash
    return stored if isinstance(stored, str) and personal.is_hash(stored) else "?"


def _holds(row: Personal) -> bool:
    stored = (row.salt, row.value)
    return all(isinstance(one, str) for one in stored) and row.hash == personal.hash_with(*stored)
