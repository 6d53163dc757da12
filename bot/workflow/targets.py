"""The targets of the open states, in working time (process.md §3.8). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.workflow.calendar import WorkingCalendar
from storage.vocabulary import State


@dataclass(frozen=True, slots=True)
class Target:
    """How long a state may last: working hours, or working days of as many hours as the calendar's days have."""

    hours: float = 0.0
    days: float = 0.0

    def working_time(self, calendar: WorkingCalendar) -> timedelta:
        """Return the target as working time."""
        return timedelta(hours=self.hours) + self.days * calendar.working_day


#: The targets of the states that the company sets none for. Both confirmations remind by rules of their own.
DEFAULT_TARGETS: Mapping[State, Target] = {
    State.TRIAGE: Target(hours=4),
    State.ANSWERING: Target(hours=8),
    State.SHEET_DRAFTING: Target(hours=8),
    State.SHEET_SIGNING: Target(hours=8),
    State.ANALYSIS: Target(days=3),
    State.DECISION: Target(days=1),
    State.HANDLING: Target(days=3),
    State.MODIFICATION: Target(days=5),
    State.TESTING: Target(days=2),
    State.MANUAL_UPDATE: Target(days=2),
    State.RELEASE: Target(days=2),
    State.REPLYING: Target(hours=4),
}
#: The target of the analysis of a report that its reporter marked as urgent.
URGENT_ANALYSIS = Target(hours=4)
