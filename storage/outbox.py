"""The messages waiting for Slack, written in the transaction of the step that causes them.

What every step and every message runs is a statement built once: building it cost more than running it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, insert, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from storage.tables import METADATA, Outgoing, Posted
from storage.vocabulary import OutboxState

#: Rows that still stand before later ones of their lane.
PENDING = (OutboxState.WAITING, OutboxState.SENDING)
#: Begins the error of a row whose message Slack may have taken although we never heard so.
UNCERTAIN = "?"

_INSERT = insert(METADATA.tables[Outgoing.__tablename__])
_WAITING_OF_TOPIC = (
    select(Outgoing.id).where(Outgoing.topic == bindparam("topic"), Outgoing.state == OutboxState.WAITING).limit(1)
)


def put(
    session: Session,
    view: str,
    target: str,
    now: datetime,
    *,
    case_id: int | None = None,
    arguments: Mapping[str, Any] | None = None,
    topic: str | None = None,
    urgent: bool = False,
) -> None:
    """Queue one message. `target` is a channel or a person; `now` is aware UTC.

    With a `topic`, a row that still waits for the same topic serves for both.
    """
    if topic is not None and _waits(session, topic):
        return
    row = {
        "case_id": case_id,
        "lane": f"{case_id or '-'}:{target}"[:80],
        "topic": topic,
        "view": view,
        "target": target,
        "arguments": json.dumps(arguments or {}, ensure_ascii=False),
        "urgent": urgent,
        "created_at": now,
        "due_at": now,
    }
    session.exec(_INSERT, params=row)


def _waits(session: Session, topic: str) -> bool:
    return session.exec(_WAITING_OF_TOPIC, params={"topic": topic}).first() is not None


def _blocked() -> ColumnElement[bool]:
    """An earlier row of the same lane still stands before this one."""
    earlier = aliased(Outgoing)
    return exists().where(
        col(earlier.lane) == col(Outgoing.lane), col(earlier.id) < col(Outgoing.id), col(earlier.state).in_(PENDING)
    )


_CLAIMABLE = (
    select(Outgoing)
    .where(Outgoing.state == OutboxState.WAITING, Outgoing.due_at <= bindparam("now"), ~_blocked())
    .order_by(col(Outgoing.urgent).desc(), col(Outgoing.id))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def claim(session: Session, now: datetime, lease_until: datetime, limit: int) -> list[Outgoing]:
    """Take messages that are due, each the first of its lane, and lease them. Urgent ones come first."""
    rows = list(session.exec(_CLAIMABLE, params={"now": now, "limit": limit}))
    for row in rows:
        row.state, row.lease_until = OutboxState.SENDING, lease_until
        row.attempts += 1
    return rows


_RELEASE = (
    update(Outgoing)
    .where(col(Outgoing.state) == OutboxState.SENDING, col(Outgoing.lease_until) < bindparam("now"))
    .values(state=OutboxState.WAITING, lease_until=None, error=f"{UNCERTAIN}sender_died")
    .execution_options(synchronize_session=False)
)


def release_expired(session: Session, now: datetime) -> None:
    """Give back what a sender that died had taken; whether Slack has the message is uncertain then."""
    session.exec(_RELEASE, params={"now": now})


_NEXT_DUE = select(
    select(func.min(Outgoing.due_at)).where(Outgoing.state == OutboxState.WAITING, ~_blocked()).scalar_subquery(),
    select(func.min(Outgoing.lease_until)).where(Outgoing.state == OutboxState.SENDING).scalar_subquery(),
)


def next_due(session: Session) -> datetime | None:
    """When there is something to do next: a message falls due, or a lease ends. None while nothing waits."""
    return min((moment for moment in session.exec(_NEXT_DUE).one() if moment is not None), default=None)


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
