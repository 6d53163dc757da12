"""Deletes what is finished and old: messages that were sent, and what Slack showed and reminded of ended cases.

Every function works on one small batch and finds it by an index, so a call that finds nothing costs next to nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.dialects import listed
from storage.tables import Case, Outgoing, Posted, Reminder
from storage.vocabulary import END_STATES, OutboxState, ReminderState, Rule

_FINISHED = (OutboxState.SENT, OutboxState.DROPPED)
_OVER = (ReminderState.SENT, ReminderState.STOPPED)
#: The states of messages that may still be rendered, from the reminder or posted message that they are about.
_UNFINISHED = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.DEAD)


def delete_messages(session: Session, before: datetime, limit: int) -> int:
    """Delete messages that were sent or dropped before a moment (aware), at most `limit`; return their number.

    Dead letters stay, because they can be sent again.
    """
    found = session.exec(
        select(Outgoing.id)
        .where(col(Outgoing.state).in_(_FINISHED), col(Outgoing.due_at) < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if found:
        session.connection().execute(delete(Outgoing).where(col(Outgoing.id).in_(listed(filter(None, found)))))
    return len(found)


def hold_ended(session: Session, before: datetime, limit: int, except_view: str) -> list[Case]:
    """Return cases that ended before a moment (aware) and have something that `delete_of` deletes; they are locked.

    They are found by their finished reminders, then by what was posted of those without any, at most `limit` of these.
    Left out are cases that still have something to send, and duplicates of a case that has not ended for as long,
    because they come back when it is withdrawn.
    """
    over = _is_over(before)
    old = (col(Reminder.state).in_(_OVER), col(Reminder.due_at) < before)
    reminded = select(Case.id).join(Reminder).where(*old, *over).limit(limit)
    of_view = select(Posted.case_id).where(Posted.view != except_view).distinct()
    posted = of_view.cte("posted_of").prefix_with("MATERIALIZED")  # else SQLite begins with all cases that ever ended
    shown = select(Case.id).join(posted, posted.c.case_id == Case.id).where(*over).limit(limit)
    found = set(session.exec(reminded)) or set(session.exec(shown))
    if not found:
        return []
    of_these = col(Case.id).in_(listed(filter(None, found)))
    held = session.exec(select(Case.id).where(of_these).with_for_update(skip_locked=True, key_share=True)).all()
    # only what is read after the lock is true until the end of the transaction
    query = select(Case).where(col(Case.id).in_(listed(filter(None, held))), *_is_over(before))
    return list(session.exec(query.order_by(col(Case.id)).execution_options(populate_existing=True)))


def _is_over(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a case ended before a moment, and that nothing of it is or may be under way."""
    master = aliased(Case)
    unfinished = select(Outgoing.case_id).where(
        col(Outgoing.state).in_(_UNFINISHED), col(Outgoing.case_id).is_not(None)
    )
    waits = or_(
        col(Reminder.state) == ReminderState.WAITING, col(Reminder.rule).not_in(list(Rule))
    )  # of a newer version
    planned = exists().where(col(Reminder.case_id) == Case.id, waits)
    # SQLite gives the id of the newest row to the next one once it is deleted, and buttons in Slack carry the ids
    newest = select(Reminder.case_id).order_by(col(Reminder.id).desc()).limit(1).scalar_subquery()
    return (
        *_ended(Case, before),
        or_(col(Case.master_id).is_(None), exists().where(col(master.id) == Case.master_id, *_ended(master, before))),
        ~col(Case.in_discussion),
        col(Case.id).not_in(unfinished),
        col(Case.id) != newest,
        ~planned.correlate(Case),
    )


def _ended(case: type[Case], before: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(case.state).in_(sorted(END_STATES)), col(case.entered_at) < before


def reminders_of(session: Session, cases: Iterable[Case]) -> list[Reminder]:
    """Return all reminders of these cases."""
    return list(session.exec(select(Reminder).where(col(Reminder.case_id).in_(_ids(cases)))))


def delete_of(session: Session, cases: Sequence[Case], except_view: str) -> None:
    """Delete the reminders of these cases, and where their messages were posted, except those of one view."""
    connection, ids = session.connection(), _ids(cases)
    connection.execute(delete(Posted).where(col(Posted.case_id).in_(ids), col(Posted.view) != except_view))
    connection.execute(delete(Reminder).where(col(Reminder.case_id).in_(ids)))


def _ids(cases: Iterable[Case]) -> Select[tuple[int]]:
    return listed(case.id for case in cases if case.id)
