"""The order in which messages wait for one target: in turn for each person who caused some, thread lines last.

A message takes its turn when it is written, so that those who claim messages need only follow an index. Turns are in
the scale of row ids: the first message of a target that nothing waits for takes the newest id, and each later one of
the same person the next turn after their last. Somebody who has none there yet joins those who are served now.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Select, Text, bindparam, func
from sqlmodel import Session, col, select

from storage import dialects
from storage.core_reads import read
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

#: Deferred messages have turns from here on, which are after those of all others.
DEFERRED = 2**40
#: The most messages that are joined into one. Slack takes 50 blocks, of which a thread line has three.
MAX_JOINED = 10
_CAUSER = "caused_by"


def caused_by(session: Session, person: str) -> None:
    """Let this person be the cause of all messages that the transaction queues from now on."""
    session.info[_CAUSER] = person


@dataclass(frozen=True, slots=True)
class _Queue:
    """What waits for a target: the turn that is served now, and the last one of a person. None if nothing waits."""

    served: int
    last: int | None

    def following(self) -> int:
        """Return the turn of the person's next message."""
        return self.served if self.last is None else max(self.served, self.last + 1)


_TARGETS = dialects.elements(bindparam("targets", type_=Text))
_THERE = Outgoing.state == OutboxState.WAITING, Outgoing.target == _TARGETS.c.value
_THEIRS = *_THERE, Outgoing.caused_by == bindparam("person")
_ORDINARY, _IS_DEFERRED = col(Outgoing.turn) < DEFERRED, col(Outgoing.turn) >= DEFERRED


def _of(turn: ColumnElement[Any], *conditions: ColumnElement[bool] | bool) -> Any:
    return select(turn).where(*conditions).correlate(_TARGETS).scalar_subquery()


_FIRST, _LAST = func.min(Outgoing.turn), func.max(Outgoing.turn)
QUEUES: Select[Any] = sqlalchemy.select(
    _TARGETS.c.value,
    select(func.coalesce(func.max(Outgoing.id), 0)).scalar_subquery(),
    _of(_FIRST, *_THERE, _ORDINARY),
    _of(_LAST, *_THEIRS, _ORDINARY),
    _of(_FIRST, *_THERE, _IS_DEFERRED),
    _of(_LAST, *_THEIRS, _IS_DEFERRED),
)


def in_turn(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return new rows of the outbox with the person who caused them and their turns."""
    person = session.info.get(_CAUSER, "")
    targets = json.dumps(sorted({row["target"] for row in rows}))
    queues: dict[tuple[str, bool], _Queue] = {}
    for target, newest, first, last, first_deferred, last_deferred in read(
        session, QUEUES, targets=targets, person=person
    ):
        queues[target, False] = _Queue(newest if first is None else first, last)
        queues[target, True] = _Queue(DEFERRED + newest if first_deferred is None else first_deferred, last_deferred)
    return [_placed(row, person, queues) for row in rows]


def _placed(row: Mapping[str, Any], person: str, queues: dict[tuple[str, bool], _Queue]) -> dict[str, Any]:
    kind = row["target"], row["turn"] == DEFERRED
    turn = queues[kind].following()
    queues[kind] = replace(queues[kind], last=turn)
    return {**row, "caused_by": person, "turn": turn}


_BEHIND = (
    select(Outgoing.id)
    .where(
        col(Outgoing.lane) == bindparam("lane"),
        *(col(Outgoing.id) > bindparam("first"), col(Outgoing.state) == OutboxState.WAITING),
    )
    .order_by(col(Outgoing.id))
    .limit(MAX_JOINED - 1)
)
_FREE = (
    select(Outgoing)
    .where(col(Outgoing.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Outgoing.id))
    .with_for_update(skip_locked=True)
)


def join_behind(session: Session, row: Outgoing) -> None:
    """Let a deferred message that is claimed for the first time stand for those of its view that wait directly behind.

    Its argument `more` holds theirs. Whatever becomes of this attempt, each later one has the same content: Slack may
    have it already, and what was joined stands nowhere else. `attempts` does not tell the first one: some do not count.
    """
    if row.turn < DEFERRED or row.lease:
        return
    ids = session.exec(_BEHIND, params={"lane": row.lane, "first": row.id}).all()
    if not ids:
        return
    more = []
    for behind, expected in zip(session.exec(_FREE, params={"ids": ids}), ids, strict=False):
        if behind.id != expected or (behind.view, behind.lease) != (row.view, 0):
            break
        more.append(json.loads(behind.arguments))
        behind.state = OutboxState.DROPPED
    if more:
        row.arguments = json.dumps({**json.loads(row.arguments), "more": more}, ensure_ascii=False)
