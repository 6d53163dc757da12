"""What the company set: policy, time zone, the service desk's channel. Frozen; made once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.workflow.calendar import WorkingCalendar
from bot.workflow.context import Policy
from storage.people import Grant
from storage.vocabulary import Role

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Office:
    """The settings that casework depends on.

    `default_days` (working days) are for products that name none. `locale` and `zone` are those of channels, and of
    persons whose own Slack has not told. `members` are the users (U…, W…) and user groups (S…) that each role begins
    with; `deputies` have theirs for some days.
    """

    desk: str
    policy: Policy = field(default_factory=Policy)
    zone: ZoneInfo = _UTC
    new_names: bool = True
    default_days: int | None = None
    locale: str = "en"
    members: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    deputies: tuple[Grant, ...] = ()

    @property
    def calendar(self) -> WorkingCalendar:
        """When the company works."""
        return self.policy.calendar

    def today(self, now: datetime) -> date:
        """The company's date at `now` (aware)."""
        return now.astimezone(self.zone).date()
