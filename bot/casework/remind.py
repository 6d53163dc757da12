"""Reminders: planned with the step that causes them, sent by the sweep, stopped by the step that answers them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import structlog
from sqlmodel import Session

from bot.casework import load
from bot.casework.office import Office
from bot.casework.tell import View, refresh_card
from bot.workflow import deadlines
from bot.workflow.calendar import WorkingCalendar
from bot.workflow.people import persons
from bot.workflow.seen import CaseSeen, Center, Policy
from storage import cases, outbox, reminders
from storage.database import is_lost
from storage.tables import Case, Reminder
from storage.vocabulary import END_STATES, ReminderState, Rule, Severity

log = structlog.get_logger(__name__)
#: Reminders taken in one transaction of the sweep.
BATCH = 200


def replan(session: Session, before: CaseSeen, after: CaseSeen, row: Case, policy: Policy, now: datetime) -> None:
    """Stop what the step answered and plan what it started."""
    if after.state is not before.state:
        reminders.stop(session, after.id, set(deadlines.WAITING_RULES.values()))
        plan_waiting(session, after, policy, now)
    if _negotiates(after) is not _negotiates(before):
        _switch(session, after, Rule.NEGOTIATING, now + policy.negotiation_reminder, on=_negotiates(after))
    if after.on_hold is not before.on_hold:
        _switch(session, after, Rule.HOLD_ENDED, row.hold_until or now, on=after.on_hold)
    if _deadline_facts(after) != _deadline_facts(before):
        reminders.stop(session, after.id, deadlines.DEADLINE_RULES)
        if after.state not in END_STATES:
            dues = deadlines.deadline_dues(after, row.published_at or now, now, policy)
            fresh = (due for due in dues if not _said(session, after.id, due))
            _plan(session, after.id, (_ahead(due, after, policy, now) for due in fresh))


def _negotiates(case: CaseSeen) -> bool:
    """Talks about the deadline rest while the case is merged into another."""
    return case.negotiating and case.state not in END_STATES


def _ahead(due: deadlines.Due, case: CaseSeen, policy: Policy, now: datetime) -> deadlines.Due:
    """A repeating reminder that starts anew has missed nothing: its first occurrence is still to come."""
    while due.at <= now and (later := deadlines.following(due.rule, due.at, case, policy)):
        due = replace(due, at=later)
    return due


def _said(session: Session, case_id: int, due: deadlines.Due) -> bool:
    """A share of this very deadline was told already."""
    return due.share is not None and reminders.was_sent(session, case_id, due.rule, due.share, due.at)


def _deadline_facts(case: CaseSeen) -> tuple[object, ...]:
    return (case.deadline_at, case.severity, case.deadline_basis, case.resolved_at, case.state in END_STATES)


def _switch(session: Session, case: CaseSeen, rule: Rule, at: datetime, *, on: bool) -> None:
    reminders.stop(session, case.id, (rule,))
    if on:
        reminders.plan(session, case.id, rule, at)


def plan_waiting(session: Session, case: CaseSeen, policy: Policy, now: datetime) -> None:
    """The reminder of what the state that was just entered waits for."""
    due = deadlines.waiting_due(case, now, policy)
    _plan(session, case.id, (due,) if due else ())


def _plan(session: Session, case_id: int, dues: Iterable[deadlines.Due]) -> None:
    for due in dues:
        reminders.plan(session, case_id, due.rule, due.at, share=due.share)


def anything_due(session: Session, now: datetime, but: Collection[int] = ()) -> bool:
    """Whether a sweep would find anything."""
    return reminders.anything_due(session, now, but)


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One sweep: its moment, and who holds which role then. Later than `late_after` seconds is late."""

    session: Session
    office: Office
    center: Center
    now: datetime
    late_after: float


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of a batch: how many were due, how many were sent, with those missed, and which could not be."""

    found: int = 0
    sent: int = 0
    failed: frozenset[int] = frozenset()


def sweep(session: Session, office: Office, now: datetime, late_after: float, but: Collection[int] = ()) -> Swept:
    """Turn the reminders that are due, at most `BATCH` of them and none of `but`, into messages.

    Of a repeating rule, the occurrences missed in a downtime are rows of their own, sent together in one message.
    A message more than `late_after` seconds past its time is marked as late.
    """
    due = reminders.due(session, now, BATCH, but)
    due.sort(key=lambda row: (row.case_id, row.rule, row.share or 0, row.about_id or 0, row.due_at))
    this = _Sweep(session, office, load.center(session, office, now), now, late_after)
    sent, failed = 0, set[int]()
    for _key, group in groupby(due, key=lambda row: (row.case_id, row.rule, row.share, row.about_id)):
        rows = list(group)
        ids = {row.id for row in rows if row.id}
        try:
            with session.begin_nested():
                handled = _send(this, rows)
        except Exception as error:  # one case that cannot be told must not silence the others
            if is_lost(error):
                raise
            log.error("reminder.failed", case=rows[0].case_id, rule=rows[0].rule, exc_info=error)
            failed |= ids
        else:
            sent += handled
    return Swept(len(due), sent, frozenset(failed))


def _send(this: _Sweep, due: Sequence[Reminder]) -> int:
    """Send these occurrences of one rule in one message, with what was missed; returns how many that makes."""
    session, office, now = this.session, this.office, this.now
    if due[0].about_id is not None and reminders.is_acknowledged(session, due[0].about_id):
        due[0].state = ReminderState.STOPPED
        return 0
    case = load.case_seen(session, cases.get(session, due[0].case_id), office)
    rows = _with_missed(this, due, case)
    for row in rows:
        row.state, row.sent_at = ReminderState.SENT, now
    last = rows[-1]
    assert last.id is not None
    _say(this, last, [row.due_at.isoformat() for row in rows[:-1]], case)
    if last.rule in deadlines.DEADLINE_RULES and last.rule is not Rule.UNACKNOWLEDGED:
        _escalate_later(session, last, case, office.policy, now)
        refresh_card(session, case.id, office, now)
    return len(rows)


def _with_missed(this: _Sweep, due: Sequence[Reminder], case: CaseSeen) -> list[Reminder]:
    """What is due with a repeating rule's further occurrences up to now; the next one after is planned."""
    rows, rule, policy = list(due), due[-1].rule, this.office.policy
    if rule not in deadlines.REPEATING:
        return rows
    next_at = deadlines.following(rule, rows[-1].due_at, case, policy)
    while next_at and next_at <= this.now:
        rows.append(reminders.plan(this.session, case.id, rule, next_at))
        next_at = deadlines.following(rule, next_at, case, policy)
    if next_at:
        reminders.plan(this.session, case.id, rule, next_at)
    return rows


def _say(this: _Sweep, row: Reminder, missed: list[str], case: CaseSeen) -> None:
    late = (this.now - row.due_at).total_seconds() > this.late_after
    arguments = {"reminder": row.id, "missed": missed, "late": late, **_how(row, case, this.office.calendar)}
    urgent = case.severity is Severity.VERY_SEVERE
    for person in sorted(persons(deadlines.listeners(row.rule, case, row.share), case, this.center)):
        outbox.put(this.session, View.REMINDER, person, this.now, case_id=case.id, arguments=arguments, urgent=urgent)


def _how(row: Reminder, case: CaseSeen, calendar: WorkingCalendar) -> dict[str, Any]:
    """How the time of a waiting reminder was computed (§3.9), as it was when it fell due."""
    since = case.waiting_since
    if row.rule not in deadlines.WAITING_RULES.values() or since is None:
        return {}
    return {"since": since.isoformat(), "hours": calendar.working_seconds(since, row.due_at) / 3600}


def _escalate_later(session: Session, row: Reminder, case: CaseSeen, policy: Policy, now: datetime) -> None:
    """A very severe reminder that nobody acknowledges goes to the center manager."""
    if case.severity is Severity.VERY_SEVERE:
        reminders.plan(session, case.id, Rule.UNACKNOWLEDGED, now + policy.acknowledge_within, about=row.id)
