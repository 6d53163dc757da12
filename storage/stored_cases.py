"""Reads cases with all rows that belong to them, damaged values included: many cases with one statement per table."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, union
from sqlmodel import Session, SQLModel, col

from storage import stored_rows
from storage.checkpoints import listed_cases
from storage.dialects import listed
from storage.tables import (
    METADATA,
    AuditEntry,
    Case,
    CaseAssigned,
    CaseFile,
    CasePlace,
    DeadlineChange,
    Document,
    Personal,
    Reminder,
)
from storage.vocabulary import ReminderState

_Table = TypeVar("_Table", bound=SQLModel)


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case with its rows: history and records in the order in which they were written, and of reminders those sent.

    They belong to no session, and each unreadable value is `Damaged`.
    """

    case: Case
    history: list[AuditEntry]
    records: list[Document]
    values: list[Personal]
    places: list[CasePlace]
    assigned: list[CaseAssigned]
    reminders: list[Reminder]
    deadlines: list[DeadlineChange]
    files: list[CaseFile]

    def rows(self) -> Iterator[SQLModel]:
        """Return all rows."""
        people = chain[SQLModel](self.values, self.places, self.assigned)
        return chain([self.case], self.history, self.records, people, self.reminders, self.deadlines, self.files)


_PARTS = (AuditEntry, Document, Personal, CasePlace, CaseAssigned, Reminder, DeadlineChange, CaseFile)


def numbers(session: Session, only: int | None = None) -> Iterator[Any]:
    """Yield the numbers of all cases, or `only` this one, in order: also of those of which any row or list is left.

    A damaged number may be anything.
    """
    named = (col(Case.id), *(METADATA.tables[str(part.__tablename__)].c.case_id for part in _PARTS))
    number = union(*(select(one.label("number")) for one in named), listed_cases()).subquery().c.number
    query = select(number).order_by(number).execution_options(yield_per=1000)
    yield from session.connection().execute(query if only is None else query.where(number == only)).scalars()


def read(session: Session, ids: Sequence[int]) -> dict[int, StoredCase]:
    """Return those of these cases that exist, by number."""
    history = _by_case(session, AuditEntry, ids, order=[AuditEntry.seq])
    records = _by_case(session, Document, ids, order=[Document.id])
    values, places = _by_case(session, Personal, ids), _by_case(session, CasePlace, ids)
    assigned, deadlines = _by_case(session, CaseAssigned, ids), _by_case(session, DeadlineChange, ids)
    reminders = _by_case(session, Reminder, ids, col(Reminder.state) == ReminderState.SENT)
    files = _by_case(session, CaseFile, ids)
    cases = stored_rows.read(session, Case, col(Case.id).in_(listed(ids)), order=[Case.id])
    numbered = ((case.id, case) for case in cases if case.id is not None)
    return {
        n: StoredCase(
            *(case, history[n], records[n], values[n], places[n], assigned[n], reminders[n], deadlines[n]), files[n]
        )
        for n, case in numbered
    }


def _by_case(
    session: Session, table: type[_Table], ids: Sequence[int], *chosen: ColumnElement[bool], order: Sequence[Any] = ()
) -> defaultdict[int, list[_Table]]:
    number = METADATA.tables[str(table.__tablename__)].c.case_id
    found: defaultdict[int, list[_Table]] = defaultdict(list)
    for row in stored_rows.read(session, table, number.in_(listed(ids)), *chosen, order=order):
        found[getattr(row, number.name)].append(row)
    return found
