"""Which reminders a step plans and stops (process.md §3.6-8)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.workflow import deadlines
from bot.workflow.context import CaseContext, Policy
from bot.workflow.lateness import clock_stopped
from storage import reminders
from storage.tables import Case
from storage.vocabulary import END_STATES, Rule, State, Urgency

#: How often an urgent report reminds until it is triaged or taken.
URGENT_REMINDERS = 2


def replan(session: Session, before: CaseContext, after: CaseContext, row: Case, policy: Policy, now: datetime) -> None:
    """Stop the reminders that the step made unnecessary and plan the new ones. `now` is aware UTC."""
    _replan_waiting(session, before, after, policy, now)
    if _negotiates(after) is not _negotiates(before):
        _switch(session, after, Rule.NEGOTIATING, now + policy.negotiation_reminder, on=_negotiates(after))
    if _is_held(after) is not _is_held(before):
        _switch(session, after, Rule.HOLD_ENDED, max(row.hold_until or now, now), on=_is_held(after))
    if _deadline_facts(after, policy) != _deadline_facts(before, policy):
        reminders.stop(session, after.id, deadlines.DEADLINE_RULES)
        if after.state not in END_STATES:
            dues = deadlines.deadline_dues(after, row.published_at or now, now, policy)
            fresh = (due for due in dues if not _said(session, after.id, due))
            _plan(session, after.id, (ahead(due, after, policy, now) for due in fresh))


def _replan_waiting(session: Session, before: CaseContext, after: CaseContext, policy: Policy, now: datetime) -> None:
    """Plan the reminder of the state that the case has entered, or of what is left of its target after a hold.

    Words that reached the customer late begin the wait anew.
    """
    if _is_urgent(before) and not _is_urgent(after):
        reminders.stop(session, after.id, [Rule.URGENT])
    earlier, rule = deadlines.waiting_rule(before), deadlines.waiting_rule(after)
    if after.state is before.state and earlier is rule and after.waiting_since == before.waiting_since:
        return
    left = _left_of_target(session, before, policy) if after.state is before.state and before.on_hold else None
    reminders.stop(session, after.id, deadlines.WAITING_RULES.values())
    if left is not None and rule is not None:
        _plan(session, after.id, [deadlines.Due(rule, policy.calendar.after(now, left))])
    else:
        plan_waiting(session, after, policy, now)
    if before.state is State.DUPLICATE:
        plan_urgent(session, after, policy, now)
    elif before.state is after.state:
        _resume_urgent(session, before, after, policy, now)


def _left_of_target(session: Session, held: CaseContext, policy: Policy) -> timedelta | None:
    """Return the working time that the hold left of the state's target; None if the state began on hold (§3.8)."""
    rule = deadlines.WAITING_RULES.get(held.state)
    since, began = held.hold_since, held.waiting_since
    if rule is None or since is None or began is None or since < began:
        return None
    due = reminders.last_planned(session, held.id, rule)
    return timedelta(seconds=max(0.0, policy.calendar.working_seconds(since, due))) if due else None


def _negotiates(case: CaseContext) -> bool:
    """Return whether the deadline is under negotiation. A case that is merged into another does not negotiate."""
    return case.negotiating and case.state not in END_STATES


def _is_held(case: CaseContext) -> bool:
    """Return whether the case waits on hold. The hold of a duplicate is suspended until the merge is undone."""
    return case.on_hold and case.state not in END_STATES


def ahead(due: deadlines.Due, case: CaseContext, policy: Policy, now: datetime) -> deadlines.Due:
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
        _plan(session, case.id, [deadlines.Due(rule, at)])


def plan_waiting(session: Session, case: CaseContext, policy: Policy, now: datetime) -> datetime | None:
    """Plan the waiting reminder of the state that the case has just entered; return when it is due, None without."""
    due = deadlines.waiting_due(case, now, policy)
    _plan(session, case.id, (due,) if due else ())
    return due.at if due else None


def plan_urgent(session: Session, case: CaseContext, policy: Policy, now: datetime) -> None:
    """Plan the two reminders of a report that was marked as urgent (§3.8)."""
    if _is_urgent(case):
        times = range(1, URGENT_REMINDERS + 1)
        _plan(session, case.id, (deadlines.Due(Rule.URGENT, now + n * policy.urgent_triage) for n in times))


def _resume_urgent(session: Session, held: CaseContext, after: CaseContext, policy: Policy, now: datetime) -> None:
    """Plan those of the two that a hold stopped: they go on with what was left, or begin if the state began on hold."""
    since, began = held.hold_since, held.waiting_since
    if not _is_urgent(after) or since is None or began is None:
        return
    if since < began:
        plan_urgent(session, after, policy, now)
        return
    left = URGENT_REMINDERS - reminders.sent_since(session, after.id, Rule.URGENT, began)
    stopped = reminders.last_stopped(session, after.id, Rule.URGENT, left, began)
    _plan(session, after.id, (deadlines.Due(Rule.URGENT, now + max(at - since, timedelta())) for at in stopped))


def _is_urgent(case: CaseContext) -> bool:
    """Return whether somebody must be reminded that an urgent report waits to be triaged or taken."""
    return case.suspected_urgency is Urgency.HIGH and deadlines.is_untaken(case) and not case.on_hold


def _plan(session: Session, case_id: int, dues: Iterable[deadlines.Due]) -> None:
    planned = (reminders.NextOccurrence(case_id, due.rule, due.at, share=due.share) for due in dues)
    reminders.plan_all(session, planned)
