"""The message that is sent next, for health: if it stays the same, nothing is sent."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage.outbox import LIMITED, SENDABLE, held
from storage.tables import Outgoing
from storage.vocabulary import OutboxState


class Attempt(NamedTuple):
    """An attempt to send a message: its row, and how often that was claimed before."""

    row: int | None
    lease: int


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


def next_message(session: Session, now: datetime) -> Attempt | None:
    """Return the attempt that is made next, if it could be made now; None if nothing but Slack is waited for.

    Left out is what waits for another attempt after Slack failed, for an earlier message of its lane, and for a target
    that is held: a message was just sent there, or Slack limits the rate. Limits of two targets mean the whole
    workspace, so then everything waits. Documents are left out too: making one may take minutes. `now` is the shared
    time.
    """
    if len(session.exec(_LIMITED, params={"now": now}).all()) > 1:
        return None
    asked = {"now": now, "busy": sorted(held(session, now)), "aside": False, "limit": 1}
    for urgent in (True, False):
        if row := session.exec(SENDABLE, params={**asked, "urgent": urgent}).first():
            return Attempt(row.id, row.lease)
    return None
