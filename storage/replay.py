"""What a history entry changed of its case, computed here alone, and the case that all its changes together give.

A *projection* is a case at one moment as plain JSON data in sections: `case` (columns), `places` (who holds each),
`assigned` (who has or had a place or is named), `reminders` (those that were sent), `deadlines` (what measures judge by
since which entry) and `files` (what became of each). `changes` have the same sections with what differs. A column that
a table gains is covered without another line here.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import Column, Row

from storage.documents import parsed
from storage.personal import PersonalValues
from storage.tables import METADATA, Case, CaseFile, DeadlineChange, Reminder

Projection: TypeAlias = Mapping[str, Mapping[str, Any]]
CASE, PLACES, ASSIGNED, REMINDERS = "case", "places", "assigned", "reminders"
DEADLINES, FILES = "deadlines", "files"
#: The sections from which something can be removed.
_LISTS = (PLACES, ASSIGNED, REMINDERS, DEADLINES, FILES)
#: What the chain itself proves, and the mark of cases whose facts are stored, which `verify` compares with the facts.
_APART = frozenset({"id", "audit_count", "audit_head", "settled"})
CASE_COLUMNS: tuple[Column[Any], ...] = tuple(c for c in METADATA.tables["cases"].columns if c.name not in _APART)
#: The columns of rows that identify them within their case, and so are the names of rows.
_NAMING = {"reminders": {"case_id"}, "deadline_changes": {"case_id", "seq"}, "case_files": {"case_id"}}
_ROW_COLUMNS = {
    table: tuple(column for column in METADATA.tables[table].columns if column.name not in naming)
    for table, naming in _NAMING.items()
}
_PERSONAL = tuple(column.name for column in CASE_COLUMNS if column.info.get("personal"))


def plain(value: Any) -> Any:
    """Return the value of a column as JSON data: a moment as ISO text in UTC, a code as text."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return value.value if isinstance(value, StrEnum) else value


def projection(row: Case, places: Mapping[Any, Iterable[str]], assigned: Iterable[str]) -> Projection:
    """Return the projection of a case that steps change: columns and people."""
    return {
        CASE: {column.name: plain(getattr(row, column.name)) for column in CASE_COLUMNS},
        PLACES: {str(place): sorted(people) for place, people in places.items() if people},
        ASSIGNED: dict.fromkeys(assigned, True),
    }


def difference(before: Projection, after: Projection) -> Projection:
    """Return what `after` has differently in each section. What it no longer has is None."""
    found: dict[str, dict[str, Any]] = {}
    for section, values in after.items():
        earlier = before.get(section, {})
        gone = dict.fromkeys(earlier.keys() - values.keys())
        differing = {
            name: value for name, value in values.items() if name not in earlier or earlier[name] != value
        } | gone
        if differing:
            found[section] = differing
    return found


def fold(changes: Iterable[Projection]) -> dict[str, dict[str, Any]]:
    """Return the projection that these changes give, oldest first."""
    found: dict[str, dict[str, Any]] = {section: {} for section in (CASE, *_LISTS)}
    for change in changes:
        for section, values in change.items():
            found.setdefault(section, {}).update(values)
    for section in _LISTS:
        found[section] = {name: value for name, value in found[section].items() if value is not None}
    return found


def hidden(changes: Projection, values: PersonalValues) -> Projection:
    """Return the changes with references in the place of personal values."""
    if CASE not in changes:
        return changes
    return {**changes, CASE: values.hidden(changes[CASE], _PERSONAL)}


def reminder_key(rule: str, occurrence: int) -> str:
    """Return the name of a reminder within its case."""
    return f"{plain(rule)} {occurrence}"


def sent(*rows: Reminder | Row[Any]) -> Projection:
    """Return the change that these sent or acknowledged reminders are."""
    return {REMINDERS: {reminder_key(row.rule, row.occurrence): _columns("reminders", row) for row in rows}}


def unsent(*rows: Reminder) -> Projection:
    """Return the change that these reminders are, which do not count as sent any more or are deleted."""
    return {REMINDERS: {reminder_key(row.rule, row.occurrence): None for row in rows}}


def judged(*rows: DeadlineChange) -> Projection:
    """Return the change that these new deadlines to judge by are."""
    return {DEADLINES: {str(row.seq): _columns("deadline_changes", row) for row in rows}}


def filed(*rows: CaseFile) -> Projection:
    """Return the change that these files are, of which a copy is kept or never will be."""
    return {FILES: {f"{row.seq} {row.file_id}": _columns("case_files", row) for row in rows}}


def _columns(table: str, row: Reminder | DeadlineChange | CaseFile | Row[Any]) -> dict[str, Any]:
    return {column.name: plain(getattr(row, column.name)) for column in _ROW_COLUMNS[table]}


def default(column: Column[Any]) -> Any:
    """Return the value of a column in a row that was written before the table had the column."""
    return plain(getattr(column.default, "arg", None))


def row_defaults(table: str) -> dict[str, Any]:
    """Return the values of the columns of a row that was written before the table had them."""
    return {column.name: default(column) for column in _ROW_COLUMNS[table]}


def read(text: str | None) -> Projection | None:
    """Return the changes that an entry records; None if it records none, or was made unreadable."""
    found = parsed(text)
    return found if found is not None and all(isinstance(values, dict) for values in found.values()) else None
