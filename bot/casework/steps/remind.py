"""Reminders (process.md §3.6-8): steps plan and stop them, the sweep sends them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import structlog
from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load
from bot.casework.steps.notify import MessageKind, fresh_card
from bot.casework.steps.reminder_entries import HandedOver, record_handed_over
from bot.workflow import deadlines
from bot.workflow.calendar import WorkingCalendar
from bot.workflow.context import CaseContext, Center, Policy
from bot.workflow.lateness import clock_stopped
from bot.workflow.people import persons
from storage import cases, outbox, reminders
from storage.database import is_lost
from storage.tables import Case, Reminder
from storage.vocabulary import END_STATES, ReminderState, Rule, Severity

log = structlog.get_logger(__name__)
#: The most reminders processed in one transaction of the sweep.
BATCH_SIZE = 200


def replan(session: Session, before: CaseContext, after: CaseContext, row: Case, policy: Policy, now: datetime) -> None:
    """Stop the reminders that the step made unnecessary and plan the new ones. `now` is aware UTC."""
    if after.state is not before.state:
        reminders.stop(session, after.id, set(deadlines.WAITING_RULES.values()))
        plan_waiting(session, after, policy, now)
    if _negotiates(after) is not _negotiates(before):
        _switch(session, after, Rule.NEGOTIATING, now + policy.negotiation_reminder, on=_negotiates(after))
    if _is_held(after) is not _is_held(before):
        _switch(session, after, Rule.HOLD_ENDED, max(row.hold_until or now, now), on=_is_held(after))
    if _deadline_facts(after, policy) != _deadline_facts(before, policy):
        reminders.stop(session, after.id, deadlines.DEADLINE_RULES)
        if after.state not in END_STATES:
            dues = deadlines.deadline_dues(after, row.published_at or now, now, policy)
            fresh = (due for due in dues if not _said(session, after.id, due))
            _plan(session, after.id, (_ahead(due, after, policy, now) for due in fresh))


def _negotiates(case: CaseContext) -> bool:
    """Return whether the deadline is under negotiation. A case that is merged into another does not negotiate."""
    return case.negotiating and case.state not in END_STATES


def _is_held(case: CaseContext) -> bool:
    """Return whether the case waits on hold. The hold of a duplicate is suspended until the merge is undone."""
    return case.on_hold and case.state not in END_STATES


def _ahead(due: deadlines.Due, case: CaseContext, policy: Policy, now: datetime) -> deadlines.Due:
    """Move the first occurrence of a repeating reminder past `now`, because a newly planned one has missed nothing."""
    while due.at <= now and (later := deadlines.following(due.rule, due.at, case, policy)):
        due = replace(due, at=later)
    return due


def _said(session: Session, case_id: int, due: deadlines.Due) -> bool:
    """Return whether this share of this very deadline was already sent."""
    return due.share is not None and reminders.was_sent(session, case_id, due.rule, due.share, due.at)


def _deadline_facts(case: CaseContext, policy: Policy) -> tuple[object, ...]:
    dated = (case.deadline_at, case.severity, case.deadline_basis, case.resolved_at)
    return (*dated, case.state in END_STATES, clock_stopped(case, policy))


def _switch(session: Session, case: CaseContext, rule: Rule, at: datetime, *, on: bool) -> None:
    reminders.stop(session, case.id, (rule,))
    if on:
        reminders.plan(session, case.id, rule, at)


def plan_waiting(session: Session, case: CaseContext, policy: Policy, now: datetime) -> None:
    """Plan the waiting reminder of the state that the case has just entered."""
    due = deadlines.waiting_due(case, now, policy)
    _plan(session, case.id, (due,) if due else ())


def _plan(session: Session, case_id: int, dues: Iterable[deadlines.Due]) -> None:
    for due in dues:
        reminders.plan(session, case_id, due.rule, due.at, share=due.share)


def anything_due(session: Session, now: datetime, excluding: Collection[int] = ()) -> bool:
    """Return whether a sweep would find anything."""
    return reminders.anything_due(session, now, excluding)


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One sweep: its time, and the role holders at that time. A reminder is late after `late_after` seconds."""

    session: Session
    company: CompanySettings
    center: Center
    now: datetime
    late_after: float


@dataclass(frozen=True, slots=True)
class _Group:
    """The due occurrences of one rule of one case, sent as one message.

    `case`, `rule` and `ids` identify the group when it fails.
    """

    case: int
    rule: Rule
    about: int | None
    rows: Sequence[Reminder]
    ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class _SentReminder:
    """The result of a group: occurrences sent, to whom, messages, what follows, and whether the card counts down."""

    case: int
    rows: Sequence[Reminder]
    to: Sequence[str]
    messages: Sequence[outbox.Row]
    next: Sequence[reminders.NextOccurrence]
    refresh: bool


@dataclass(frozen=True, slots=True)
class SweepResult:
    """The result of a batch: how many were due, how many were sent including missed ones, and which failed."""

    found: int = 0
    sent: int = 0
    failed: frozenset[int] = frozenset()


def sweep(
    session: Session, company: CompanySettings, now: datetime, late_after: float, excluding: Collection[int] = ()
) -> SweepResult:
    """Turn due reminders, at most `BATCH_SIZE` and none of `excluding`, into messages.

    Occurrences of a repeating rule that were missed during a downtime are separate rows, sent together in one message.
    A message more than `late_after` seconds past its time is marked as late. `now` is aware UTC.
    """
    due = reminders.due(session, now, BATCH_SIZE, excluding)
    due.sort(key=lambda row: (*_one_message(row), row.due_at))
    groups = [_group(list(rows)) for _key, rows in groupby(due, key=_one_message)]
    this = _Sweep(session, company, load.center(session, company, now), now, late_after)
    swept = list(_tried(this, groups)) if groups else []
    return SweepResult(len(due), sum(one.sent for one in swept), frozenset().union(*(one.failed for one in swept)))


def _one_message(row: Reminder) -> tuple[int, Rule, int, int]:
    return row.case_id, row.rule, row.share or 0, row.about_id or 0


def _group(rows: Sequence[Reminder]) -> _Group:
    first, ids = rows[0], frozenset(row.id for row in rows if row.id)
    return _Group(first.case_id, first.rule, first.about_id, rows, ids)


def _tried(this: _Sweep, groups: Sequence[_Group]) -> Iterator[SweepResult]:
    """Send all groups together. If that fails, send each on its own, so that one bad case does not block the others."""
    try:
        with this.session.begin_nested():
            sent = _send(this, groups)
    except Exception as error:
        if is_lost(error):
            raise
        this.session.expire_all()  # objects do not know that what statements wrote was rolled back
        if len(groups) == 1:
            log.error("reminder.failed", case=groups[0].case, rule=groups[0].rule, exc_info=error)
            yield SweepResult(failed=groups[0].ids)
        else:
            log.warning("reminder.batch_failed", groups=len(groups), exc_info=error)
            for group in groups:
                yield from _tried(this, [group])
    else:
        yield SweepResult(sent=sent)


def _send(this: _Sweep, groups: Sequence[_Group]) -> int:
    """Write the messages of these groups; return how many occurrences were sent, including missed ones."""
    session, company = this.session, this.company
    wanted = [group for group in groups if not _acknowledged(session, group)]
    rows = cases.several(session, {group.case for group in wanted})
    seen = {case.id: case for case in load.case_contexts(session, rows, company)}
    running = [group for group in wanted if not _held(group, seen[group.case], company.policy)]
    told = [_told(this, group, seen[group.case]) for group in running]
    reminders.mark_sent(session, [row for one in told for row in one.rows], this.now)
    outbox.put_all(session, [message for one in told for message in one.messages])
    outbox.put_all(session, [fresh_card(one.case, company, this.now) for one in told if one.refresh])
    reminders.plan_all(session, [following for one in told for following in one.next])
    row_of = {row.id: row for row in rows}
    record_handed_over(session, (HandedOver(row_of[one.case], one.rows, one.to) for one in told), this.now)
    return sum(len(one.rows) for one in told)


def _acknowledged(session: Session, group: _Group) -> bool:
    """Stop an escalation whose reminder was acknowledged meanwhile; return whether it was stopped."""
    if group.about is None or not reminders.is_acknowledged(session, group.about):
        return False
    return _stop(group)


def _held(group: _Group, case: CaseContext, policy: Policy) -> bool:
    """Stop reminders of a deadline whose clock a hold stops; return whether they were stopped. `resume` plans anew."""
    if group.rule not in deadlines.DEADLINE_RULES or not clock_stopped(case, policy):
        return False
    return _stop(group)


def _stop(group: _Group) -> bool:
    for row in group.rows:
        row.state = ReminderState.STOPPED
    return True


def _told(this: _Sweep, group: _Group, case: CaseContext) -> _SentReminder:
    """Return the occurrences with the missed ones, and what follows from them."""
    rows, planned = _with_missed(this, group.rows, case)
    last, missed = rows[-1], [row.due_at.isoformat() for row in rows[:-1]]
    counts_down = last.rule in deadlines.DEADLINE_RULES and last.rule is not Rule.UNACKNOWLEDGED
    if counts_down and case.severity is Severity.VERY_SEVERE:
        # an unacknowledged reminder of a very severe fault goes to the center manager
        at = this.now + this.company.policy.acknowledge_within
        planned.append(reminders.NextOccurrence(case.id, Rule.UNACKNOWLEDGED, at, last.id))
    to = sorted(persons(deadlines.recipients(last.rule, case, last.share), case, this.center))
    return _SentReminder(case.id, rows, to, _messages(this, last, missed, to, case), planned, counts_down)


def _with_missed(
    this: _Sweep, due: Sequence[Reminder], case: CaseContext
) -> tuple[list[Reminder], list[reminders.NextOccurrence]]:
    """Return the due occurrences with those a repeating rule missed up to now, and the next one to plan."""
    rows, rule, policy = list(due), due[-1].rule, this.company.policy
    if rule not in deadlines.REPEATING:
        return rows, []
    next_at = deadlines.following(rule, rows[-1].due_at, case, policy)
    while next_at and next_at <= this.now:
        rows.append(reminders.plan(this.session, case.id, rule, next_at))
        next_at = deadlines.following(rule, next_at, case, policy)
    return rows, [reminders.NextOccurrence(case.id, rule, next_at)] if next_at else []


def _messages(this: _Sweep, row: Reminder, missed: list[str], to: Sequence[str], case: CaseContext) -> list[outbox.Row]:
    late = (this.now - row.due_at).total_seconds() > this.late_after
    arguments = {"reminder": row.id, "missed": missed, "late": late, **_how(row, case, this.company.calendar)}
    urgent = case.severity is Severity.VERY_SEVERE
    return [
        outbox.message(MessageKind.REMINDER, person, this.now, case_id=case.id, arguments=arguments, urgent=urgent)
        for person in to
    ]


def _how(row: Reminder, case: CaseContext, calendar: WorkingCalendar) -> dict[str, Any]:
    """Return how the time of a waiting reminder was computed (§3.9): since when, and how many working hours."""
    since = case.waiting_since
    if row.rule not in deadlines.WAITING_RULES.values() or since is None:
        return {}
    return {"since": since.isoformat(), "hours": calendar.working_seconds(since, row.due_at) / 3600}
