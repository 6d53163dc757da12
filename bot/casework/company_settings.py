"""The company's settings as casework sees them: policy, time zone, service-desk channel. Frozen, made once at start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.seal_key import SealKey
from bot.workflow.calendar import WorkingCalendar
from bot.workflow.context import Policy
from storage.people import Grant
from storage.vocabulary import Role

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most requests of one person in an hour, None for no limit. Outsiders have `outsider_share` percent of it."""

    reports: int | None = None
    exports: int | None = None
    help: int | None = None
    outsider_share: int = 25


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """The settings that casework depends on.

    `desk_channel` is the id of the service-desk channel. `default_days` (working days) apply to products that set none.
    `locale` and `zone` apply to channels, and to persons for whom Slack has not yet reported their own. `members` are
    the users (U…, W…) and user groups (S…) that each role starts with; `deputies` hold roles for certain dates.
    `our_guests` are guests (U…, W…) who count as ours.
    `seal_key` is the key with which this process signs; without one, everything is unsigned.
    """

    desk_channel: str
    policy: Policy = field(default_factory=Policy)
    zone: ZoneInfo = _UTC
    new_names: bool = True
    default_days: int | None = None
    locale: str = "en"
    members: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    deputies: tuple[Grant, ...] = ()
    our_guests: frozenset[str] = frozenset()
    seal_key: SealKey | None = None
    limits: Limits = Limits()

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar of the company."""
        return self.policy.calendar

    def today(self, now: datetime) -> date:
        """Return the company's date at `now` (aware)."""
        return now.astimezone(self.zone).date()
