"""Checkpoints: numbered lists of the subjects whose number of entries differs from the one last listed.

Numbers of entries are compared, never ids or moments, because transactions commit out of order.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, case, func, insert, literal, or_, select, true
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from storage import stored_rows
from storage.concurrent_insert import insert_new
from storage.documents import canonical, hash_of
from storage.tables import METADATA, AuditEntry, Case, Checkpoint, CheckpointSubject, DeskEntry, Report
from storage.vocabulary import SubjectKind

#: The entries of a version of a statistics report: its figures, and its issue.
DRAFTED, ISSUED = 1, 2
#: The id of the desk among the subjects.
DESK = 0
_LISTED = METADATA.tables[CheckpointSubject.__tablename__]
_LIST = _LISTED.c
_CASES, _HISTORY = METADATA.tables[Case.__tablename__], METADATA.tables[AuditEntry.__tablename__]
_REPORTS, _DESK = METADATA.tables[Report.__tablename__], METADATA.tables[DeskEntry.__tablename__]


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A subject with its number of entries and the hash of the last one."""

    kind: SubjectKind
    id: int
    entries: int
    head: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A listed subject whose entry is no longer there as it was listed.

    `found` is the hash that the entry has now, None if there is no such entry; `left` is whether anything of the
    subject is left.
    """

    checkpoint: int
    listed: Subject
    found: str | None
    left: bool


def last(session: Session) -> Checkpoint | None:
    """Return the newest checkpoint; None if there is none. An unreadable value is `Damaged`."""
    newest = select(func.max(Checkpoint.number)).scalar_subquery()
    return next(iter(stored_rows.read(session, Checkpoint, col(Checkpoint.number) == newest)), None)


def find(session: Session, number: int) -> Checkpoint | None:
    """Return one checkpoint; None if there is none with this number."""
    return session.get(Checkpoint, number)


def every(session: Session) -> list[Checkpoint]:
    """Return all checkpoints, oldest first; an unreadable value is `Damaged`."""
    return stored_rows.read(session, Checkpoint, order=[col(Checkpoint.number)])


def count(session: Session) -> int:
    """Return how many checkpoints there are."""
    return session.exec(select_rows(func.count()).select_from(Checkpoint)).one()


def lists(session: Session) -> Iterator[tuple[int, list[Subject]]]:
    """Yield the number of each checkpoint that lists anything, with its list, oldest first.

    An unreadable value in a list is `Damaged`; an unreadable number is 0.
    """
    order = (_LIST.checkpoint, _LIST.kind, _LIST.subject)
    rows = stored_rows.cells(session, (*order, _LIST.entries, _LIST.head), order=order)
    for number, found in groupby(rows, key=lambda row: row[0] if isinstance(row[0], int) else 0):
        yield number, [Subject(*row[1:]) for row in found]


def listed_cases() -> Select[tuple[int]]:
    """Return a query of the ids of all cases that any checkpoint lists."""
    return select(_LIST.subject).where(_LIST.kind == SubjectKind.CASE)


# Writing


def changed(session: Session) -> list[Subject]:
    """Return the subjects whose number of entries differs from the one last listed, in the order of a list."""
    return sorted(Subject(*row) for query in _CHANGED for row in session.connection().execute(query))


def _changed(kind: SubjectKind, subject: Any, entries: Any, head: Any) -> Select[Any]:
    last_listed = (
        select(_LIST.entries)
        .where(_LIST.kind == kind, _LIST.subject == subject)
        .order_by(_LIST.checkpoint.desc())
        .limit(1)
        .scalar_subquery()
    )
    differs = or_(last_listed.is_(None), last_listed != entries)
    return select(literal(kind, _LIST.kind.type), subject, entries, head).where(differs, entries > 0)


_IS_ISSUED = _REPORTS.c.signature.is_not(None)
_OF_REPORT = case((_IS_ISSUED, ISSUED), else_=DRAFTED)
_CHANGED = (
    _changed(SubjectKind.CASE, _CASES.c.id, _CASES.c.audit_count, _CASES.c.audit_head),
    _changed(
        SubjectKind.REPORT, _REPORTS.c.id, _OF_REPORT, func.coalesce(_REPORTS.c.signature, _REPORTS.c.content_hash)
    ),
    _changed(SubjectKind.DESK, literal(DESK), _DESK.c.seq, _DESK.c.hash).where(
        _DESK.c.seq == select(func.max(_DESK.c.seq)).scalar_subquery()
    ),
)


def root_of(number: int, at: datetime, key: str | None, previous: str, subjects: Sequence[Subject]) -> str:
    """Return the root of a checkpoint. `at` is aware UTC, `subjects` are in the order of a list."""
    listed = [[one.kind, one.id, one.entries, one.head] for one in subjects]
    covered = {"number": number, "at": at.isoformat(), "key": key, "previous": previous, "subjects": listed}
    return hash_of(canonical(covered))


def add(
    session: Session, before: Checkpoint | None, subjects: Sequence[Subject], key: str | None, now: datetime
) -> Checkpoint | None:
    """Write the checkpoint after `before`; None if another process has written one. `now` is aware UTC."""
    number, previous = (before.number + 1, before.root) if before else (1, "")
    root = root_of(number, now, key, previous, subjects)
    # SQLite's trigger against INSERT OR REPLACE also fires for an insert that does nothing
    there = find(session, number) is not None
    if there or not insert_new(session, Checkpoint, number=number, at=now, key=key, previous_root=previous, root=root):
        return None
    rows = [
        {"kind": one.kind, "subject": one.id, "checkpoint": number, "entries": one.entries, "head": one.head}
        for one in subjects
    ]
    if rows:
        session.connection().execute(insert(_LISTED), rows)
    return session.get_one(Checkpoint, number)


# Verifying


def missed(session: Session, kinds: Iterable[SubjectKind], subject: int | None = None) -> list[Missed]:
    """Return the listed entries of these kinds that are no longer there as listed; of `subject` alone if it is given.

    What is unreadable in a list is not among them: the checkpoint is then not as it was written.
    """
    found: list[Missed] = []
    for kind in kinds:
        query = _MISSED[kind] if subject is None else _MISSED[kind].where(_LIST.subject == subject)
        found += (
            Missed(number, Subject(kind, one, entries, head), there, bool(left))
            for number, one, entries, head, there, left in session.connection().execute(query)
            if all(isinstance(value, int) for value in (number, one, entries)) and isinstance(head, str)
        )
    return sorted(found, key=lambda one: (one.listed, one.checkpoint))


def _missed(kind: SubjectKind, table: Any, same: ColumnElement[bool], found: Any, left: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (_LIST.checkpoint, _LIST.subject, _LIST.entries, _LIST.head, found, left)
    query: Select[Any] = select(*columns).select_from(_LISTED).join(table, same, isouter=True)
    return query.where(_LIST.kind == kind, or_(found.is_(None), found != _LIST.head))


def _there_is(found: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether any row is left that fulfils the condition on a row of the list."""
    return select(found).where(condition).correlate(_LISTED).exists()


_MISSED: dict[SubjectKind, Select[Any]] = {
    SubjectKind.CASE: _missed(
        SubjectKind.CASE,
        _HISTORY,
        and_(_HISTORY.c.case_id == _LIST.subject, _HISTORY.c.seq == _LIST.entries),
        _HISTORY.c.hash,
        or_(
            _there_is(_CASES.c.id, _CASES.c.id == _LIST.subject),
            _there_is(_HISTORY.c.id, _HISTORY.c.case_id == _LIST.subject),
        ),
    ),
    SubjectKind.REPORT: _missed(
        SubjectKind.REPORT,
        _REPORTS,
        _REPORTS.c.id == _LIST.subject,
        case((_LIST.entries == ISSUED, _REPORTS.c.signature), else_=_REPORTS.c.content_hash),
        _REPORTS.c.id.is_not(None),
    ),
    SubjectKind.DESK: _missed(
        SubjectKind.DESK, _DESK, _DESK.c.seq == _LIST.entries, _DESK.c.hash, _there_is(_DESK.c.seq, true())
    ),
}


def hashes(session: Session, kind: SubjectKind, subjects: Collection[int]) -> dict[int, dict[int, str]]:
    """Return the hash of each entry of these subjects, by subject and number of the entry."""
    queries: dict[SubjectKind, Executable] = {
        SubjectKind.CASE: select(_HISTORY.c.case_id, _HISTORY.c.seq, _HISTORY.c.hash).where(
            _HISTORY.c.case_id.in_(subjects)
        ),
        SubjectKind.REPORT: select(_REPORTS.c.id, literal(DRAFTED), _REPORTS.c.content_hash)
        .where(_REPORTS.c.id.in_(subjects))
        .union_all(
            select(_REPORTS.c.id, literal(ISSUED), _REPORTS.c.signature).where(_REPORTS.c.id.in_(subjects), _IS_ISSUED)
        ),
        SubjectKind.DESK: select(literal(DESK), _DESK.c.seq, _DESK.c.hash),
    }
    found: dict[int, dict[int, str]] = {}
    for subject, entry, digest in session.connection().execute(queries[kind]):
        found.setdefault(subject, {})[entry] = digest
    return found
