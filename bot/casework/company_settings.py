"""What the company set: policy, time zone, the service desk's channel. Frozen; made once at the start."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from bot.workflow.calendar import WorkingCalendar
from bot.workflow.context import Policy


@dataclass(frozen=True, slots=True)
class Office:
    """The settings that casework depends on. `default_days` (working days) are for products that name none."""

    desk: str
    policy: Policy = field(default_factory=Policy)
    zone: tzinfo = UTC
    new_names: bool = True
    default_days: int | None = None

    @property
    def calendar(self) -> WorkingCalendar:
        """When the company works."""
        return self.policy.calendar

    def today(self, now: datetime) -> date:
        """The company's date at `now` (aware)."""
        return now.astimezone(self.zone).date()
