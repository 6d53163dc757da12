"""Messages that Slack refused permanently: counted by cause, sent again, or discarded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from storage import queued
from storage.outbox import DUE_AT_ONCE
from storage.tables import Outgoing
from storage.vocabulary import OutboxState


@dataclass(frozen=True, slots=True)
class Cause:
    """Why messages to one target were refused: Slack's error code, how many messages, and when (aware UTC)."""

    error: str
    target: str
    messages: int
    first: datetime
    last: datetime


def causes(session: Session, limit: int) -> list[Cause]:
    """Return the causes of all dead letters, those with the newest message first."""
    reason, target, created = func.coalesce(Outgoing.error, ""), col(Outgoing.target), col(Outgoing.created_at)
    query = (
        select(reason, target, func.count(), func.min(created), func.max(created))
        .where(col(Outgoing.state) == OutboxState.DEAD)
        .group_by(reason, target)
        .order_by(func.max(Outgoing.id).desc())
        .limit(limit)
    )
    return [Cause(*row) for row in session.connection().execute(query)]


def send_again(session: Session, error: str, target: str) -> int:
    """Queue the dead letters of one cause again; return their number."""
    queued.note(session)
    waiting = {"state": OutboxState.WAITING, "attempts": 0, "due_at": DUE_AT_ONCE, "error": None}
    return _change(session, error, target, waiting)


def discard(session: Session, error: str, target: str) -> int:
    """Discard the dead letters of one cause; return their number. The rows are kept."""
    return _change(session, error, target, {"state": OutboxState.DROPPED})


def _change(session: Session, error: str, target: str, values: dict[str, Any]) -> int:
    return session.exec(
        update(Outgoing)
        .where(
            col(Outgoing.state) == OutboxState.DEAD,
            func.coalesce(Outgoing.error, "") == error,
            col(Outgoing.target) == target,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    ).rowcount


def is_told(session: Session, topic: str, since: datetime) -> bool:
    """Return whether a message of this topic was queued since then, whatever its state."""
    query = select(col(Outgoing.id)).where(col(Outgoing.topic) == topic, col(Outgoing.created_at) >= since)
    return session.connection().execute(query.limit(1)).first() is not None


_ARRIVED_AFTER = (
    select(col(Outgoing.id))
    .where(
        *(col(Outgoing.case_id) == bindparam("case"), col(Outgoing.view) == bindparam("view")),
        *(col(Outgoing.target) == bindparam("target"), col(Outgoing.state) == OutboxState.SENT),
        col(Outgoing.id) > bindparam("this"),
    )
    .limit(1)
)


def arrived_after(session: Session, row: Outgoing) -> bool:
    """Return whether a later message of the same kind about the same case was sent to the same target."""
    asked = {"case": row.case_id, "view": row.view, "target": row.target, "this": row.id}
    return session.connection().execute(_ARRIVED_AFTER, asked).first() is not None
