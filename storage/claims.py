"""Claims messages of the outbox for those who send them, and says when the next ones are due.

Statements that run in every round of the delivery loop are built once.
"""

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import BindParameter, ColumnElement, Integer, Select, Text, and_, bindparam, exists, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage import dialects, turns
from storage.concurrent_insert import one_at_a_time
from storage.core_reads import read
from storage.outbox import DUE_AT_ONCE, IS_ASIDE, LIMITED, PENDING, SPACING, is_aside
from storage.tables import METADATA, Outgoing
from storage.vocabulary import OutboxState

_TABLE = METADATA.tables[Outgoing.__tablename__]


def _blocked() -> ColumnElement[bool]:
    """Return whether an earlier row of the same lane is still pending."""
    earlier = aliased(Outgoing)
    return exists().where(
        col(earlier.lane) == col(Outgoing.lane), col(earlier.id) < col(Outgoing.id), col(earlier.state).in_(PENDING)
    )


_NOW: BindParameter[datetime] = bindparam("now")
_DUE_LATER, _TAKEN_UP = col(Outgoing.due_at) > _NOW, (OutboxState.SENDING, OutboxState.SENT)
_HELD = select(Outgoing.target, Outgoing.due_at).where(
    or_(
        and_(col(Outgoing.state).in_(_TAKEN_UP), _DUE_LATER, col(Outgoing.due_at) <= bindparam("soon")),
        and_(col(Outgoing.state) == OutboxState.WAITING, col(Outgoing.error) == LIMITED, _DUE_LATER),
    )
)


def held(session: Session, now: datetime) -> dict[str, datetime]:
    """Return the targets that must wait, and until when: a message was just sent there, or Slack limited the rate.

    The `due_at` of a claimed message is when the next one may follow it. `now` is the shared time; if it was put back
    meanwhile, a time further ahead than can follow a message is ignored.
    """
    free: dict[str, datetime] = {}
    for target, until in session.exec(_HELD, params={"now": now, "soon": now + 2 * SPACING}):
        free[target] = max(until, free.get(target, until))
    return free


_FREE = col(Outgoing.target).not_in(bindparam("busy", expanding=True))
#: `coalesce` keeps SQLite from the index of due times, by which all that waits would be read and sorted.
_DUE, _FIRST = func.coalesce(Outgoing.due_at, _NOW) <= _NOW, ~_blocked()


def sendable(limit: str, *, urgent: bool, aside: bool) -> SelectOfScalar[Outgoing]:
    """Return the query for what may be sent of one kind, in the order in which it is claimed, which an index has.

    Its parameters are the shared time `now`, the targets that are `busy`, and the one with the name `limit`.
    """
    of_kind = *(col(Outgoing.urgent) == urgent, IS_ASIDE if aside else ~IS_ASIDE), _DUE, _FREE, _FIRST
    query = select(Outgoing).where(Outgoing.state == OutboxState.WAITING, *of_kind)
    return query.order_by(col(Outgoing.turn), col(Outgoing.id)).limit(bindparam(limit, type_=Integer))


def _claimable(limit: str, *, urgent: bool, aside: bool) -> Select[Any]:
    locked = sendable(limit, urgent=urgent, aside=aside).with_for_update(skip_locked=True)
    return sqlalchemy.select(locked.subquery())


#: The first rows of each kind, however long the queue is.
_CLAIMABLE = select(
    aliased(
        Outgoing,
        sqlalchemy.union_all(
            *(_claimable("ordinary", urgent=urgent, aside=False) for urgent in (True, False)),
            *(_claimable("asides", urgent=urgent, aside=True) for urgent in (True, False)),
        ).subquery(),
    )
)


class Claim(NamedTuple):
    """The messages that a sender has claimed, and what it has left.

    `now` is the shared time. `next_at` is when the next one may be due for a target that is not busy; None if something
    else has to happen first. `awaited` are the targets that are busy or held for which more waits; None stands for any,
    because there was no room for more.
    """

    rows: list[Outgoing]
    now: datetime
    next_at: datetime | None
    awaited: frozenset[str] | None

    def is_awaited(self, target: str) -> bool:
        """Return whether more may be sent when a message to this target is finished."""
        return self.awaited is None or target in self.awaited


def claim(
    session: Session,
    clock: Callable[[Session], datetime],
    sender: int,
    limit: int,
    busy: Collection[str] = (),
    *,
    asides: int = 0,
) -> Claim:
    """Lease due messages to a sender: each the first of its lane, one per target, urgent ones first, then in turn.

    Targets that are `busy` or `held` are skipped. At most `limit` ordinary messages and `asides` aside ones are leased.
    Senders claim one after another, so each knows what the others have leased and reads the shared `clock` after it.
    Each lease of a row has another number.
    """
    one_at_a_time(session.connection(), "outbox")
    now = clock(session)
    free_at = held(session, now)
    wanted = {"now": now, "busy": sorted({*busy, *free_at}), "ordinary": limit, "asides": asides}
    found = sorted(session.exec(_CLAIMABLE, params=wanted), key=_order)
    ordinary, others = _first(found, limit, aside=False), _first(found, asides, aside=True)
    for row in (rows := ordinary + others):
        turns.join_behind(session, row)
        row.state, row.leased_by, row.lease = OutboxState.SENDING, sender, row.lease + 1
        row.attempts, row.due_at = row.attempts + 1, now + SPACING
    kinds = [aside for aside, room in ((False, limit - len(ordinary)), (True, asides - len(others))) if room]
    left = rest(session, {*busy, *free_at, *(row.target for row in rows)}, kinds)
    moments = [*(free_at[target] for target in left.awaited if target in free_at), left.due_at]
    next_at = min((moment for moment in moments if moment), default=None)
    return Claim(rows, now, next_at, left.awaited if len(kinds) == len(_KINDS) else None)


def _order(row: Outgoing) -> tuple[bool, int, int]:
    return not row.urgent, row.turn, row.id or 0


def _first(found: Iterable[Outgoing], limit: int, *, aside: bool) -> list[Outgoing]:
    """Return the first rows of a kind, one per target."""
    rows: dict[str, Outgoing] = {}
    for row in found:
        if is_aside(row) is aside:
            rows.setdefault(row.target, row)
    return list(rows.values())[:limit]


_NEXT_DUE = (
    select(Outgoing.due_at)
    .where(Outgoing.state == OutboxState.WAITING, _FREE, _FIRST, IS_ASIDE.in_(bindparam("kinds", expanding=True)))
    .order_by(col(Outgoing.due_at))
    .limit(1)
)
_TARGETS = dialects.elements(bindparam("targets", type_=Text))
_IS_AWAITED = exists().where(col(Outgoing.state) == OutboxState.WAITING, col(Outgoing.target) == _TARGETS.c.value)
_REST = sqlalchemy.select(_TARGETS.c.value, _IS_AWAITED, _NEXT_DUE.scalar_subquery())
#: Whether messages are aside.
_KINDS = (False, True)


class Rest(NamedTuple):
    """What waits: the busy targets for which something does, and when the first message is due for another target."""

    awaited: frozenset[str]
    due_at: datetime | None


def rest(session: Session, busy: Collection[str] = (), kinds: Collection[bool] = _KINDS) -> Rest:
    """Return what waits. Messages for targets that are `busy` cannot be sent, nor those behind others of their lane.

    Of the `kinds`, True stands for messages that are aside.
    """
    targets = sorted({"", *busy})  # never none, so that there is a row
    found = read(session, _REST, busy=targets, targets=json.dumps(targets), kinds=list(kinds)).all()
    return Rest(frozenset(target for target, is_awaited, _due in found if is_awaited), found[0][2])


_RETRIED_LATER = _TABLE.c.state == OutboxState.WAITING, _TABLE.c.attempts > 0, _TABLE.c.due_at > _NOW
_END_WAITS = update(_TABLE).where(*_RETRIED_LATER).values(due_at=DUE_AT_ONCE)


def end_waits(session: Session, now: datetime) -> None:
    """Let every retry be due that waits for a time after `now`. A message that was never tried keeps its time."""
    session.connection().execute(_END_WAITS, {"now": now})
