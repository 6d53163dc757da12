"""Leases of outbox rows: which are taken, whether one still holds, and rows that their senders left behind.

A lease has no end of its own, because no two machines need agree on the time. Whoever waits for it watches it for
`LEASE` by a clock that nobody can put back, as the leaders of Kubernetes do. Then the row is claimed again with the
next number, and whoever has the earlier one may neither send it nor write what became of it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage import channel_moves, queued
from storage.outbox import DUE_AT_ONCE, SENDER_DIED
from storage.tables import METADATA, Epoch, Outgoing
from storage.vocabulary import OutboxState

#: A sender that is silent for this long counts as dead, even if it is still connected.
LEASE = timedelta(seconds=60)
#: How long a sender may be disconnected, while the database restarts, before its rows are given to others.
GRACE = timedelta(seconds=3)


class LeaseLost(Exception):
    """Another sender has taken over the message."""


_TAKEN = select(Outgoing).where(
    Outgoing.state == OutboxState.SENDING, col(Outgoing.id).not_in(bindparam("except", expanding=True))
)


def taken(session: Session, under_way: Iterable[int]) -> list[Outgoing]:
    """Return the leased messages, except those that the caller is sending."""
    return list(session.exec(_TAKEN, params={"except": sorted(under_way)}))


_LEASED = select(Outgoing).where(
    Outgoing.id == bindparam("row"), Outgoing.lease == bindparam("lease"), Outgoing.state == OutboxState.SENDING
)
_LEASED_HELD = _LEASED.with_for_update()


class Permit(NamedTuple):
    """What a call to Slack depends on at its moment: the epoch that lasts, and the present id of its channel."""

    epoch: Epoch
    channel: str


_PERMIT: Any = (
    sqlalchemy.select(Epoch, channel_moves.PRESENT).where(_LEASED.exists()).order_by(col(Epoch.number).desc()).limit(1)
)


def permit(session: Session, row: Outgoing, channel: str) -> Permit:
    """Return what a call depends on that sends the row to a channel. Raises `LeaseLost` unless the row has the lease
    with which it was claimed.
    """
    found = session.exec(_PERMIT, params={**_lease_of(row), "channel": channel}).first()
    if found is None:
        raise LeaseLost
    return Permit(*found)


def check(session: Session, row: Outgoing) -> None:
    """Raise `LeaseLost` unless the row still has the lease with which it was claimed."""
    if _found(session, _LEASED, row) is None:
        raise LeaseLost


def leased(session: Session, row: Outgoing) -> Outgoing:
    """Return the row as it is stored, locked, to record what became of it. Raises `LeaseLost`."""
    current = _found(session, _LEASED_HELD, row)
    if current is None:
        raise LeaseLost
    return current


_TABLE = METADATA.tables[Outgoing.__tablename__]
_RECORD = update(_TABLE).where(
    *(_TABLE.c.id == bindparam("row"), _TABLE.c.lease == bindparam("held")), _TABLE.c.state == OutboxState.SENDING
)


def end(session: Session, row: Outgoing, state: OutboxState, due_at: datetime, **more: Any) -> None:
    """Record what became of a message, whose lease ends. Raises `LeaseLost`.

    `due_at` is the shared time at which it is due again or its target is free. `more` are other columns that change.
    """
    changed = {"state": state, "due_at": due_at, "leased_by": None, **more}
    if not session.connection().execute(_RECORD, {"row": row.id, "held": row.lease, **changed}).rowcount:
        raise LeaseLost


def put_back(session: Session, row: Outgoing, due_at: datetime, error: str | None = None) -> None:
    """Queue a message again after an attempt of which `row` says whether it may have arrived. Raises `LeaseLost`.

    `due_at` is a shared time. Without an `error` the attempt is not counted.
    """
    queued.note(session)
    changed = {"error": error} if error else {"attempts": row.attempts - 1}
    end(session, row, OutboxState.WAITING, due_at, uncertain_since=row.uncertain_since, **changed)


def give_back(session: Session, rows: Iterable[Outgoing], now: datetime) -> list[int]:
    """Queue messages that were left behind again, if they still have the lease. Return the ids of those that had it.

    Nothing is known of their attempts, so whether Slack has them is uncertain from `now` (shared time) on: their sender
    may go on with a call that it had begun.
    """
    queued.note(session)
    given_back = []
    for row in rows:
        current = _found(session, _LEASED_HELD, row)
        if current is not None:
            current.state, current.due_at, current.leased_by = OutboxState.WAITING, DUE_AT_ONCE, None
            current.error, current.uncertain_since = SENDER_DIED, now
            given_back.append(row.id or 0)
    return given_back


def _found(session: Session, query: SelectOfScalar[Outgoing], row: Outgoing) -> Outgoing | None:
    return session.exec(query, params=_lease_of(row)).first()


def _lease_of(row: Outgoing) -> dict[str, Any]:
    return {"row": row.id, "lease": row.lease}
