"""The present ids of channels to which Slack gave another id."""

from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from storage.concurrent_insert import one_at_a_time
from storage.tables import ChannelMove


def current(session: Session, channel: str) -> str:
    """Return the present id of a channel, which is `channel` itself unless Slack changed it."""
    move = session.get(ChannelMove, channel)
    return move.new_id if move else channel


def ids_of(session: Session, channel: str) -> frozenset[str]:
    """Return every id that Slack gave to this channel, the present one among them."""
    present = current(session, channel)
    earlier = session.exec(select(ChannelMove.old_id).where(ChannelMove.new_id == present))
    return frozenset({present, *earlier})


def follow(session: Session, old: str, new: str, now: datetime) -> None:
    """Store that a channel has the id `new` from now on. `now` is aware UTC. A repeated call changes nothing."""
    one_at_a_time(session.connection(), "channel_moves")
    session.exec(update(ChannelMove).where(col(ChannelMove.new_id) == old).values(new_id=new))
    session.exec(delete(ChannelMove).where(col(ChannelMove.old_id) == new))  # it has an earlier id again
    session.merge(ChannelMove(old_id=old, new_id=new, at=now))
