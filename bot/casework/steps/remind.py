"""Sends the reminders that are due (process.md §3.6-8)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load, waits
from bot.casework.steps.notify import MessageKind, fresh_card
from bot.casework.steps.reminder_entries import HandedOver, record_handed_over
from bot.casework.steps.waits import addressees_of
from bot.workflow import deadlines
from bot.workflow.calendar import WorkingCalendar
from bot.workflow.context import CaseContext, Center, Policy
from bot.workflow.lateness import clock_stopped
from bot.workflow.people import present
from bot.workflow.waiting import Addressee, people_of
from storage import acknowledgements, cases, outbox, reminders
from storage.database import is_lost
from storage.tables import Case, Reminder
from storage.vocabulary import ReminderState, Role, Rule, Severity

log = structlog.get_logger(__name__)
#: The most reminders processed in one transaction of the sweep.
BATCH_SIZE = 200


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
    #: How often a rule has reminded since the case's state began, and whom each case waits for.
    times: Counter[tuple[int, Rule]] = field(default_factory=Counter)
    waits_for: dict[int, tuple[Addressee, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _SentReminder:
    """What follows from a reminder: whom it reaches, messages, what is planned, and whether the card counts down."""

    row: Reminder
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

    Occurrences of a repeating rule that were missed during a downtime become one row and one message. A message more
    than `late_after` seconds past its time is marked as late. `now` is aware UTC.
    """
    cases.keep_people(session)
    due = reminders.due(session, now, BATCH_SIZE, excluding)
    due.sort(key=lambda row: (row.case_id, row.due_at))
    this = _Sweep(session, company, load.center(session, company, now), now, late_after)
    swept = list(_tried(this, due)) if due else []
    return SweepResult(len(due), sum(one.sent for one in swept), frozenset().union(*(one.failed for one in swept)))


def _tried(this: _Sweep, due: Sequence[Reminder]) -> Iterator[SweepResult]:
    """Send all reminders together. If that fails, send each on its own, so that a bad case blocks no others."""
    ids = frozenset(row.id for row in due if row.id)
    try:
        with this.session.begin_nested():
            sent = _send(this, due)
    except Exception as error:
        if is_lost(error):
            raise
        this.session.expire_all()  # objects do not know that what statements wrote was rolled back
        if len(ids) == 1:
            log.error("reminder.failed", case=due[0].case_id, rule=due[0].rule, exc_info=error)
            yield SweepResult(failed=ids)
        else:
            log.warning("reminder.batch_failed", reminders=len(ids), exc_info=error)
            for row in due:
                yield from _tried(this, [row])
    else:
        yield SweepResult(sent=sent)


def _send(this: _Sweep, due: Sequence[Reminder]) -> int:
    """Write the messages of these reminders; return how many occurrences were sent, including missed ones."""
    session, company = this.session, this.company
    wanted = [row for row in due if not _acknowledged(session, row)]
    rows = cases.several(session, {row.case_id for row in wanted})
    seen = {case.id: case for case in load.case_contexts(session, rows, company)}
    early = [row for row in wanted if _is_too_early(row, seen[row.case_id])]
    if early:
        _put_off(this, early, rows, seen)
    running = [row for row in wanted if not (row in early or _held(row, seen[row.case_id], company.policy))]
    times, waits_for = reminders.times_sent(session, seen), addressees_of(session, seen)
    this = replace(this, times=times, waits_for=waits_for)
    told = [_told(this, row, seen[row.case_id]) for row in running]
    reminders.mark_sent(session, [one.row for one in told], this.now)
    outbox.put_all(session, [message for one in told for message in one.messages])
    outbox.put_all(session, [fresh_card(one.row.case_id, company, this.now) for one in told if one.refresh])
    reminders.plan_all(session, [following for one in told for following in one.next])
    row_of = {row.id: row for row in rows}
    record_handed_over(session, (HandedOver(row_of[one.row.case_id], one.row, one.to) for one in told), this.now)
    return sum(one.row.stands_for for one in told)


def _acknowledged(session: Session, row: Reminder) -> bool:
    """Stop an escalation whose reminder was acknowledged meanwhile; return whether it was stopped."""
    if row.about_id is None or not acknowledgements.is_acknowledged(session, row.about_id):
        return False
    row.state = ReminderState.STOPPED
    return True


def _held(row: Reminder, case: CaseContext, policy: Policy) -> bool:
    """Stop a reminder of a deadline whose clock a hold stops; return whether it was stopped. `resume` plans anew."""
    if row.rule not in deadlines.DEADLINE_RULES or not clock_stopped(case, policy):
        return False
    row.state = ReminderState.STOPPED
    return True


def _is_too_early(row: Reminder, case: CaseContext) -> bool:
    """Return whether a customer would be reminded of words that are still under way (§3.8)."""
    return row.rule is Rule.UNANSWERED and case.words_under_way


def _put_off(this: _Sweep, early: Sequence[Reminder], rows: Sequence[Case], seen: Mapping[int, CaseContext]) -> None:
    """Let these reminders wait once more as long, which the end of their state's target then does, too."""
    for row in early:
        row.due_at = deadlines.following(row.rule, this.now, seen[row.case_id], this.company.policy) or row.due_at
    this.session.flush()
    late = [case for case in rows if any(case.id == row.case_id for row in early)]
    waits.refresh_all(
        this.session, late, [seen[load.id_of(case)] for case in late], this.center, this.company, this.now
    )


def _told(this: _Sweep, row: Reminder, case: CaseContext) -> _SentReminder:
    """Join the occurrences that were missed to the reminder, and return what follows from it."""
    planned = _join_missed(row, case, this.company.policy, this.now)
    counts_down = row.rule in deadlines.DEADLINE_RULES and row.rule is not Rule.UNACKNOWLEDGED
    if counts_down and case.severity is Severity.VERY_SEVERE:
        # an unacknowledged reminder of a very severe fault goes to the center manager
        at = this.now + this.company.policy.acknowledge_within
        planned.append(reminders.NextOccurrence(case.id, Rule.UNACKNOWLEDGED, at, row.id))
    this.times[case.id, row.rule] += 1
    time = this.times[case.id, row.rule]
    to = sorted(_reached(this, row, case, time))
    return _SentReminder(row, to, _messages(this, row, to, case, time), planned, counts_down)


def _reached(this: _Sweep, row: Reminder, case: CaseContext, time: int) -> frozenset[str]:
    """Return whom a reminder reaches that its rule sends the `time`-th time since the state began (rule 2.7).

    Where nobody else is left it is the center managers, and without one whoever the case waits for, else the admins.
    """
    who, with_awaited = deadlines.recipients(row.rule, case, this.company.policy, row.share, time)
    awaited = people_of(this.waits_for.get(case.id, ()), this.center)
    found = present(who, case, this.center) | (awaited if with_awaited else frozenset())
    return found or this.center.holders.get(Role.CENTER_MANAGER) or awaited


def _join_missed(row: Reminder, case: CaseContext, policy: Policy, now: datetime) -> list[reminders.NextOccurrence]:
    """Let a due reminder stand for all that its rule missed up to `now`; return the next occurrence, if any."""
    if row.rule not in deadlines.REPEATING:
        return []
    first, last, number = row.due_at, row.due_at, 1
    following = deadlines.following(row.rule, last, case, policy)
    while following and following <= now:
        last, number = following, number + 1
        following = deadlines.following(row.rule, last, case, policy)
    if number > 1:
        row.first_due_at, row.due_at, row.stands_for = first, last, number
    return [reminders.NextOccurrence(case.id, row.rule, following)] if following else []


def _messages(this: _Sweep, row: Reminder, to: Sequence[str], case: CaseContext, time: int) -> list[outbox.Row]:
    late = (this.now - row.due_at).total_seconds() > this.late_after
    arguments: dict[str, Any] = {"reminder": row.id, "late": late, **_how(row, case, this.company.calendar)}
    if row.rule is Rule.URGENT:
        arguments["escalated"] = time > 1
    urgent = case.severity is Severity.VERY_SEVERE or row.rule is Rule.URGENT
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
