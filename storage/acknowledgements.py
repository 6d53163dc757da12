"""Queries about who acknowledged a reminder."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, update
from sqlmodel import Session, col, select

from storage.tables import METADATA, Case, CasePlace, Reminder

_TABLE = METADATA.tables[Reminder.__tablename__]


def get(session: Session, reminder_id: int) -> Reminder:
    """Return a reminder that exists."""
    return session.get_one(Reminder, reminder_id)


_CASE_OF = (
    select(Case)
    .join(Reminder, col(Reminder.case_id) == Case.id)
    .where(Reminder.id == bindparam("reminder"))
    .with_for_update(key_share=True, of=Case)
)


def hold_case(session: Session, reminder_id: int) -> Case | None:
    """Return the case of a reminder and lock it, as `cases.hold` does; None if there is no such reminder."""
    return session.exec(_CASE_OF, params={"reminder": reminder_id}).first()


_NOTED = select(Reminder.acknowledged_by).where(Reminder.id == bindparam("reminder")).with_for_update()


def is_acknowledged(session: Session, reminder_id: int) -> bool:
    """Return whether a reminder was acknowledged, after waiting for an acknowledgement that is in progress."""
    return session.exec(_NOTED, params={"reminder": reminder_id}).one() is not None


_ACKNOWLEDGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("reminder"), _TABLE.c.acknowledged_by.is_(None))
    .values(acknowledged_by=bindparam("person"), acknowledged_at=bindparam("now"))
    .returning(*_TABLE.c)
)
_ACKNOWLEDGE_IF_NAMED = _ACKNOWLEDGE.where(
    exists().where(col(CasePlace.case_id) == _TABLE.c.case_id, col(CasePlace.person_id) == bindparam("person"))
)


def acknowledge(
    session: Session, reminder_id: int, person: str, now: datetime, *, only_if_named: bool
) -> Row[Any] | None:
    """Record who acknowledged a reminder, unless somebody already did.

    Return its columns as they are now, or None if nothing was recorded. With `only_if_named`, only a person who holds a
    place on the case is recorded.
    """
    statement = _ACKNOWLEDGE_IF_NAMED if only_if_named else _ACKNOWLEDGE
    parameters = {"reminder": reminder_id, "person": person, "now": now}
    return session.connection().execute(statement, parameters).one_or_none()
