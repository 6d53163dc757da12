"""When reminders are due and whom they reach (process.md §3.6-8). Pure: times in, times out, all aware UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.workflow.context import CaseSeen, Policy
from bot.workflow.situation import Position, Who
from storage.vocabulary import END_STATES, Basis, Place, Role, Rule, Severity, State


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder to come. `share` is the percentage of the time to the deadline, for `Rule.DEADLINE_SHARE`."""

    rule: Rule
    at: datetime
    share: int | None = None


#: What waits for somebody in a state, past its target.
WAITING_RULES = {
    State.TRIAGE: Rule.UNTRIAGED,
    State.SHEET_SIGNING: Rule.UNSIGNED,
    State.ANSWER_CONFIRMING: Rule.UNANSWERED,
    State.FIX_CONFIRMING: Rule.UNANSWERED,
}
DEADLINE_RULES = (Rule.DEADLINE_SHARE, Rule.OVERDUE, Rule.UNACKNOWLEDGED)
#: Rules that come again until what they ask for is done.
REPEATING = frozenset(Rule) - {Rule.DEADLINE_SHARE, Rule.UNACKNOWLEDGED, Rule.HOLD_ENDED}


def deadline_dues(case: CaseSeen, published_at: datetime, now: datetime, policy: Policy) -> Iterator[Due]:
    """Reminders of the deadline in force: shares of the time from publishing, then the first overdue one.

    Shares that lay before `now` when the plan is made are left out, but never the deadline itself.
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


def _shares(case: CaseSeen, policy: Policy) -> tuple[int, ...]:
    if case.deadline_basis is Basis.DEFAULT:
        return policy.shares_default
    return policy.shares_very_severe if case.severity is Severity.VERY_SEVERE else policy.shares_severe


def following(rule: Rule, at: datetime, case: CaseSeen, policy: Policy) -> datetime | None:
    """When `rule` reminds next after `at`; None if it reminds once."""
    calendar = policy.calendar
    match rule:
        case Rule.OVERDUE:
            return _still_overdue(at, case, policy)
        case Rule.NEGOTIATING:
            return at + policy.negotiation_reminder
        case Rule.UNTRIAGED:
            return calendar.after(at, policy.triage_target)
        case Rule.UNSIGNED:
            return calendar.after(at, policy.signing_target)
        case Rule.UNANSWERED:
            # as many as are asked for, in the working time of an ordinary such span; silence on holidays says nothing
            share = policy.unanswered_within / (policy.unanswered_reminders + 1)
            return calendar.after(at, calendar.usually_in(share))
    return None


def _still_overdue(at: datetime, case: CaseSeen, policy: Policy) -> datetime | None:
    if case.deadline_basis is Basis.DEFAULT:
        return None
    if case.severity is Severity.VERY_SEVERE:
        return at + policy.repeat_very_severe
    return at + policy.repeat_severe if policy.repeat_severe else policy.calendar.days_later(at, 1)


def waiting_due(case: CaseSeen, now: datetime, policy: Policy) -> Due | None:
    """The reminder of what the case's state waits for, counted from `now`, when it entered the state."""
    rule = WAITING_RULES.get(case.state)
    at = following(rule, now, case, policy) if rule else None
    return Due(rule, at) if rule and at else None


def still_due(rule: Rule, case: CaseSeen) -> bool:
    """Whether what a reminder asks for is still to be done."""
    if case.state in END_STATES:
        return False
    match rule:
        case Rule.DEADLINE_SHARE | Rule.OVERDUE | Rule.UNACKNOWLEDGED:
            return case.resolved_at is None
        case Rule.NEGOTIATING:
            return case.negotiating
        case Rule.HOLD_ENDED:
            return case.on_hold
    return WAITING_RULES.get(case.state) is rule


def listeners(rule: Rule, case: CaseSeen, share: int | None = None) -> tuple[Who, ...]:
    """Whom a reminder reaches: analysts, the modifier while the case waits on them, then those above (§3.6)."""
    match rule:
        case Rule.DEADLINE_SHARE | Rule.OVERDUE:
            return (*_workers(case), *_superiors(100 if rule is Rule.OVERDUE else share or 0))
        case Rule.UNACKNOWLEDGED | Rule.UNSIGNED:
            return (Role.CENTER_MANAGER,)
        case Rule.NEGOTIATING:
            return (Place.TESTERS, Place.TECHNICIANS, Position.CARETAKER)
        case Rule.UNANSWERED:
            return (Position.CARETAKER, Position.INSIDE_REPORTER)
        case Rule.HOLD_ENDED:
            return (*_workers(case), Position.CARETAKER)
    return (Role.SERVICE_MANAGER,)


def _workers(case: CaseSeen) -> tuple[Who, ...]:
    modifier = (Place.MODIFIER,) if case.state is State.MODIFICATION else ()
    return (Place.TESTERS, Place.TECHNICIANS, *modifier)


def _superiors(share: int) -> tuple[Who, ...]:
    if share >= 100:
        return (Position.CARETAKER, Role.CENTER_MANAGER)
    return (Position.CARETAKER,) if share >= 80 else ()
