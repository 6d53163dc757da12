"""Converts the settings to what the other packages need: policy, calendar, company, database, documents."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url

from bot.casework.company_settings import CompanySettings, Limits
from bot.clock import Clock, ShiftedClock
from bot.documents.context import DocumentSettings
from bot.runtime.seal_key import FoundKey
from bot.settings.public_holidays import public_days
from bot.settings.settings import Settings, WrongSettings
from bot.slack.delivery.fetch_files import FileLimits
from bot.slack.http_client import HttpClient
from bot.workflow.calendar import MONDAY_TO_FRIDAY, WorkingCalendar, no_public_days
from bot.workflow.context import Policy
from bot.workflow.targets import DEFAULT_TARGETS, Target
from storage.database import Database
from storage.file_contents import DatabaseContents, FileContents, FolderContents
from storage.people import Grant
from storage.unavailable import UnusableURL
from storage.vocabulary import State


def policy(settings: Settings) -> Policy:
    """Return the settings that rules depend on."""
    return Policy(
        reopen_within=settings.reopen_within,
        unanswered_reminders=settings.unanswered_reminders,
        unanswered_within=settings.unanswered_within,
        hold_stops_clock=settings.hold_stops_clock,
        shares_very_severe=settings.reminders_very_severe,
        shares_severe=settings.reminders_severe,
        shares_default=settings.reminders_default,
        repeat_very_severe=settings.repeat_very_severe,
        repeat_severe=settings.repeat_severe,
        acknowledge_within=settings.acknowledge_within,
        targets=targets(settings),
        urgent_triage=settings.urgent_triage,
        negotiation_reminder=settings.negotiation_reminder,
        calendar=calendar(settings),
    )


def targets(settings: Settings) -> dict[State, Target]:
    """Return the targets of the states that have one. `FAULT_TARGETS` goes before the two older settings."""
    older = {State.TRIAGE: settings.triage_target, State.SHEET_SIGNING: settings.signing_target}
    hours = {state: Target(hours=span / timedelta(hours=1)) for state, span in older.items()}
    found = {**DEFAULT_TARGETS, **hours, **settings.targets}
    return {state: target for state, target in found.items() if target is not None}


def calendar(settings: Settings) -> WorkingCalendar:
    """Return the working calendar. Public holidays are loaded when a day of their year is first asked for."""
    week, country = settings.working_weekdays, settings.calendar
    return WorkingCalendar(
        settings.time_zone,
        settings.working_hours,
        MONDAY_TO_FRIDAY if week is None else week,
        settings.extra_holidays,
        settings.extra_working_days,
        public_days(country, own_week=week is not None) if country else no_public_days,
    )


def company_settings(settings: Settings, found: FoundKey) -> CompanySettings:
    """Return the company as casework sees it. `found` is the key of the settings."""
    return CompanySettings(
        settings.channel,
        policy(settings),
        settings.time_zone,
        settings.new_names,
        settings.default_deadline_days,
        settings.locale,
        settings.members,
        tuple(Grant(one.person, one.role, one.first, one.last) for one in settings.deputies),
        frozenset(settings.our_guests),
        found.key,
        Limits(
            settings.max_reports_per_hour,
            settings.max_exports_per_hour,
            settings.max_help_per_hour,
            settings.outsider_share,
        ),
    )


def clock(settings: Settings) -> Clock:
    """Return the real clock, or the shifted one of the stand-in workspace that this process serves."""
    return ShiftedClock(settings.clock_shift) if settings.clock_shift else Clock()


def database(settings: Settings) -> Database:
    """Return the database that the settings name. Raises `WrongSettings` if it cannot be used from here."""
    try:
        return Database(settings.database_url.get_secret_value(), synchronous=settings.sqlite_synchronous)
    except UnusableURL as unusable:
        raise WrongSettings((f"DATABASE_URL: {unusable}; for example DATABASE_URL=sqlite:///faultdesk.db",)) from None


def http_client(ticks: Callable[[], float]) -> HttpClient:
    """Return the client for everything that goes to Slack. Raises `WrongSettings` if the proxy cannot be one."""
    try:
        return HttpClient(ticks)
    except ValueError:
        line = "HTTPS_PROXY: is no address of a proxy; for example HTTPS_PROXY=http://proxy.example.com:3128"
        raise WrongSettings((line,)) from None


def file_contents(settings: Settings, database: Database) -> FileContents:
    """Return where files are kept: in the folder that the settings name, beside the SQLite file, or as rows."""
    if settings.files_dir is not None:
        return FolderContents(settings.files_dir)
    if database.is_sqlite:
        file = make_url(database.url).database
        return FolderContents(Path(file or "faultdesk.db").with_suffix(".files"))
    return DatabaseContents(database)


def file_limits(settings: Settings) -> FileLimits:
    """Return which files are kept."""
    return FileLimits(settings.file_limit_mb * 2**20, settings.file_kinds)


def document_settings(settings: Settings) -> DocumentSettings:
    """Return the settings of the company's documents. Raises `WrongSettings` for an unusable template."""
    if settings.templates is not None:
        _check_templates(settings.templates)
    return DocumentSettings(settings.document_prefix, settings.templates)


def _check_templates(templates: Path) -> None:
    """Check the company's templates. The check takes half a second, so it runs only where the company has its own."""
    try:
        from bot.documents.word.template_check import WrongTemplate, check
    except ModuleNotFoundError as missing:
        raise WrongSettings((f"FAULT_TEMPLATES: needs the extra records ({missing.name} is not installed)",)) from None
    try:
        check(templates)
    except WrongTemplate as wrong:
        raise WrongSettings(
            tuple(f"FAULT_TEMPLATES: {line}; for example FAULT_TEMPLATES=templates" for line in wrong.args)
        ) from None
