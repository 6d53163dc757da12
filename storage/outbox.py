"""The outbox: messages to Slack, written in the transaction of the step that causes them.

Statements that run for every step and every message are built once, because building one costs more than running it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, bindparam, func, update
from sqlmodel import Session, col, select

from storage import queued, turns
from storage.bulk_insert import insert_all
from storage.core_reads import read
from storage.tables import METADATA, Outgoing
from storage.vocabulary import OutboxState

#: The states of rows that later rows of their lane wait for.
PENDING = (OutboxState.WAITING, OutboxState.SENDING)
#: The longest wait for the next attempt.
MAX_RETRY_DELAY = timedelta(hours=1)
#: The due time of a new message: at once, whatever a clock shows.
DUE_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
#: Slack accepts about one message per this time in each channel (slack-platform.md §4.3).
SPACING = timedelta(seconds=1)
#: The target of messages for the service-desk channel while there is none. They wait until one is set.
NO_CHANNEL = "none"
#: The error of a row whose target is rate-limited until the row is due.
LIMITED = "ratelimited"
#: The error of a row whose sender died before it reported the result.
SENDER_DIED = "sender_died"

_TABLE = METADATA.tables[Outgoing.__tablename__]
#: The suffix of lanes for messages that others need not wait for.
_ASIDE = ":aside"
#: Whether others need not wait for a message.
IS_ASIDE = col(Outgoing.lane).endswith(_ASIDE, autoescape=True)
#: Whether a message waits until a service-desk channel is set.
LACKS_CHANNEL = col(Outgoing.target) == NO_CHANNEL
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
    """Queue these messages. Of several with the same topic only the first is queued, and none if one already waits.

    A waiting row of the topic is locked, so that it is not sent before this transaction commits. An urgent message
    makes those urgent that wait before it in its lane, as they are sent first.
    """
    if messages:
        queued.note(session)
    first = {row["topic"]: row for row in reversed(messages) if row["topic"] is not None}
    waiting = set(read(session, _WAITING_OF_TOPICS, topics=sorted(first)).scalars()) if first else set()
    fresh = {topic: row for topic, row in first.items() if topic not in waiting}
    if rows := [row for row in messages if row["topic"] is None or fresh.get(row["topic"]) is row]:
        insert_all(session.connection(), _TABLE, turns.in_turn(session, rows))
    _raise_priority(session, {row["lane"] for row in messages if row["urgent"]})


_ORDINARY = (
    select(Outgoing.id)
    .where(col(Outgoing.lane).in_(bindparam("lanes", expanding=True)))
    .where(Outgoing.state == OutboxState.WAITING, ~col(Outgoing.urgent))
    .with_for_update(skip_locked=True)
)
_MAKE_URGENT = update(_TABLE).where(_TABLE.c.id.in_(bindparam("ids", expanding=True))).values(urgent=True)


def _raise_priority(session: Session, lanes: Collection[str]) -> None:
    """Let everything that waits in these lanes be urgent, because an urgent message is behind it."""
    if lanes and (ids := session.exec(_ORDINARY, params={"lanes": sorted(lanes)}).all()):
        session.connection().execute(_MAKE_URGENT, {"ids": ids})


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
    deferred: bool = False,
) -> Row:
    """Return a message as an outbox row. `target` is a channel or a person; `now` is aware UTC.

    Messages of a case to a target keep their order. A message that is `aside` is exempt and is claimed separately.
    With a `topic`, a row of the same topic that is still waiting serves for both. One that is `deferred` is sent after
    the others, together with those that wait behind it.
    """
    return {
        "case_id": case_id,
        "lane": lane_of(case_id, target) + (_ASIDE if aside else ""),
        "topic": topic,
        "view": view,
        "target": target,
        "arguments": json.dumps(arguments or {}, ensure_ascii=False),
        "urgent": urgent,
        "turn": turns.DEFERRED if deferred else 0,
        "created_at": now,
        "due_at": DUE_AT_ONCE,
    }


def lane_of(case_id: int | None, target: str) -> str:
    """Return the lane of a case's messages to a target, which keep their order."""
    return f"{case_id or '-'}:{target}"[:72]


def is_aside(row: Outgoing) -> bool:
    """Return whether no other message waits for this one, and it is claimed separately."""
    return row.lane.endswith(_ASIDE)


_PENDING = select(Outgoing.id).where(col(Outgoing.state).in_(PENDING)).limit(1)


def is_pending(session: Session, *of: ColumnElement[bool]) -> bool:
    """Return whether a row that meets all conditions is being sent or waits to be sent, now or later."""
    return read(session, _PENDING.where(*of) if of else _PENDING).first() is not None


def count(session: Session, state: OutboxState, *of: ColumnElement[bool]) -> int:
    """Return how many rows are in a state, of those that meet all conditions."""
    return session.exec(select(func.count()).select_from(Outgoing).where(Outgoing.state == state, *of)).one()


def is_uncertain(row: Outgoing) -> bool:
    """Return whether Slack may have accepted an earlier attempt without confirming it, or may still accept it."""
    return row.uncertain_since is not None
