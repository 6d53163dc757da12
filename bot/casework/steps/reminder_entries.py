"""History entries about reminders: handed to delivery, refused by Slack, acknowledged, armed again, deleted (§3.7).

They are no steps, so they change neither the version of a case nor what it counts in the measures.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from storage import audit, cases, replay
from storage.audit import NewEntry
from storage.tables import Case, Outgoing, Reminder
from storage.vocabulary import HistoryEvent, ReminderState


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A reminder that was handed to delivery, and to whom."""

    case: Case
    row: Reminder
    to: Sequence[str]


def record_handed_over(session: Session, reminders: Iterable[HandedOver], now: datetime) -> None:
    """Record these reminders of locked cases. `now` is aware UTC."""
    audit.append_events(session, ((one.case, _handed_over(one)) for one in reminders), now)


def _handed_over(one: HandedOver) -> NewEntry:
    data = {**_named(one.row), "due": one.row.due_at.isoformat(), "to": list(one.to)}
    return NewEntry(HistoryEvent.REMINDED, audit.NOBODY, one.case.state, data, replay.sent(one.row))


def record_acknowledged(session: Session, case: Case, row: Reminder | Row[Any], now: datetime) -> None:
    """Record that a reminder of a locked case was acknowledged. `now` is aware UTC."""
    new = NewEntry(HistoryEvent.ACKNOWLEDGED, row.acknowledged_by or "", case.state, _named(row), replay.sent(row))
    audit.append_events(session, [(case, new)], now)


def record_help_asked(
    session: Session, case: Case, row: Reminder, person: str, to: Iterable[str], now: datetime
) -> None:
    """Record that a person asked for help with a reminder of a locked case, and who was told. `now` is aware UTC."""
    new = NewEntry(HistoryEvent.HELP_ASKED, person, case.state, {**_named(row), "to": sorted(to)}, {})
    audit.append_events(session, [(case, new)], now)


def told_of_call(session: Session, row: Reminder, person: str) -> frozenset[str] | None:
    """Return who was told that this person needs help with this reminder; None if they have not asked for it."""
    own = (one for one in audit.entries_of(session, row.case_id, HistoryEvent.HELP_ASKED) if one.person_id == person)
    calls = [data for data in (json.loads(one.data) for one in own) if _named(row).items() <= data.items()]
    return frozenset(one for call in calls for one in call["to"]) if calls else None


def record_not_delivered(session: Session, message: Outgoing, error: str, now: datetime) -> None:
    """Record that Slack refused the message of a reminder for good. `now` is aware UTC."""
    case = cases.hold(session, message.case_id or 0)
    row = session.get(Reminder, json.loads(message.arguments)["reminder"])
    if case is None or row is None:
        return
    data = {**_named(row), "to": [message.target], "error": error}
    new = NewEntry(HistoryEvent.NOT_DELIVERED, audit.NOBODY, case.state, data, {})
    audit.append_events(session, [(case, new)], now)


def record_rearmed(session: Session, rearmed: Iterable[tuple[Case, Reminder]], now: datetime) -> None:
    """Record that reminders of locked cases, which were sent too early, do not count as sent. `now` is aware UTC."""
    audit.append_events(session, ((case, _rearmed(case, row)) for case, row in rearmed), now)


def _rearmed(case: Case, row: Reminder) -> NewEntry:
    due = {"due": row.due_at.isoformat()} if row.state is ReminderState.WAITING else {}
    return NewEntry(HistoryEvent.REARMED, audit.NOBODY, case.state, {**_named(row), **due}, replay.unsent(row))


def record_pruned(session: Session, pruned: Iterable[Case], rows: Iterable[Reminder], now: datetime) -> None:
    """Record that all reminders of these locked cases, the `rows`, are deleted. `now` is aware UTC.

    A case without any gets no entry.
    """
    by_case = defaultdict[int | None, list[Reminder]](list)
    for row in rows:
        by_case[row.case_id].append(row)
    having = (case for case in pruned if case.id in by_case)
    audit.append_events(session, ((case, _pruned(case, by_case[case.id])) for case in having), now)


def _pruned(case: Case, rows: Sequence[Reminder]) -> NewEntry:
    """Return the entry whose data hold the last occurrence of each rule, from which later ones count on."""
    data = {str(row.rule): row.occurrence for row in sorted(rows, key=lambda row: row.occurrence)}
    sent = (row for row in rows if row.state is ReminderState.SENT)
    return NewEntry(HistoryEvent.PRUNED, audit.NOBODY, case.state, data, replay.unsent(*sent))


def _named(row: Reminder | Row[Any]) -> dict[str, Any]:
    return {"rule": row.rule, "occurrence": row.occurrence}
