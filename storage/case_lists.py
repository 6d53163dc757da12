"""Lists of cases, newest first. What one costs does not grow with the number of cases.

In each state the cases are walked in the order of their numbers, so that nothing is sorted. The cases of one person are
few among the open ones, and are found from the person where ended ones are asked for.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Select, exists, func, or_, union, union_all
from sqlmodel import Session, col, select

from storage.tables import Case, CaseAssigned, CasePlace
from storage.vocabulary import OPEN_STATES, State

_ID = col(Case.id)
#: Cases are counted up to here.
MAX_COUNTED = 1000
#: What makes a case one of a person, besides having reported it: a place on it, or having had one or being named on it.
Part = type[CasePlace] | type[CaseAssigned]


def newest(session: Session, states: Collection[State], limit: int) -> list[Case]:
    """Return the newest cases in these states."""
    return _rows(session, _walked(states, limit), limit)


def count(session: Session, states: Collection[State]) -> int:
    """Return how many cases are in these states, at most `MAX_COUNTED`."""
    return _counted(session, sqlalchemy.select(_ID).where(_in(states)))


def newest_of(session: Session, person: str, part: Part | None, states: Collection[State], limit: int) -> list[Case]:
    """Return the newest cases in these states that the person reported, or has this part in."""
    return _rows(session, _theirs(person, part, states, limit), limit)


def count_of(session: Session, person: str, part: Part | None, states: Collection[State]) -> int:
    """Return how many cases `newest_of` finds without a limit, at most `MAX_COUNTED`."""
    return _counted(session, _theirs(person, part, states, MAX_COUNTED))


def with_part(session: Session, person: str, part: Part, case_ids: Collection[int]) -> frozenset[int]:
    """Return in which of these cases the person has this part."""
    query = select(part.case_id).where(part.person_id == person, col(part.case_id).in_(case_ids))
    return frozenset(session.exec(query))


def _in(states: Collection[State]) -> ColumnElement[bool]:
    return col(Case.state).in_(sorted(states))


def _walked(states: Collection[State], limit: int, *also: ColumnElement[bool]) -> Select[Any]:
    """Select the ids of the newest cases in each state."""
    each = (
        sqlalchemy.select(_ID).where(col(Case.state) == state, *also).order_by(_ID.desc()).limit(limit).subquery()
        for state in sorted(states)
    )
    return sqlalchemy.select(union_all(*(sqlalchemy.select(one.c.id) for one in each)).subquery().c.id)


def _theirs(person: str, part: Part | None, states: Collection[State], limit: int) -> Select[Any]:
    reported = col(Case.reporter_id) == person
    if OPEN_STATES.issuperset(states):
        held = exists().where(col(part.case_id) == _ID, col(part.person_id) == person) if part else None
        return _walked(states, limit, reported if held is None else or_(reported, held))
    found = [sqlalchemy.select(_ID).where(reported)]
    if part:
        found.append(sqlalchemy.select(col(part.case_id)).where(col(part.person_id) == person))
    theirs = union(*found).subquery()
    query = sqlalchemy.select(_ID).join(theirs, theirs.c[0] == _ID).where(_in(states))
    return query.order_by(_ID.desc()).limit(limit)


def _rows(session: Session, ids: Select[Any], limit: int) -> list[Case]:
    query = select(Case).where(_ID.in_(ids)).order_by(_ID.desc()).limit(limit)
    return list(session.exec(query))


def _counted(session: Session, ids: Select[Any]) -> int:
    return session.exec(select(func.count()).select_from(ids.limit(MAX_COUNTED).subquery())).one()
