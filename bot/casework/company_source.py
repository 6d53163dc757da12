"""Where the company's settings come from: the database. A change counts in every process from its next transaction."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.casework.company_settings import CompanySettings, FileLimits, Kept, Limits
from bot.seal_key import SealKey
from bot.settings.company_values import CompanyValues, problems
from bot.settings.public_holidays import public_days
from bot.workflow.calendar import MONDAY_TO_FRIDAY, Part, WorkingCalendar, no_public_days
from bot.workflow.context import Policy
from bot.workflow.refusal import Refusal
from bot.workflow.targets import DEFAULT_TARGETS, Target
from storage import settings
from storage.outbox import NO_CHANNEL
from storage.people import Grant
from storage.settings import Value
from storage.vocabulary import State

log = structlog.get_logger(__name__)


class CompanySource:
    """Reads the company's settings, and keeps what it read until the version of the settings moves.

    Threads may use it at the same time: what they overwrite each other is right for its version.
    """

    def __init__(self, seal_key: SealKey | None = None, given: Mapping[str, str] | None = None) -> None:
        """`seal_key` is the key with which this process signs; `given` are the settings that its environment sets."""
        self._seal_key = seal_key
        self._read: tuple[str | None, CompanySettings] = None, company_of(CompanyValues.read(given or {}), seal_key)

    def of(self, session: Session) -> CompanySettings:
        """Return the settings that count in this transaction: the same ones, whatever changes while it lasts."""
        company: CompanySettings | None = session.info.get(self)
        if company is None:
            company = session.info[self] = self._current(session)
        return company

    def _current(self, session: Session) -> CompanySettings:
        known, company = self._read
        if settings.version(session) != known:
            version, stored = settings.with_version(session)
            if wrong := unusable(stored):
                log.error("settings.unusable", names=sorted(wrong))
            company = self.made(stored)
            self._read = version, company
        return company

    def made(self, stored: Mapping[str, Value]) -> CompanySettings:
        """Return the settings that these stored values make."""
        return company_of(values_of(stored), self._seal_key)

    @property
    def latest(self) -> CompanySettings:
        """The settings that were read last, for whoever cannot ask the database; at first those of the environment."""
        return self._read[1]


def values_of(stored: Mapping[str, Value]) -> CompanyValues:
    """Return what stored settings say. Where one is unusable, its default counts, so that the desk goes on."""
    wrong = unusable(stored)
    return CompanyValues.read({name: value.text for name, value in stored.items() if name not in wrong})


def unusable(stored: Mapping[str, Value]) -> dict[str, Refusal]:
    """Return the names of the stored settings that cannot be read, each with what is wrong with it."""
    return problems({name: value.text for name, value in stored.items()})


def company_of(values: CompanyValues, seal_key: SealKey | None = None) -> CompanySettings:
    """Return the company's settings as these values make them."""
    return CompanySettings(
        values.channel or NO_CHANNEL,
        _policy(values),
        values.time_zone,
        values.new_names,
        values.default_deadline_days,
        values.locale,
        values.members,
        tuple(Grant(one.person, one.role, one.first, one.last) for one in values.deputies),
        frozenset(values.our_guests),
        seal_key,
        Limits(
            values.max_reports_per_hour, values.max_exports_per_hour, values.max_help_per_hour, values.outsider_share
        ),
        values.document_prefix,
        FileLimits(values.file_limit_mb * 2**20, values.file_kinds),
        Kept(values.keep_sent, values.keep_drafts),
        values.checkpoint,
        values.shutdown,
    )


def _policy(values: CompanyValues) -> Policy:
    return Policy(
        reopen_within=values.reopen_within,
        unanswered_reminders=values.unanswered_reminders,
        unanswered_within=values.unanswered_within,
        hold_stops_clock=values.hold_stops_clock,
        shares_very_severe=values.reminders_very_severe,
        shares_severe=values.reminders_severe,
        shares_default=values.reminders_default,
        repeat_very_severe=values.repeat_very_severe,
        repeat_severe=values.repeat_severe,
        acknowledge_within=values.acknowledge_within,
        targets=targets(values),
        urgent_triage=values.urgent_triage,
        negotiation_reminder=values.negotiation_reminder,
        calendar=calendar(values),
    )


def targets(values: CompanyValues) -> Mapping[State, Target]:
    """Return the targets of the states that have one. `FAULT_TARGETS` goes before the two older settings."""
    older = {State.TRIAGE: values.triage_target, State.SHEET_SIGNING: values.signing_target}
    hours = {state: Target(hours=span / timedelta(hours=1)) for state, span in older.items()}
    found = {**DEFAULT_TARGETS, **hours, **values.targets}
    return {state: target for state, target in found.items() if target is not None}


def calendar(values: CompanyValues) -> WorkingCalendar:
    """Return the working calendar. Public holidays are loaded when a day of their year is first asked for."""
    days = values.extra_holidays, values.extra_working_days
    return _calendar(values.time_zone, values.working_hours, values.working_weekdays, *days, values.calendar)


@lru_cache(maxsize=16)
def _calendar(
    zone: ZoneInfo,
    hours: tuple[Part, ...],
    week: frozenset[int] | None,
    days_off: frozenset[date],
    days_on: frozenset[date],
    country: str | None,
) -> WorkingCalendar:
    """Return a calendar, which keeps the timetables of its years. It is the same object for the same working time."""
    public = public_days(country, own_week=week is not None) if country else no_public_days
    return WorkingCalendar(zone, hours, MONDAY_TO_FRIDAY if week is None else week, days_off, days_on, public)
