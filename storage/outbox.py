"""The messages waiting for Slack, written in the transaction of the step that causes them.

What every step and every message runs is a statement built once: building it cost more than running it.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from storage.insert import one_at_a_time
from storage.tables import METADATA, Outgoing, Posted
from storage.vocabulary import OutboxState

#: Rows that still stand before later ones of their lane.
PENDING = (OutboxState.WAITING, OutboxState.SENDING)
#: A sender that says nothing for so long has died, whatever its connection says.
LEASE = timedelta(seconds=60)
#: How long a sender may be away from the database, while that restarts, before its rows are taken from it.
GRACE = timedelta(seconds=3)
#: No message waits longer than this for its next attempt: a moment further away was written by a wrong clock.
FURTHEST = timedelta(hours=1)
#: When a new message is due: at once, however the clocks of several machines differ.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
#: Slack takes about one message in this time in each channel (slack-platform.md §4.3).
SPACING = timedelta(seconds=1)
#: The error of a row whose target Slack wants to be left alone until the row is due.
LIMITED = "ratelimited"
#: Begins the error of a row whose message Slack may have taken although we never heard so.
UNCERTAIN = "?"
#: Its sender was gone before it said what came of it.
SENDER_DIED = f"{UNCERTAIN}sender_died"

#: The lanes of what others need not wait for end so.
_ASIDE = ":aside"
_IS_ASIDE = col(Outgoing.lane).endswith(_ASIDE, autoescape=True)
_INSERT = insert(METADATA.tables[Outgoing.__tablename__])
_WAITING_OF_TOPICS = (
    select(Outgoing.topic)
    .where(col(Outgoing.topic).in_(bindparam("topics", expanding=True)), Outgoing.state == OutboxState.WAITING)
    .with_for_update(skip_locked=True)
)
#: A message as a row of the outbox.
Row: TypeAlias = dict[str, Any]


def put(session: Session, view: str, target: str, now: datetime, **more: Any) -> None:
    """Queue one `message`."""
    put_all(session, [message(view, target, now, **more)])


def put_all(session: Session, messages: Sequence[Row]) -> None:
    """Queue these messages, of those of one topic the first. Nobody sends what waits for it before our commit."""
    first = {row["topic"]: row for row in reversed(messages) if row["topic"] is not None}
    waiting = set(session.exec(_WAITING_OF_TOPICS, params={"topics": sorted(first)})) if first else set()
    fresh = {topic: row for topic, row in first.items() if topic not in waiting}
    if rows := [row for row in messages if row["topic"] is None or fresh.get(row["topic"]) is row]:
        session.exec(_INSERT, params=rows)


def message(
    view: str,
    target: str,
    now: datetime,
    *,
    case_id: int | None = None,
    arguments: Mapping[str, Any] | None = None,
    topic: str | None = None,
    urgent: bool = False,
    aside: bool = False,
) -> Row:
    """A message to be queued. `target` is a channel or a person; `now` is aware UTC.

    The messages of a case to a target keep their order, but for one `aside`, which others need not wait for and which
    is claimed apart. With a `topic`, a row that still waits for the same topic serves for both.
    """
    return {
        "case_id": case_id,
        "lane": f"{case_id or '-'}:{target}"[:72] + (_ASIDE if aside else ""),
        "topic": topic,
        "view": view,
        "target": target,
        "arguments": json.dumps(arguments or {}, ensure_ascii=False),
        "urgent": urgent,
        "created_at": now,
        "due_at": AT_ONCE,
    }


def _blocked() -> ColumnElement[bool]:
    """An earlier row of the same lane still stands before this one."""
    earlier = aliased(Outgoing)
    return exists().where(
        col(earlier.lane) == col(Outgoing.lane), col(earlier.id) < col(Outgoing.id), col(earlier.state).in_(PENDING)
    )


def _due_until(moment: str) -> ColumnElement[bool]:
    return and_(col(Outgoing.due_at) > bindparam("now"), col(Outgoing.due_at) <= bindparam(moment))


_TAKEN_UP, _PUT_BACK = (OutboxState.SENDING, OutboxState.SENT), (LIMITED, UNCERTAIN + LIMITED)
_HELD = select(Outgoing.target, Outgoing.due_at).where(
    or_(
        and_(col(Outgoing.state).in_(_TAKEN_UP), _due_until("soon")),
        and_(col(Outgoing.state) == OutboxState.WAITING, col(Outgoing.error).in_(_PUT_BACK), _due_until("wrong")),
    )
)


def held(session: Session, now: datetime) -> dict[str, datetime]:
    """The targets that must wait, and until when: something just went there, or Slack told a sender to wait.

    A message that was taken up is `due_at` when the next one may follow it. What no right clock wrote holds nobody.
    """
    # another machine's clock may be ahead of ours, and ours was read before we waited for the other's claim
    asked = {"now": now, "soon": now + 2 * SPACING, "wrong": now + FURTHEST}
    free: dict[str, datetime] = {}
    for target, until in session.exec(_HELD, params=asked):
        free[target] = max(until, free.get(target, until))
    return free


_DUE = or_(Outgoing.due_at <= bindparam("now"), Outgoing.due_at > bindparam("wrong"))
_FREE = col(Outgoing.target).not_in(bindparam("busy", expanding=True))
_FIRST = ~_blocked()
_CLAIMABLE = (
    select(Outgoing)
    .where(
        *(Outgoing.state == OutboxState.WAITING, col(Outgoing.urgent) == bindparam("urgent")),
        *(bindparam("aside") == _IS_ASIDE, _DUE, _FREE, _FIRST),
    )
    .order_by(col(Outgoing.id))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def claim(
    session: Session, now: datetime, sender: int, limit: int, busy: Collection[str] = (), *, asides: int = 0
) -> list[Outgoing]:
    """Lease messages that are due to a sender: each the first of its lane, one a target, urgent ones first.

    Targets that are `busy` or `held` are left alone. At most `limit`, and at most `asides` of those aside. One sender
    claims at a time: the next one knows.
    """
    one_at_a_time(session.connection(), "outbox")
    busy = {*busy, *held(session, now)}
    asked = {"now": now, "wrong": now + FURTHEST, "busy": sorted(busy)}
    found = [*_first(session, asked, limit, aside=False), *_first(session, asked, asides, aside=True)]
    for row in found:
        row.state, row.leased_by, row.lease_until = OutboxState.SENDING, sender, now + LEASE
        row.attempts, row.due_at = row.attempts + 1, now + SPACING
    return found


def _first(session: Session, asked: Mapping[str, Any], limit: int, *, aside: bool) -> list[Outgoing]:
    """The first that can be claimed, one a target."""
    rows: dict[str, Outgoing] = {}
    for urgent in (True, False):  # each in the order of an index: ten thousand that wait cost no more than ten
        if len(rows) < limit:
            for row in session.exec(_CLAIMABLE, params={**asked, "limit": limit, "aside": aside, "urgent": urgent}):
                rows.setdefault(row.target, row)
    return list(rows.values())[:limit]


_TAKEN = select(Outgoing).where(
    Outgoing.state == OutboxState.SENDING, col(Outgoing.id).not_in(bindparam("except", expanding=True))
)
_TAKEN_HELD = _TAKEN.with_for_update(skip_locked=True)


def orphans(
    session: Session,
    now: datetime,
    sender: int,
    under_way: Collection[int],
    alive: Callable[[], Collection[int]],
    *,
    hold: bool = False,
) -> list[Outgoing]:
    """Messages whose senders are gone: not among those `alive` (asked if need be), or silent for too long.

    `under_way` are those that this very `sender` is sending; others of its own were left behind by a failure.
    `hold` keeps them from everybody else until the transaction ends.
    """

    def is_orphan(row: Outgoing) -> bool:
        until = row.lease_until or now
        overdue = until < now or until > now + LEASE + GRACE
        gone = row.leased_by not in present and until - LEASE + GRACE < now
        return row.leased_by == sender or overdue or gone

    taken = session.exec(_TAKEN_HELD if hold else _TAKEN, params={"except": sorted(under_way)}).all()
    present = alive() if taken else ()
    return [row for row in taken if is_orphan(row)]


def give_back(row: Outgoing) -> None:
    """Let an orphan be sent again; whether Slack has the message is uncertain."""
    row.state, row.due_at, row.leased_by, row.lease_until = OutboxState.WAITING, AT_ONCE, None, None
    row.error = SENDER_DIED


_NEXT_DUE = (
    select(Outgoing.due_at)
    .where(Outgoing.state == OutboxState.WAITING, _FREE, _FIRST, _IS_ASIDE.in_(bindparam("kinds", expanding=True)))
    .order_by(col(Outgoing.due_at))
    .limit(1)
)


def next_due(session: Session, busy: Collection[str] = (), *, asides: bool = True) -> datetime | None:
    """When the next message for a target that is not `busy` falls due. None while there is none.

    Without `asides` those aside are left out.
    """
    kinds = [False, True] if asides else [False]
    return session.exec(_NEXT_DUE, params={"busy": sorted(busy), "kinds": kinds}).first()


def get(session: Session, row_id: int) -> Outgoing:
    """One row, which must exist."""
    return session.get_one(Outgoing, row_id)


def count(session: Session, state: OutboxState) -> int:
    """How many rows are in a state."""
    return session.exec(select(func.count()).select_from(Outgoing).where(Outgoing.state == state)).one()


def is_uncertain(row: Outgoing) -> bool:
    """Slack may have taken an earlier attempt although we never heard so."""
    return (row.error or "").startswith(UNCERTAIN)


def post(
    session: Session,
    case_id: int,
    view: str,
    channel: str,
    ts: str,
    *,
    person: str | None = None,
    about: int | None = None,
    arguments: str = "{}",
) -> Posted:
    """Remember a message that now stands in Slack, so that it can be edited."""
    message = Posted(
        case_id=case_id,
        view=view,
        channel=channel,
        ts=ts,
        person_id=person,
        about=about,
        arguments=arguments,
    )
    session.add(message)
    session.flush()
    return message


_OF_VIEW = Posted.case_id == bindparam("case"), Posted.view == bindparam("view")
_NEWEST = select(Posted).where(*_OF_VIEW).order_by(col(Posted.id).desc()).limit(1)
_COPIES = select(Posted.id, Posted.channel).where(*_OF_VIEW, Posted.about == bindparam("about"))


def posted(session: Session, case_id: int, view: str) -> Posted | None:
    """The newest message of this view that stands in Slack."""
    return session.exec(_NEWEST, params={"case": case_id, "view": view}).first()


def copies(session: Session, case_id: int, view: str, about: int) -> list[tuple[int, str]]:
    """Messages of this view about one thing, as (id, channel)."""
    found = session.exec(_COPIES, params={"case": case_id, "view": view, "about": about})
    return [(copy_id, channel) for copy_id, channel in found if copy_id is not None]


def forget_posted(session: Session, case_id: int, view: str) -> None:
    """A message that no longer stands in Slack."""
    session.exec(delete(Posted).where(col(Posted.case_id) == case_id, col(Posted.view) == view))


def unsettled(session: Session, case_id: int, view: str) -> list[Posted]:
    """Messages of this view that still offer something to do."""
    query = select(Posted).where(Posted.case_id == case_id, Posted.view == view, ~col(Posted.settled))
    return list(session.exec(query.order_by(col(Posted.id))))
