"""What the company set: policy, time zone, the service desk's channel. Frozen; made once at the start."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.workflow.seen import Policy


@dataclass(frozen=True, slots=True)
class Office:
    """The settings that casework depends on. `default_deadline` is for products that name none."""

    desk: str
    policy: Policy = field(default_factory=Policy)
    zone: tzinfo = UTC
    new_names: bool = True
    default_deadline: timedelta | None = None

    def today(self, now: datetime) -> date:
        """The company's date at `now` (aware)."""
        return now.astimezone(self.zone).date()
