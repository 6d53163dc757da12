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


def follow(session: Session, old: str, new: str, at: datetime) -> None:
    """Store that the channel `old` got the id `new` at this moment (aware UTC).

    Moves may be told in any order and more than once: a later one that is known stays in force.
    """
    one_at_a_time(session.connection(), "channel_moves")
    earlier = col(ChannelMove.at) < at
    session.exec(delete(ChannelMove).where(col(ChannelMove.old_id) == new, earlier))  # it has an earlier id again
    present = current(session, new)
    session.exec(update(ChannelMove).where(col(ChannelMove.new_id) == old, earlier).values(new_id=present))
    known = session.get(ChannelMove, old)
    if present != old and (known is None or known.at <= at):
        session.merge(ChannelMove(old_id=old, new_id=present, at=at))
