"""Queries about a move of the service desk to another channel: which cards are elsewhere, and what waits for there.

A channel to which Slack gave another id is the same channel.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import BindParameter, bindparam, exists, func, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage import channel_moves, queued
from storage.concurrent_insert import one_at_a_time
from storage.core_reads import read
from storage.outbox import PENDING
from storage.tables import Case, Outgoing, Posted
from storage.vocabulary import OPEN_STATES, OutboxState

#: The states of messages that can still go to another channel.
_MOVABLE = (OutboxState.WAITING, OutboxState.DEAD)


def move_alone(session: Session) -> None:
    """Wait until no other process moves the desk, and make others wait until this transaction ends."""
    one_at_a_time(session.connection(), "desk_channel")


_NEWER: type[Posted] = aliased(Posted)
_THERE: BindParameter[str] = bindparam("there", expanding=True)
_IS_NEWEST = ~exists().where(
    col(_NEWER.case_id) == col(Posted.case_id), col(_NEWER.view) == bindparam("card"), col(_NEWER.id) > col(Posted.id)
)
_IS_MOVING = exists().where(
    *(col(Outgoing.case_id) == col(Posted.case_id), col(Outgoing.view) == bindparam("move")),
    *(col(Outgoing.target).in_(_THERE), col(Outgoing.state).in_(PENDING)),
)
_ELSEWHERE = (
    select(Posted.case_id)
    .join(Case, col(Case.id) == col(Posted.case_id))
    .where(col(Posted.view) == bindparam("card"), col(Posted.channel).not_in(_THERE), _IS_NEWEST, ~_IS_MOVING)
    .where(col(Case.state).in_(sorted(OPEN_STATES)))
    .order_by(col(Posted.case_id))
    .limit(bindparam("limit"))
)


def cards_elsewhere(session: Session, card: str, move: str, desk: str, limit: int) -> list[int]:
    """Return open cases whose newest card is in another channel than `desk` and is not on its way, in order.

    `card` and `move` are the kinds of the messages that post a card and that move it.
    """
    there = sorted(channel_moves.ids_of(session, desk))
    return list(read(session, _ELSEWHERE, card=card, move=move, there=there, limit=limit).scalars())


def redirect(session: Session, views: Collection[str], desk: str) -> int:
    """Let the messages of these kinds that wait for a channel of the desk go to `desk`; return their number.

    One that an earlier attempt may have posted stays, because it is looked for where it was posted.
    """
    queued.note(session)
    there = sorted(channel_moves.ids_of(session, desk))
    movable = (
        *(col(Outgoing.state).in_(_MOVABLE), col(Outgoing.view).in_(views)),
        *(col(Outgoing.target).not_in(there), col(Outgoing.uncertain_since).is_(None)),
    )
    lane = func.replace(col(Outgoing.lane), col(Outgoing.target), desk)
    statement = update(Outgoing).where(*movable).values(target=desk, lane=lane)
    return session.exec(statement.execution_options(synchronize_session=False)).rowcount


def is_elsewhere(session: Session, posted: Posted, channel: str) -> bool:
    """Return whether a message was posted in another channel than this one."""
    return posted.channel not in channel_moves.ids_of(session, channel)


class Place(NamedTuple):
    """Where the card of a case is: whether it is on its way to another channel, and the newest one that is posted."""

    is_moving: bool
    posted: Posted | None


_OF_CASE = Posted.case_id == bindparam("case"), Posted.view == bindparam("card")
_MOVES = select(Outgoing.id).where(
    *(Outgoing.case_id == bindparam("case"), Outgoing.view == bindparam("move"), col(Outgoing.state).in_(PENDING))
)
_NEWEST_CARD = select(func.max(Posted.id)).where(*_OF_CASE).scalar_subquery()
_PLACE: Any = sqlalchemy.select(_MOVES.exists(), Posted).join_from(
    sqlalchemy.select(sqlalchemy.literal(1)).subquery(), Posted, col(Posted.id) == _NEWEST_CARD, isouter=True
)


def place(session: Session, case_id: int, card: str, move: str) -> Place:
    """Return where the case's card is. `card` and `move` are the kinds of the messages that post and move it."""
    return Place(*session.exec(_PLACE, params={"case": case_id, "card": card, "move": move}).one())


def card_in(session: Session, case_id: int, card: str, channel: str) -> Posted | None:
    """Return the newest card of the case in this channel; None if there is none."""
    there = sorted(channel_moves.ids_of(session, channel))
    query = select(Posted).where(Posted.case_id == case_id, Posted.view == card, col(Posted.channel).in_(there))
    return session.exec(query.order_by(col(Posted.id).desc()).limit(1)).first()


def earlier_cards(session: Session, newest: Posted) -> Sequence[Posted]:
    """Return the cards of the case that were posted before this one and do not say so yet."""
    query = select(Posted).where(
        *(Posted.case_id == newest.case_id, Posted.view == newest.view),
        *(col(Posted.id) < newest.id, ~col(Posted.settled)),
    )
    return session.exec(query.order_by(col(Posted.id))).all()
