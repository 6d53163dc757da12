"""The messages that are sent next, for health: if they stay the same, nothing is sent. And when the last one was."""

from datetime import datetime

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from storage.claims import held, sendable
from storage.outbox import DUE_AT_ONCE, IS_ASIDE, LIMITED
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

_LIMITED = (
    select(Outgoing.target)
    .where(
        Outgoing.state == OutboxState.WAITING,
        Outgoing.error == LIMITED,
        col(Outgoing.due_at) > bindparam("now"),
    )
    .distinct()
    .limit(2)
)
_FIRST_TWO = tuple(sendable("one", urgent=urgent, aside=False) for urgent in (True, False))


def next_messages(session: Session, now: datetime) -> list[Outgoing]:
    """Return the oldest urgent and the oldest other message that could be sent now, in the order of sending.

    There is none if nothing but Slack is waited for.

    Left out is what waits for another attempt after Slack failed, for an earlier message of its lane, and for a target
    that is held: a message was just sent there, or Slack limits the rate. Limits of two targets mean the whole
    workspace, so then everything waits. Documents are left out too: making one may take minutes. `now` is the shared
    time.
    """
    if len(session.exec(_LIMITED, params={"now": now}).all()) > 1:
        return []
    asked = {"now": now, "busy": sorted(held(session, now)), "one": 1}
    return [row for query in _FIRST_TWO for row in session.exec(query, params=asked)]


_TAKEN_SINCE = select(func.min(Outgoing.due_at)).where(Outgoing.state == OutboxState.SENDING, ~IS_ASIDE)


def taken_since(session: Session) -> datetime | None:
    """Return when the message was taken that has been under way for longest (shared time); None if none is.

    Documents are left out.
    """
    return session.exec(_TAKEN_SINCE).one()


_NEWEST_MOMENT = select(func.max(Outgoing.due_at)).where(Outgoing.state == OutboxState.SENT)


def newest_moment(session: Session) -> datetime:
    """Return when the target of the message that was sent last was free again, as far as the shared clock showed."""
    newest: datetime | None = session.exec(_NEWEST_MOMENT).one()
    return newest or DUE_AT_ONCE
