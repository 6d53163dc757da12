"""History entries about reminders: handed to delivery, refused by Slack for good, acknowledged (process.md §3.7).

They are no steps, so they change neither the version of a case nor what it counts in the measures.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from storage import audit, cases, replay
from storage.audit import NewEntry
from storage.tables import Case, Outgoing, Reminder
from storage.vocabulary import HistoryEvent


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A reminder that was handed to delivery: its occurrences, the newest last, and to whom."""

    case: Case
    rows: Sequence[Reminder]
    to: Sequence[str]


def record_handed_over(session: Session, reminders: Iterable[HandedOver], now: datetime) -> None:
    """Record these reminders of locked cases. `now` is aware UTC."""
    audit.append_events(session, ((one.case, _handed_over(one)) for one in reminders), now)


def _handed_over(one: HandedOver) -> NewEntry:
    last = one.rows[-1]
    data = {"rule": last.rule, "occurrence": last.occurrence, "due": last.due_at.isoformat(), "to": list(one.to)}
    return NewEntry(HistoryEvent.REMINDED, audit.NOBODY, one.case.state, data, replay.sent(*one.rows))


def record_acknowledged(session: Session, case: Case, row: Reminder, now: datetime) -> None:
    """Record that a reminder of a locked case was acknowledged. `now` is aware UTC."""
    data = {"rule": row.rule, "occurrence": row.occurrence}
    new = NewEntry(HistoryEvent.ACKNOWLEDGED, row.acknowledged_by or "", case.state, data, replay.sent(row))
    audit.append_events(session, [(case, new)], now)


def record_not_delivered(session: Session, message: Outgoing, error: str, now: datetime) -> None:
    """Record that Slack refused the message of a reminder for good. `now` is aware UTC."""
    case = cases.hold(session, message.case_id or 0)
    row = session.get(Reminder, json.loads(message.arguments)["reminder"])
    if case is None or row is None:
        return
    data = {"rule": row.rule, "occurrence": row.occurrence, "to": [message.target], "error": error}
    new = NewEntry(HistoryEvent.NOT_DELIVERED, audit.NOBODY, case.state, data, {})
    audit.append_events(session, [(case, new)], now)
