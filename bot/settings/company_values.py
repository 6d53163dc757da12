"""The settings of the company: who does what, when it works, how it reminds. They are stored in the database.

Each is declared once, with the text that its environment variable would have; the same text is stored. So one parser
reads the environment, the database and the forms of Slack, and says the same about a wrong value.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from bot.settings import declaration, values
from bot.settings.declaration import WrongSettings, setting
from bot.settings.values import WrongText
from bot.workflow.calendar import Part
from bot.workflow.refusal import Refusal
from bot.workflow.targets import Target
from bot.workflow.value_refusals import DayOffAsWell, TimeUnit
from storage.vocabulary import Role, State

Channel: TypeAlias = Annotated[str, AfterValidator(values.channel)]
Country: TypeAlias = Annotated[str, AfterValidator(values.country)]
People: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(values.listed(values.person_or_group))]
Persons: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(values.listed(values.person))]
Percents: TypeAlias = Annotated[tuple[int, ...], BeforeValidator(values.percents)]
Deputies: TypeAlias = Annotated[tuple[values.Deputy, ...], BeforeValidator(values.listed(values.Deputy.parse))]
Parts: TypeAlias = Annotated[tuple[Part, ...], BeforeValidator(values.hours)]
Weekdays: TypeAlias = Annotated[frozenset[int], BeforeValidator(values.weekdays)]
Dates: TypeAlias = Annotated[frozenset[date], BeforeValidator(values.dates)]
FileKinds: TypeAlias = Annotated[frozenset[str], BeforeValidator(values.file_kinds)]
Pause: TypeAlias = Annotated[timedelta, values.span(TimeUnit.SECONDS, may_be_zero=True)]
Minutes: TypeAlias = Annotated[timedelta, values.span(TimeUnit.MINUTES)]
Hours: TypeAlias = Annotated[timedelta, values.span(TimeUnit.HOURS)]
Days: TypeAlias = Annotated[timedelta, values.span(TimeUnit.DAYS)]
Targets: TypeAlias = Annotated[dict[State, Target | None], BeforeValidator(values.targets)]
Count: TypeAlias = Annotated[int, values.whole(1, 1000)]
PerHour: TypeAlias = Annotated[int | None, BeforeValidator(values.per_hour)]
Zone: TypeAlias = Annotated[ZoneInfo, BeforeValidator(values.zone)]
YesOrNo: TypeAlias = Annotated[bool, BeforeValidator(values.yes_or_no)]
Locale: TypeAlias = Annotated[Literal["en", "zh-CN"], BeforeValidator(values.locale)]


class CompanyValues(BaseModel):
    """The values of all settings of the company. Made by `read` and immutable."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=True)

    # the desk
    channel: Channel = setting("FAULT_CHANNEL", "", "C0123456789")

    # people; merged with what admins set in Slack
    admins: People = setting("FAULT_ADMINS", "", "U0123456789")
    center_managers: People = setting("FAULT_CENTER_MANAGERS", "", "U0123456789")
    service_managers: People = setting("FAULT_SERVICE_MANAGERS", "", "U0123456789,S0123456789")
    technicians: People = setting("FAULT_TECHNICIANS", "", "U0123456789,S0123456789")
    testers: People = setting("FAULT_TESTERS", "", "U0123456789,S0123456789")
    viewers: People = setting("FAULT_VIEWERS", "", "S0123456789")
    our_guests: Persons = setting("FAULT_OUR_GUESTS", "", "U0123456789,W0123456789")
    deputies: Deputies = setting("FAULT_DEPUTIES", "", "center_manager:U0123456789:2026-12-24:2027-01-02")

    # language, time zone, calendar and documents
    time_zone: Zone = setting("FAULT_TIMEZONE", "UTC", "Asia/Shanghai")
    locale: Locale = setting("FAULT_LOCALE", "en", "zh-CN")
    calendar: Country | None = setting("FAULT_CALENDAR", None, "CN")
    working_hours: Parts = setting("FAULT_WORKING_HOURS", "09:00-18:00", "09:00-12:00,13:30-18:00")
    working_weekdays: Weekdays | None = setting("FAULT_WORKING_WEEKDAYS", None, "mon-fri")
    extra_holidays: Dates = setting("FAULT_EXTRA_HOLIDAYS", "", "2026-12-24,2027-02-05:2027-02-07")
    extra_working_days: Dates = setting("FAULT_EXTRA_WORKING_DAYS", "", "2026-12-19")
    new_names: YesOrNo = setting("FAULT_NEW_NAMES", "true")  # reporters may enter customers and products not yet known
    document_prefix: Annotated[str, AfterValidator(values.prefix)] = setting("FAULT_DOCUMENT_PREFIX", "BTSP-SM")

    # deadlines and reminders
    reminders_very_severe: Percents = setting("FAULT_REMINDERS_VERY_SEVERE", "50,80,100")
    reminders_severe: Percents = setting("FAULT_REMINDERS_SEVERE", "80,100")
    reminders_default: Percents = setting("FAULT_REMINDERS_DEFAULT", "100")
    repeat_very_severe: Hours = setting("FAULT_REPEAT_VERY_SEVERE_HOURS", "1")
    repeat_severe: Hours | None = setting("FAULT_REPEAT_SEVERE_HOURS", None, "24")
    acknowledge_within: Minutes = setting("FAULT_ACKNOWLEDGE_MINUTES", "15")
    reopen_within: Days = setting("FAULT_REOPEN_DAYS", "30")
    unanswered_reminders: Count = setting("FAULT_UNANSWERED_REMINDERS", "3")
    unanswered_within: Days = setting("FAULT_UNANSWERED_DAYS", "7")
    triage_target: Hours = setting("FAULT_TRIAGE_TARGET_HOURS", "4")
    signing_target: Hours = setting("FAULT_SIGNING_TARGET_HOURS", "8")
    targets: Targets = setting("FAULT_TARGETS", "", "triage:4h,analysis:3d,replying:none")
    urgent_triage: Minutes = setting("FAULT_URGENT_TRIAGE_MINUTES", "15")
    negotiation_reminder: Hours = setting("FAULT_NEGOTIATION_REMINDER_HOURS", "24")
    default_deadline_days: Count | None = setting("FAULT_DEFAULT_DEADLINE_DAYS", None, "10")
    hold_stops_clock: YesOrNo = setting("FAULT_HOLD_STOPS_CLOCK", "false")

    # limits, and what is kept for how long
    max_reports_per_hour: PerHour = setting("FAULT_MAX_REPORTS_PER_HOUR", "60")
    max_exports_per_hour: PerHour = setting("FAULT_MAX_EXPORTS_PER_HOUR", "30")
    max_help_per_hour: PerHour = setting("FAULT_MAX_HELP_PER_HOUR", "20")
    outsider_share: Annotated[int, values.whole(1, 100)] = setting("FAULT_OUTSIDER_SHARE", "25")
    file_limit_mb: Count = setting("FAULT_FILE_LIMIT_MB", "50")
    file_kinds: FileKinds = setting("FAULT_FILE_KINDS", values.FILE_KINDS, "pdf,png,jpg,log,txt")
    keep_sent: Days = setting("FAULT_KEEP_SENT_DAYS", "30")
    keep_drafts: Days = setting("FAULT_KEEP_DRAFTS_DAYS", "30")
    checkpoint: Minutes = setting("FAULT_CHECKPOINT_MINUTES", "60")
    shutdown: Pause = setting("FAULT_SHUTDOWN_SECONDS", "5")

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Self:
        """Read the values from their texts by name. A missing or blank text stands for the default.

        Raises `WrongSettings`.
        """
        if wrong := problems(texts):
            raise WrongSettings(as_lines(wrong))
        return cls.model_validate(declaration.without_blanks(texts))

    @property
    def members(self) -> dict[Role, tuple[str, ...]]:
        """The ids of the users and user groups that each role starts with."""
        return {
            Role.ADMIN: self.admins,
            Role.CENTER_MANAGER: self.center_managers,
            Role.SERVICE_MANAGER: self.service_managers,
            Role.TECHNICIAN: self.technicians,
            Role.TESTER: self.testers,
            Role.VIEWER: self.viewers,
        }

    @field_validator("extra_working_days")
    @classmethod
    def _check_holiday_overlap(cls, days: frozenset[date], info: ValidationInfo) -> frozenset[date]:
        if twice := days & info.data.get("extra_holidays", frozenset()):
            raise WrongText(DayOffAsWell(min(twice).isoformat()))
        return days


#: The names of the settings of the company, in the order of their declaration.
COMPANY_NAMES = declaration.names(CompanyValues)
#: Those that give roles. The persons whom they name hold them beside whoever is given a role in Slack.
ROLE_NAMES = frozenset(
    {
        *("FAULT_ADMINS", "FAULT_CENTER_MANAGERS", "FAULT_SERVICE_MANAGERS", "FAULT_TECHNICIANS"),
        *("FAULT_TESTERS", "FAULT_VIEWERS", "FAULT_DEPUTIES"),
    }
)
#: Those that can be changed in Slack, where the environment does not fix them.
EDITABLE_NAMES = frozenset(COMPANY_NAMES) - ROLE_NAMES


def problems(texts: Mapping[str, str]) -> dict[str, Refusal]:
    """Return the names of the settings whose texts are wrong, each with what is wrong with it."""
    try:
        CompanyValues.model_validate(declaration.without_blanks(texts))
    except ValidationError as error:
        return {name: cause.refusal for name, cause in declaration.causes(CompanyValues, error)}
    return {}


def as_lines(wrong: Mapping[str, Refusal]) -> tuple[str, ...]:
    """Return what an operator is told about these wrong settings."""
    return tuple(declaration.line(CompanyValues, name, WrongText(said)) for name, said in wrong.items())


def example(name: str) -> str:
    """Return an example of the text of a setting."""
    return declaration.example(CompanyValues, name)


def differing(one: CompanyValues, other: CompanyValues, names: Mapping[str, str]) -> list[str]:
    """Return those of these settings whose values differ, whatever their texts."""
    fields = {field.alias: name for name, field in CompanyValues.model_fields.items()}
    return [name for name in names if getattr(one, fields[name]) != getattr(other, fields[name])]
