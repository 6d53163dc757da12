"""Whether a case is late: THE one place (process.md rule 2.4 and §3.4-5). Pure functions; every time is aware UTC.

Cards, lists, reminders, the fault record table and the closing of a case use these functions. The measures M8 and M9
use what `in_force` returns, which is stored whenever it changes.
"""

from datetime import datetime, timedelta
from typing import Protocol

from bot.workflow.context import Policy
from storage.vocabulary import OPEN_STATES, Basis, State


class Dated(Protocol):
    """What lateness depends on: a case as the rules see it, or its row."""

    @property
    def state(self) -> State:
        """The present state."""

    @property
    def deadline_at(self) -> datetime | None:
        """The deadline in force."""

    @property
    def first_deadline_at(self) -> datetime | None:
        """The first deadline that was agreed."""

    @property
    def deadline_basis(self) -> Basis | None:
        """Who set the deadline in force."""

    @property
    def deadline_since(self) -> datetime | None:
        """When the deadline in force was agreed."""

    @property
    def deadline_when_resolved(self) -> datetime | None:
        """The deadline that was in force when the case was resolved."""

    @property
    def resolved_at(self) -> datetime | None:
        """When the reply resolved the case."""

    @property
    def on_hold(self) -> bool:
        """Whether the case is on hold."""

    @property
    def hold_since(self) -> datetime | None:
        """When the hold began."""


def may_stop(case: Dated) -> bool:
    """Return whether the case is on a hold that stops the clock of its deadline, if the company's holds do so.

    A hold never stops a deadline that the customer stipulated (§3.5).
    """
    return case.on_hold and case.deadline_at is not None and case.deadline_basis is not Basis.CUSTOMER_STIPULATED


def clock_stopped(case: Dated, policy: Policy) -> bool:
    """Return whether the clock of the deadline is stopped by a hold (§3.5)."""
    return policy.hold_stops_clock and may_stop(case)


def extended_deadline(case: Dated, policy: Policy, now: datetime) -> datetime | None:
    """Return the deadline in force, moved by the time for which its clock has been stopped up to `now` (§3.5).

    That time runs since the hold began or since the deadline was agreed, whichever is later. A default deadline is
    moved by the working time on hold. Without a stopped clock it is the deadline itself; None without a deadline.
    """
    if case.deadline_at is None or case.hold_since is None or not clock_stopped(case, policy):
        return case.deadline_at
    since = max(case.hold_since, case.deadline_since or case.hold_since)
    if case.deadline_basis is not Basis.DEFAULT:
        return case.deadline_at + (now - since)
    calendar = policy.calendar
    return calendar.after(case.deadline_at, timedelta(seconds=calendar.working_seconds(since, now)))


def has_passed(case: Dated, policy: Policy, now: datetime) -> bool:
    """Return whether the deadline in force has passed. The very moment of the deadline still keeps it."""
    deadline = extended_deadline(case, policy, now)
    return deadline is not None and deadline < now


def overdue(case: Dated, policy: Policy, now: datetime) -> bool:
    """Return whether an open case is late: not resolved although its deadline has passed.

    Nothing is overdue while a hold stops the clock.
    """
    return _late(case, case.deadline_at, policy, now)


def on_time(case: Dated, policy: Policy, now: datetime) -> bool | None:
    """Return whether the deadline is kept: None while it lies ahead, and without a deadline.

    A resolved case is judged against the deadline that was in force then; a later change does not alter it (2.4).
    """
    if case.resolved_at is not None:
        deadline = case.deadline_when_resolved
        return None if deadline is None else case.resolved_at <= deadline
    return False if overdue(case, policy, now) else None


def on_time_at_first(case: Dated, policy: Policy, now: datetime) -> bool | None:
    """Return the same as `on_time` against the first deadline; None where no deadline is in force (§3.4)."""
    first = case.first_deadline_at
    if case.resolved_at is not None:
        judged = first is not None and case.deadline_when_resolved is not None
        return case.resolved_at <= first if first is not None and judged else None
    return False if case.deadline_at is not None and _late(case, first, policy, now) else None


def _late(case: Dated, deadline: datetime | None, policy: Policy, now: datetime) -> bool:
    running = case.state in OPEN_STATES and case.resolved_at is None and not clock_stopped(case, policy)
    return running and deadline is not None and deadline < now


def in_force(case: Dated) -> tuple[datetime | None, bool]:
    """Return what measures judge a case by: its deadline, and whether its hold may stop the clock (`may_stop`).

    For a resolved case the deadline is the one that was in force when it was resolved.
    """
    if case.resolved_at is not None:
        return case.deadline_when_resolved, False
    return case.deadline_at, may_stop(case)
