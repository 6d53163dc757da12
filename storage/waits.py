"""Queries about whom open cases wait for. Nothing here scans open cases; every query uses an index."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Text, and_, bindparam, delete, func, insert, or_, select
from sqlmodel import Session, col

from storage.dialects import as_list, listed
from storage.tables import METADATA, CasePlace, Wait
from storage.vocabulary import Bucket, Role

_TABLE = METADATA.tables[Wait.__tablename__]
_ROW = _TABLE.c


class Waiting(NamedTuple):
    """What is stored of one addressee of a case; the columns of `Wait`."""

    bucket: Bucket
    person_id: str | None
    role: Role | None
    not_person: str | None
    since: datetime
    due_at: datetime | None
    urgent: bool


_OF_CASES = select(_ROW.case_id, *(_ROW[name] for name in Waiting._fields)).where(
    _ROW.case_id.in_(listed(bindparam("cases", type_=Text)))
)
_CLEAR = delete(_TABLE).where(_ROW.case_id == bindparam("case"))
_ADD = insert(_TABLE)


def of_cases(session: Session, case_ids: Iterable[int]) -> dict[int, frozenset[Waiting]]:
    """Return whom each of these cases waits for; a case that waits for nobody is left out."""
    found = defaultdict[int, list[Waiting]](list)
    for case_id, *row in session.connection().execute(_OF_CASES, {"cases": as_list(case_ids)}):
        found[case_id].append(Waiting(*row))
    return {case_id: frozenset(rows) for case_id, rows in found.items()}


def replace(session: Session, case_id: int, there: Collection[Waiting], rows: Iterable[Waiting]) -> None:
    """Store that the case waits for these and nobody else. `there` are those that are stored."""
    if there:
        session.connection().execute(_CLEAR, {"case": case_id})
    if fresh := [{"case_id": case_id, **row._asdict()} for row in rows]:
        session.connection().execute(_ADD, fresh)


class WaitingCase(NamedTuple):
    """One case that waits for a reader, and since when; `due_at` is the deadline, or the end of the state's target."""

    case_id: int
    bucket: Bucket
    since: datetime
    due_at: datetime | None
    urgent: bool


def _is_for(person: str, roles: Iterable[Role]) -> ColumnElement[bool]:
    """Match the rows of a person and of the roles that the person holds and is not excluded from."""
    included = or_(_ROW.not_person.is_(None), _ROW.not_person != person)
    return or_(_ROW.person_id == person, and_(_ROW.role.in_(sorted(roles)), included))


def waiting(
    session: Session, person: str, roles: Iterable[Role], limit: int, bucket: Bucket | None = None
) -> list[WaitingCase]:
    """Return the cases that wait for the person: the soonest due first, then those that have waited longest."""
    query = select(_ROW.case_id, _ROW.bucket, _ROW.since, _ROW.due_at, _ROW.urgent).where(_is_for(person, roles))
    if bucket is not None:
        query = query.where(_ROW.bucket == bucket)
    query = query.distinct().order_by(_ROW.due_at.nulls_last(), _ROW.since, _ROW.case_id).limit(limit)
    return [WaitingCase(*row) for row in session.connection().execute(query)]


def count(session: Session, person: str, roles: Iterable[Role]) -> Counter[Bucket]:
    """Return how many cases wait for the person, by what is to be done."""
    query = select(_ROW.bucket, func.count(func.distinct(_ROW.case_id)).label("cases")).where(_is_for(person, roles))
    found = session.connection().execute(query.group_by(_ROW.bucket))
    return Counter({row.bucket: row.cases for row in found})


def affected(session: Session, persons: Iterable[str], roles: Iterable[Role]) -> list[int]:
    """Return the open cases whose rows may change when these people or the holders of these roles change, in order."""
    people = sorted(persons)
    named = or_(_ROW.person_id.in_(people), _ROW.not_person.in_(people))
    touched = or_(named, _ROW.role.in_(sorted(roles)), _ROW.bucket == Bucket.VACANT)
    placed = _ROW.case_id.in_(select(col(CasePlace.case_id)).where(col(CasePlace.person_id).in_(people)))
    query = select(_ROW.case_id).where(touched | placed).distinct().order_by(_ROW.case_id)
    return list(session.connection().execute(query).scalars())


def all_cases(session: Session) -> list[int]:
    """Return every case that waits for somebody, in order."""
    return list(session.connection().execute(select(_ROW.case_id).distinct().order_by(_ROW.case_id)).scalars())
