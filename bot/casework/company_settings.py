"""The company's settings as casework sees them: policy, time zone, service-desk channel. Frozen.

`company_source.py` makes them from what is stored. They hold for one transaction; the next one may have others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.seal_key import SealKey
from bot.workflow.calendar import WorkingCalendar
from bot.workflow.context import Policy
from storage.outbox import NO_CHANNEL
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
class FileLimits:
    """Which files are kept: up to so many bytes, with these endings of their names (lower case); none: all kinds."""

    max_bytes: int = 50 * 2**20
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kept:
    """How long what was sent, and drafts, are kept."""

    sent: timedelta = timedelta(days=30)
    drafts: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """The settings that casework depends on.

    `desk_channel` is the id of the service-desk channel, `NO_CHANNEL` while none is set. `default_days` (working days)
    apply to products that set none. `locale` and `zone` apply to channels, and to persons for whom Slack has not yet
    reported their own. `members` are the users (U…, W…) and user groups (S…) that each role starts with; `deputies`
    hold roles for certain dates. `our_guests` are guests (U…, W…) who count as ours.
    `seal_key` is the key with which this process signs; without one, everything is unsigned. `document_prefix` begins
    the numbers of documents. A checkpoint is written at least every `checkpoint_every`. While a process stops, it
    answers for another `shutdown`.
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
    document_prefix: str = "BTSP-SM"
    files: FileLimits = FileLimits()
    kept: Kept = Kept()
    checkpoint_every: timedelta = timedelta(hours=1)
    shutdown: timedelta = timedelta(seconds=5)

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar of the company."""
        return self.policy.calendar

    @property
    def has_desk_channel(self) -> bool:
        """Whether a service-desk channel is set."""
        return self.desk_channel != NO_CHANNEL

    @property
    def groups(self) -> frozenset[str]:
        """The user groups (S…) that give roles."""
        return frozenset(one for ids in self.members.values() for one in ids if is_group(one))

    def today(self, now: datetime) -> date:
        """Return the company's date at `now` (aware)."""
        return now.astimezone(self.zone).date()


def is_group(member: str) -> bool:
    """Return whether a member of a role is a user group, by its Slack id (S…)."""
    return member.startswith("S")
