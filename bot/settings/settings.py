"""All settings in one class. Nothing else reads the environment.

Each setting has the name of its environment variable (or line of `.env`), a default, and an example that is shown
when its value is wrong. Spans of time are given in the unit that the name ends in and passed on as `timedelta`.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.logs import LogFormat, mask
from bot.settings import values
from bot.workflow.calendar import Part
from bot.workflow.targets import Target
from storage.vocabulary import Role, State


class WrongSettings(Exception):
    """The settings are wrong, so the bot cannot start. Each of `lines` names a setting, the error and an example."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


Database: TypeAlias = Annotated[SecretStr, AfterValidator(values.database)]
HeartbeatUrl: TypeAlias = Annotated[SecretStr, AfterValidator(values.heartbeat)]
Channel: TypeAlias = Annotated[str, AfterValidator(lambda text: text and values.channel(text))]
Country: TypeAlias = Annotated[str, AfterValidator(values.country)]
People: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(values.listed(values.person_or_group))]
Persons: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(values.listed(values.person))]
Percents: TypeAlias = Annotated[tuple[int, ...], NoDecode, BeforeValidator(values.percents)]
Deputies: TypeAlias = Annotated[
    tuple[values.Deputy, ...], NoDecode, BeforeValidator(values.listed(values.Deputy.parse))
]
Parts: TypeAlias = Annotated[tuple[Part, ...], NoDecode, BeforeValidator(values.hours)]
Weekdays: TypeAlias = Annotated[frozenset[int], NoDecode, BeforeValidator(values.weekdays)]
Dates: TypeAlias = Annotated[frozenset[date], NoDecode, BeforeValidator(values.dates)]
FileKinds: TypeAlias = Annotated[frozenset[str], NoDecode, BeforeValidator(values.file_kinds)]
Seconds: TypeAlias = Annotated[timedelta, values.span("seconds")]
Pause: TypeAlias = Annotated[timedelta, values.span("seconds", may_be_zero=True)]
Minutes: TypeAlias = Annotated[timedelta, values.span("minutes")]
Hours: TypeAlias = Annotated[timedelta, values.span("hours")]
Days: TypeAlias = Annotated[timedelta, values.span("days")]
Targets: TypeAlias = Annotated[dict[State, Target | None], NoDecode, BeforeValidator(values.targets)]
Port: TypeAlias = Annotated[int, Field(ge=0, le=65535)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1000)]
PerHour: TypeAlias = Annotated[int | None, BeforeValidator(values.per_hour)]
Locale: TypeAlias = Annotated[Literal["en", "zh-CN"], BeforeValidator(values.locale)]


def _env(name: str, default: str | None, example: str = "") -> Any:
    """Declare a setting with its default as an operator would write it. Typed like `Field`."""
    return Field(default, alias=name, examples=[example or default])


def _log_format() -> LogFormat:
    return "console" if sys.stderr.isatty() else "json"


class Settings(BaseSettings):
    """The settings that the bot runs with. Created by `load` and immutable."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        case_sensitive=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
        env_file=".env",
        env_file_encoding="utf-8-sig",  # accepts the byte-order mark of editors on Windows
    )

    # set by the command: some (migrate, manifest, verify) never talk to Slack and need none of its secrets
    needs_slack: bool = Field(default=True, exclude=True, repr=False)

    # Slack
    app_token: Annotated[SecretStr, values.token("xapp-")] = _env("SLACK_APP_TOKEN", "", "xapp-1-…")
    bot_token: Annotated[SecretStr, values.token("xoxb-", "xoxe.")] = _env("SLACK_BOT_TOKEN", "", "xoxb-…")
    signing_secret: SecretStr = _env("SLACK_SIGNING_SECRET", "", "8f74…")
    api_url: Annotated[str, AfterValidator(values.api)] = _env("SLACK_API_URL", "https://slack.com/api/")
    # how far the clock of the stand-in workspace at SLACK_API_URL is ahead of the real time; for tests only
    clock_shift: Annotated[timedelta, values.shift()] = _env("FAULT_CLOCK_SHIFT_SECONDS", "0")
    channel: Channel = _env("FAULT_CHANNEL", "", "C0123456789")

    # process and database
    database_url: Database = _env("DATABASE_URL", "sqlite:///faultdesk.db")
    sqlite_synchronous: Literal["NORMAL", "FULL"] = _env("FAULT_SQLITE_SYNCHRONOUS", "FULL")
    host: str = _env("HOST", "0.0.0.0")  # noqa: S104 - the router in front of a Procfile is another machine
    port: Port = _env("PORT", "3000")
    health_port: Port | None = _env("FAULT_HEALTH_PORT", None, "9090")
    metrics_token: SecretStr | None = _env("FAULT_METRICS_TOKEN", None, "f3b0…")
    threads: Count = _env("FAULT_THREADS", "32")
    seal_key: SecretStr | None = _env("FAULT_SEAL_KEY", None, "faultdesk.key")  # a path, or the key itself
    checkpoint: Minutes = _env("FAULT_CHECKPOINT_MINUTES", "60")
    keep_drafts: Days = _env("FAULT_KEEP_DRAFTS_DAYS", "30")
    sweep: Seconds = _env("FAULT_SWEEP_SECONDS", "5")
    files_dir: Path | None = _env("FAULT_FILES_DIR", None, "files")
    file_limit_mb: Annotated[int, Field(ge=1, le=1000)] = _env("FAULT_FILE_LIMIT_MB", "50")
    file_kinds: FileKinds = _env("FAULT_FILE_KINDS", values.FILE_KINDS, "pdf,png,jpg,log,txt")
    keep_sent: Days = _env("FAULT_KEEP_SENT_DAYS", "30")
    shutdown: Pause = _env("FAULT_SHUTDOWN_SECONDS", "5")
    heartbeat_url: HeartbeatUrl | None = _env("FAULT_HEARTBEAT_URL", None, "https://hc-ping.com/…")
    log_format: LogFormat = Field(default_factory=_log_format, alias="FAULT_LOG_FORMAT", examples=["json"])

    # people; merged with what admins set in Slack
    admins: People = _env("FAULT_ADMINS", "", "U0123456789")
    center_managers: People = _env("FAULT_CENTER_MANAGERS", "", "U0123456789")
    service_managers: People = _env("FAULT_SERVICE_MANAGERS", "", "U0123456789,S0123456789")
    technicians: People = _env("FAULT_TECHNICIANS", "", "U0123456789,S0123456789")
    testers: People = _env("FAULT_TESTERS", "", "U0123456789,S0123456789")
    viewers: People = _env("FAULT_VIEWERS", "", "S0123456789")
    our_guests: Persons = _env("FAULT_OUR_GUESTS", "", "U0123456789,W0123456789")
    deputies: Deputies = _env("FAULT_DEPUTIES", "", "center_manager:U0123456789:2026-12-24:2027-01-02")

    # language, time zone, calendar and documents
    time_zone: ZoneInfo = _env("FAULT_TIMEZONE", "UTC", "Asia/Shanghai")
    locale: Locale = _env("FAULT_LOCALE", "en", "zh-CN")
    calendar: Country | None = _env("FAULT_CALENDAR", None, "CN")
    working_hours: Parts = _env("FAULT_WORKING_HOURS", "09:00-18:00", "09:00-12:00,13:30-18:00")
    working_weekdays: Weekdays | None = _env("FAULT_WORKING_WEEKDAYS", None, "mon-fri")
    extra_holidays: Dates = _env("FAULT_EXTRA_HOLIDAYS", "", "2026-12-24,2027-02-05:2027-02-07")
    extra_working_days: Dates = _env("FAULT_EXTRA_WORKING_DAYS", "", "2026-12-19")
    new_names: bool = _env("FAULT_NEW_NAMES", "true")  # reporters may enter customers and products not yet known
    max_reports_per_hour: PerHour = _env("FAULT_MAX_REPORTS_PER_HOUR", "60")
    max_exports_per_hour: PerHour = _env("FAULT_MAX_EXPORTS_PER_HOUR", "30")
    max_help_per_hour: PerHour = _env("FAULT_MAX_HELP_PER_HOUR", "20")
    outsider_share: Annotated[int, Field(ge=1, le=100)] = _env("FAULT_OUTSIDER_SHARE", "25")
    document_prefix: Annotated[str, AfterValidator(values.prefix)] = _env("FAULT_DOCUMENT_PREFIX", "BTSP-SM")
    templates: Path | None = _env("FAULT_TEMPLATES", None, "templates")  # checked at the start where they are used

    # deadlines and reminders
    reminders_very_severe: Percents = _env("FAULT_REMINDERS_VERY_SEVERE", "50,80,100")
    reminders_severe: Percents = _env("FAULT_REMINDERS_SEVERE", "80,100")
    reminders_default: Percents = _env("FAULT_REMINDERS_DEFAULT", "100")
    repeat_very_severe: Hours = _env("FAULT_REPEAT_VERY_SEVERE_HOURS", "1")
    repeat_severe: Hours | None = _env("FAULT_REPEAT_SEVERE_HOURS", None, "24")
    acknowledge_within: Minutes = _env("FAULT_ACKNOWLEDGE_MINUTES", "15")
    reopen_within: Days = _env("FAULT_REOPEN_DAYS", "30")
    unanswered_reminders: Count = _env("FAULT_UNANSWERED_REMINDERS", "3")
    unanswered_within: Days = _env("FAULT_UNANSWERED_DAYS", "7")
    triage_target: Hours = _env("FAULT_TRIAGE_TARGET_HOURS", "4")
    signing_target: Hours = _env("FAULT_SIGNING_TARGET_HOURS", "8")
    targets: Targets = _env("FAULT_TARGETS", "", "triage:4h,analysis:3d,replying:none")
    urgent_triage: Minutes = _env("FAULT_URGENT_TRIAGE_MINUTES", "15")
    negotiation_reminder: Hours = _env("FAULT_NEGOTIATION_REMINDER_HOURS", "24")
    default_deadline_days: Count | None = _env("FAULT_DEFAULT_DEADLINE_DAYS", None, "10")
    hold_stops_clock: bool = _env("FAULT_HOLD_STOPS_CLOCK", "false")

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached through Socket Mode rather than HTTP."""
        return bool(self.app_token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets that logs must never show."""
        always = (self.app_token, self.bot_token, self.signing_secret, self.heartbeat_url, self.metrics_token)
        key = self.seal_key.get_secret_value() if self.seal_key else ""
        keys = [key] if key.startswith("ed25519:") else []
        return (*(one.get_secret_value() for one in always if one), *keys)

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

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("extra_working_days")
    @classmethod
    def _check_holiday_overlap(cls, days: frozenset[date], info: ValidationInfo) -> frozenset[date]:
        if twice := days & info.data.get("extra_holidays", frozenset()):
            raise ValueError(f"{min(twice)} is in FAULT_EXTRA_HOLIDAYS as well")
        return days

    @field_validator("health_port")
    @classmethod
    def _of_its_own(cls, port: int | None, info: ValidationInfo) -> int | None:
        if port and port == info.data.get("port"):
            raise ValueError("is the same as PORT, which has health and metrics without it")
        return port

    @field_validator("clock_shift")
    @classmethod
    def _of_a_stand_in(cls, shift: timedelta, info: ValidationInfo) -> timedelta:
        if shift and not values.is_on_this_machine(info.data.get("api_url", "")):
            raise ValueError("is only for a stand-in workspace on this machine, at SLACK_API_URL")
        return shift

    @field_validator("bot_token", "signing_secret", "channel")
    @classmethod
    def _present(cls, value: SecretStr | str, info: ValidationInfo) -> SecretStr | str:
        over_socket = info.field_name == "signing_secret" and info.data.get("app_token", True)
        if info.data["needs_slack"] and not over_socket and not value:
            raise ValueError("missing")
        return value


class _ExplicitSettings(Settings):
    """The same settings, taken only from the values passed in."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        *sources: PydanticBaseSettingsSource,
        **named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (named["init_settings"],)


def load(environ: Mapping[str, str] | None = None, *, needs_slack: bool = True) -> Settings:
    """Read the settings from the environment and `.env`, or only from `environ` if it is given.

    With `needs_slack=False`, the Slack secrets and the channel may be missing. Raises `WrongSettings`.
    """
    source, given = (Settings, {}) if environ is None else (_ExplicitSettings, dict(environ))
    values: dict[str, Any] = {**given, "needs_slack": needs_slack}
    try:
        return source(**values)
    except ValidationError as error:
        raise WrongSettings(tuple(_lines(error))) from None
    except UnicodeDecodeError:
        raise WrongSettings((".env: is not text in UTF-8",)) from None


def mistaken() -> list[tuple[str, str]]:
    """Return names in the environment or `.env` that start like ours but set nothing, each with the nearest real one"""
    ours = [str(field.alias) for field in Settings.model_fields.values()]
    given = {**DotEnvSettingsSource(Settings).env_vars, **EnvSettingsSource(Settings).env_vars}
    strange = sorted(name for name in given if name.startswith("FAULT_") and name not in ours)
    return [(name, get_close_matches(name, ours, 1, 0)[0]) for name in strange]


def _lines(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        place = detail["loc"][0]  # the alias, or the field's own name if the default is wrong
        field = next(field for name, field in Settings.model_fields.items() if place in (name, field.alias))
        said = str(detail["ctx"]["error"]) if detail["type"] == "value_error" else detail["msg"]
        yield f"{field.alias}: {mask(said)}; for example {field.alias}={(field.examples or [''])[0]}"
