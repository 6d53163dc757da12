"""When reminders are due and who receives them (process.md §3.6-8). Pure functions; every time is aware UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.workflow.context import CaseContext, Policy
from bot.workflow.lateness import clock_stopped
from bot.workflow.reading_levels import Visibility
from bot.workflow.situation import Position, Who
from bot.workflow.targets import DEFAULT_TARGETS, URGENT_ANALYSIS, Target
from storage.vocabulary import CENTER_ROLES, END_STATES, Basis, Place, Role, Rule, Severity, State, Urgency


@dataclass(frozen=True, slots=True)
class Due:
    """A planned reminder, due at `at`.

    `share` is set for `Rule.DEADLINE_SHARE` only: the percentage of the time between publishing and deadline.
    """

    rule: Rule
    at: datetime
    share: int | None = None


class Recipients(NamedTuple):
    """Whom a reminder reaches: `who`, and with `waits_for` whoever the case waits for as well."""

    who: tuple[Who, ...]
    waits_for: bool = False


#: Everybody who may triage.
_TRIAGERS = tuple(sorted(CENTER_ROLES))
#: The rule that reminds whoever a state waits for once its target has passed.
WAITING_RULES: dict[State, Rule] = {
    **dict.fromkeys(DEFAULT_TARGETS, Rule.TARGET),
    State.TRIAGE: Rule.UNTRIAGED,
    State.SHEET_SIGNING: Rule.UNSIGNED,
    State.ANSWER_CONFIRMING: Rule.UNANSWERED,
    State.FIX_CONFIRMING: Rule.UNANSWERED,
}
DEADLINE_RULES = (Rule.DEADLINE_SHARE, Rule.OVERDUE, Rule.UNACKNOWLEDGED)
#: Rules that remind repeatedly until the action they ask for is done.
REPEATING = frozenset(Rule) - {Rule.DEADLINE_SHARE, Rule.UNACKNOWLEDGED, Rule.URGENT}


def deadline_dues(case: CaseContext, published_at: datetime, now: datetime, policy: Policy) -> Iterator[Due]:
    """Yield the reminders of the deadline in force: shares of the time since publishing, then the first overdue one.

    Shares whose time is not after `now` are left out, except the deadline itself (100 %).
    """
    if case.deadline_at is None or case.resolved_at is not None:
        return
    span = max(case.deadline_at - published_at, timedelta())
    for share in _shares(case, policy):
        at = published_at + span * share / 100
        if at > now or share >= 100:
            yield Due(Rule.DEADLINE_SHARE, at, share)
    first_after = following(Rule.OVERDUE, case.deadline_at, case, policy)
    if first_after is not None:
        yield Due(Rule.OVERDUE, first_after)


def _shares(case: CaseContext, policy: Policy) -> tuple[int, ...]:
    if case.deadline_basis is Basis.DEFAULT:
        return policy.shares_default
    return policy.shares_very_severe if case.severity is Severity.VERY_SEVERE else policy.shares_severe


def following(rule: Rule, at: datetime, case: CaseContext, policy: Policy) -> datetime | None:
    """Return when `rule` reminds next after `at` (UTC); None if it reminds only once."""
    calendar = policy.calendar
    match rule:
        case Rule.OVERDUE:
            return _still_overdue(at, case, policy)
        case Rule.NEGOTIATING:
            return at + policy.negotiation_reminder
        case Rule.HOLD_ENDED:
            return calendar.days_later(at, 1)
        case Rule.UNTRIAGED | Rule.UNSIGNED | Rule.TARGET:
            target = target_of(case, policy)
            return calendar.after(at, target.working_time(calendar)) if target else None
        case Rule.UNANSWERED:
            # The reminders spread over the working time that the span usually has: silence on holidays does not count.
            share = policy.unanswered_within / (policy.unanswered_reminders + 1)
            return calendar.after(at, calendar.usually_in(share))
    return None


def _still_overdue(at: datetime, case: CaseContext, policy: Policy) -> datetime | None:
    if case.deadline_basis is Basis.DEFAULT:
        return None
    if case.severity is Severity.VERY_SEVERE:
        return at + policy.repeat_very_severe
    return at + policy.repeat_severe if policy.repeat_severe else policy.calendar.days_later(at, 1)


def target_of(case: CaseContext, policy: Policy) -> Target | None:
    """Return the target of the case's state; None if it has none."""
    target = policy.targets.get(case.state)
    is_urgent = case.state is State.ANALYSIS and case.suspected_urgency is Urgency.HIGH
    return URGENT_ANALYSIS if target and is_urgent else target


def waiting_due(case: CaseContext, since: datetime, policy: Policy) -> Due | None:
    """Return the first reminder of the state that the case has been in since `since`; None if nobody is reminded.

    While a deadline is negotiated, the reminder of that stands for the one of the analysis. While the case is on hold,
    only the end of the hold reminds (§3.8).
    """
    rule = waiting_rule(case)
    at = following(rule, since, case, policy) if rule else None
    return Due(rule, at) if rule and at else None


def waiting_rule(case: CaseContext) -> Rule | None:
    """Return the rule that reminds whoever the case waits for at present; None if none does.

    A customer whom our words did not reach is not silent (§3.8).
    """
    rule = WAITING_RULES.get(case.state)
    unreached = rule is Rule.UNANSWERED and case.undelivered is not None
    return None if case.on_hold or case.negotiating or unreached else rule


def still_due(rule: Rule, case: CaseContext, policy: Policy) -> bool:
    """Return whether the action that a reminder of `rule` asks for is still outstanding.

    No reminder of a deadline is sent while none is in force (rule 2.4) or a hold stops its clock (§3.5).
    """
    if case.state in END_STATES:
        return False
    match rule:
        case Rule.DEADLINE_SHARE | Rule.OVERDUE | Rule.UNACKNOWLEDGED:
            runs = case.deadline_at is not None and case.resolved_at is None
            return runs and not clock_stopped(case, policy)
        case Rule.NEGOTIATING:
            return case.negotiating
        case Rule.HOLD_ENDED:
            return case.on_hold
        case Rule.URGENT:
            return is_untaken(case)
    return waiting_rule(case) is rule


def is_untaken(case: CaseContext) -> bool:
    """Return whether the case waits for triage and nobody has taken it (rule 2.1)."""
    return case.state is State.TRIAGE and not case.triager


def recipients(rule: Rule, case: CaseContext, policy: Policy, share: int | None = None, time: int = 1) -> Recipients:
    """Return whom a reminder reaches (§3.6 and §3.8).

    A state that lasts too long reminds more people each `time`, which counts the messages since the state began.
    """
    match rule:
        case Rule.DEADLINE_SHARE | Rule.OVERDUE:
            return Recipients((*_workers(case), *_superiors(100 if rule is Rule.OVERDUE else share or 0)))
        case Rule.UNACKNOWLEDGED:
            return Recipients((Role.CENTER_MANAGER,))
        case Rule.NEGOTIATING:
            return Recipients((Place.TESTERS, Place.TECHNICIANS, Position.CARETAKER))
        case Rule.UNANSWERED:
            is_last = time >= policy.unanswered_reminders
            who = (Position.CARETAKER, Position.INSIDE_REPORTER)
            return Recipients((*who, Role.CENTER_MANAGER) if is_last else who)
        case Rule.HOLD_ENDED:
            manager = (Role.CENTER_MANAGER,) if time >= len(_JOINING) else ()
            return Recipients((*_workers(case), Position.CARETAKER, *manager))
        case Rule.URGENT:
            return Recipients(_TRIAGERS if time == 1 else (Role.CENTER_MANAGER,))
        case Rule.UNTRIAGED if not case.triager:
            return Recipients((Role.SERVICE_MANAGER,) if time == 1 else _TRIAGERS)
    return Recipients(_JOINING[min(time, len(_JOINING)) - 1], waits_for=True)


#: Who joins whoever a case waits for: nobody at the first reminder of a state, then the superiors one after the other.
_JOINING: tuple[tuple[Who, ...], ...] = ((), (Position.CARETAKER,), (Position.CARETAKER, Role.CENTER_MANAGER))


def reminder_visibility(rule: Rule) -> Visibility:
    """Return who may read a reminder: reminders are internal, but for that of an answer that the reporter owes."""
    return Visibility.REPORT if rule is Rule.UNANSWERED else Visibility.INTERNAL


def _workers(case: CaseContext) -> tuple[Who, ...]:
    modifier = (Place.MODIFIER,) if case.state is State.MODIFICATION else ()
    return (Place.TESTERS, Place.TECHNICIANS, *modifier)


def _superiors(share: int) -> tuple[Who, ...]:
    if share >= 100:
        return (Position.CARETAKER, Role.CENTER_MANAGER)
    return (Position.CARETAKER,) if share >= 80 else ()
