"""The present ids of channels to which Slack gave another id."""

from datetime import datetime

import sqlalchemy
from sqlalchemy import BindParameter, ColumnElement, String, bindparam, func
from sqlmodel import Session, col, delete, select, update

from storage.concurrent_insert import one_at_a_time
from storage.core_reads import read
from storage.tables import ChannelMove

_CHANNEL: BindParameter[str] = bindparam("channel", type_=String)
_NEW_ID = select(ChannelMove.new_id).where(ChannelMove.old_id == _CHANNEL).scalar_subquery()
#: The present id of the parameter `channel`, which is the channel itself unless Slack changed its id.
PRESENT: ColumnElement[str] = func.coalesce(_NEW_ID, _CHANNEL)
_PRESENT = sqlalchemy.select(PRESENT)


def current(session: Session, channel: str) -> str:
    """Return the present id of a channel, which is `channel` itself unless Slack changed it."""
    present: str = read(session, _PRESENT, channel=channel).scalar_one()
    return present


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
