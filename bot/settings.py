"""Everything that is set from outside, in one class; nothing else reads the environment.

Each setting has the name of the environment variable (or line of `.env`) that sets it, an example that is
shown to whoever set it wrong, and a default. Spans of time are given in the unit that the name ends in, and
handed on as `timedelta`.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.logs import LogFormat, mask
from storage.vocabulary import Role

_LONGEST = timedelta(days=3660)
_LOCALES = {"en": "en", "zh": "zh-CN", "zh-cn": "zh-CN"}


class WrongSettings(Exception):
    """The bot cannot start; each of `lines` names a value, says what is wrong, and has an example."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Deputy(BaseModel):
    """A stand-in for a role from the first to the last day, both included, in the desk's time zone."""

    model_config = ConfigDict(frozen=True)

    role: Role
    person: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `role:person:first day:last day`; a ValueError says what is wrong with it."""
        parts = re.fullmatch(r"(\w+):([UW][A-Z0-9]{2,}):(\d{4}-\d\d-\d\d):(\d{4}-\d\d-\d\d)", text)
        if not parts:
            raise ValueError(f"{text!r} is not role:person:first day:last day")
        first, last = date.fromisoformat(parts[3]), date.fromisoformat(parts[4])
        if last < first:
            raise ValueError(f"{text!r} ends before it begins")
        return cls(role=Role(parts[1]), person=parts[2], first=first, last=last)

    def covers(self, day: date) -> bool:
        """Tell whether this person stands in on that day of the desk's time zone."""
        return self.first <= day <= self.last


def _matching(pattern: str, meaning: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not {meaning}")
        return text

    return read


_person_or_group = _matching(r"[UWS][A-Z0-9]{2,}", "a Slack user id (U… or W…) or user-group id (S…)")
_channel = _matching(r"[CG][A-Z0-9]{2,}", "a Slack channel id (C… or G…)")
_country = _matching(r"[A-Z]{2}", "a two-letter country code")
_prefix = _matching(r"\w[\w.-]{0,39}", "of letters, digits, dots and dashes, at most 40")


def _percent(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 100:
        raise ValueError(f"{text!r} is not a whole percentage from 1 to 100")
    return int(text)


def _ascending(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(numbers))


def _listed(read: Callable[[str], object]) -> Callable[[str], tuple[object, ...]]:
    """Make a reader of comma lists from a reader of one item; an item given twice counts once."""
    return lambda text: tuple(dict.fromkeys(read(item) for part in text.split(",") if (item := part.strip())))


def _span(unit: Literal["seconds", "minutes", "hours", "days"]) -> BeforeValidator:
    one = timedelta(**{unit: 1})

    def read(text: str) -> timedelta:
        try:
            span = float(text) * one
        except (ValueError, OverflowError):
            raise ValueError(f"{text!r} is not a number of {unit}") from None
        if not timedelta() < span <= _LONGEST:
            raise ValueError(f"must be more than 0 and at most {_LONGEST // one} {unit}")
        return span

    return BeforeValidator(read)


def _token(*prefixes: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if value and not value.get_secret_value().startswith(prefixes):
            raise ValueError(f"does not begin with {' or '.join(prefixes)}")
        return value

    return AfterValidator(check)


def _database(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"sqlite://(/.*)?|postgresql\+psycopg://.+", value.get_secret_value()):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    return value


def _api(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError(f"{text!r} is not an http(s) address")
    return text.rstrip("/") + "/"


Database: TypeAlias = Annotated[SecretStr, AfterValidator(_database)]
Channel: TypeAlias = Annotated[str, AfterValidator(lambda text: text and _channel(text))]
People: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed(_person_or_group))]
Percents: TypeAlias = Annotated[
    tuple[int, ...], NoDecode, BeforeValidator(_listed(_percent)), AfterValidator(_ascending)
]
Deputies: TypeAlias = Annotated[tuple[Deputy, ...], NoDecode, BeforeValidator(_listed(Deputy.parse))]
Seconds: TypeAlias = Annotated[timedelta, _span("seconds")]
Minutes: TypeAlias = Annotated[timedelta, _span("minutes")]
Hours: TypeAlias = Annotated[timedelta, _span("hours")]
Days: TypeAlias = Annotated[timedelta, _span("days")]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1000)]
Locale: TypeAlias = Annotated[
    Literal["en", "zh-CN"], BeforeValidator(lambda text: _LOCALES.get(text.lower().replace("_", "-"), text))
]


def _env(name: str, default: str | None, example: str = "") -> Any:
    """Declare a setting, its default as one would set it; like `Field`, typed by what it is assigned to."""
    return Field(default, alias=name, examples=[example or default])


def _log_format() -> LogFormat:
    return "console" if sys.stderr.isatty() else "json"


class Settings(BaseSettings):
    """What the bot runs with; made by `load` and never changed afterwards."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        case_sensitive=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
        env_file=".env",
        env_file_encoding="utf-8-sig",  # as an editor on Windows writes it, too
    )

    # said by the command: some (migrate, manifest, verify) never talk to Slack and need none of its secrets
    needs_slack: bool = Field(default=True, exclude=True, repr=False)

    # Slack
    app_token: Annotated[SecretStr, _token("xapp-")] = _env("SLACK_APP_TOKEN", "", "xapp-1-…")
    bot_token: Annotated[SecretStr, _token("xoxb-", "xoxe.")] = _env("SLACK_BOT_TOKEN", "", "xoxb-…")
    signing_secret: SecretStr = _env("SLACK_SIGNING_SECRET", "", "8f74…")
    api_url: Annotated[str, AfterValidator(_api)] = _env("SLACK_API_URL", "https://slack.com/api/")
    channel: Channel = _env("FAULT_CHANNEL", "", "C0123456789")

    # the process on its machine
    database_url: Database = _env("DATABASE_URL", "sqlite:///faultdesk.db")
    sqlite_synchronous: Literal["NORMAL", "FULL"] = _env("FAULT_SQLITE_SYNCHRONOUS", "NORMAL")
    host: str = _env("HOST", "0.0.0.0")  # noqa: S104 - the router in front of a Procfile is another machine
    port: Annotated[int, Field(ge=0, le=65535)] = _env("PORT", "3000")
    threads: Count = _env("FAULT_THREADS", "32")
    sweep: Seconds = _env("FAULT_SWEEP_SECONDS", "5")
    log_format: LogFormat = Field(default_factory=_log_format, alias="FAULT_LOG_FORMAT", examples=["json"])

    # people; merged with what admins set in Slack
    admins: People = _env("FAULT_ADMINS", "", "U0123456789")
    center_managers: People = _env("FAULT_CENTER_MANAGERS", "", "U0123456789")
    service_managers: People = _env("FAULT_SERVICE_MANAGERS", "", "U0123456789,S0123456789")
    technicians: People = _env("FAULT_TECHNICIANS", "", "U0123456789,S0123456789")
    testers: People = _env("FAULT_TESTERS", "", "U0123456789,S0123456789")
    viewers: People = _env("FAULT_VIEWERS", "", "S0123456789")
    deputies: Deputies = _env("FAULT_DEPUTIES", "", "center_manager:U0123456789:2026-12-24:2027-01-02")

    # language, place and customs
    time_zone: ZoneInfo = _env("FAULT_TIMEZONE", "UTC", "Asia/Shanghai")
    locale: Locale = _env("FAULT_LOCALE", "en", "zh-CN")
    calendar: Annotated[str, AfterValidator(_country)] | None = _env("FAULT_CALENDAR", None, "CN")
    new_names: bool = _env("FAULT_NEW_NAMES", "true")  # reporters may name customers and products not known yet
    document_prefix: Annotated[str, AfterValidator(_prefix)] = _env("FAULT_DOCUMENT_PREFIX", "BTSP-SM")
    templates: Path | None = _env("FAULT_TEMPLATES", None, "templates")  # proven at the start, by whoever uses them

    # deadlines and reminders
    reminders_very_severe: Percents = _env("FAULT_REMINDERS_VERY_SEVERE", "50,80,100")
    reminders_severe: Percents = _env("FAULT_REMINDERS_SEVERE", "80,100")
    reminders_default: Percents = _env("FAULT_REMINDERS_DEFAULT", "100")
    repeat_very_severe: Hours = _env("FAULT_REPEAT_VERY_SEVERE_HOURS", "1")
    repeat_severe: Hours = _env("FAULT_REPEAT_SEVERE_HOURS", "24")
    acknowledge_within: Minutes = _env("FAULT_ACKNOWLEDGE_MINUTES", "15")
    reopen_within: Days = _env("FAULT_REOPEN_DAYS", "30")
    unanswered_reminders: Count = _env("FAULT_UNANSWERED_REMINDERS", "3")
    unanswered_within: Days = _env("FAULT_UNANSWERED_DAYS", "7")
    triage_target: Hours = _env("FAULT_TRIAGE_TARGET_HOURS", "4")
    signing_target: Hours = _env("FAULT_SIGNING_TARGET_HOURS", "8")
    negotiation_reminder: Hours = _env("FAULT_NEGOTIATION_REMINDER_HOURS", "24")
    default_deadline_days: Count | None = _env("FAULT_DEFAULT_DEADLINE_DAYS", None, "10")
    hold_stops_clock: bool = _env("FAULT_HOLD_STOPS_CLOCK", "false")

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached through Socket Mode rather than HTTP."""
        return bool(self.app_token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what logs must never show."""
        values = (self.app_token, self.bot_token, self.signing_secret)
        return tuple(value.get_secret_value() for value in values if value)

    @property
    def members(self) -> dict[Role, tuple[str, ...]]:
        """Return the ids of the users and user groups that each role begins with."""
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

    @field_validator("bot_token", "signing_secret", "channel")
    @classmethod
    def _present(cls, value: SecretStr | str, info: ValidationInfo) -> SecretStr | str:
        over_socket = info.field_name == "signing_secret" and info.data.get("app_token", True)
        if info.data["needs_slack"] and not over_socket and not value:
            raise ValueError("missing")
        return value


class _HandedIn(Settings):
    """The same settings, from the values handed in alone."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        *sources: PydanticBaseSettingsSource,
        **named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (named["init_settings"],)


def load(environ: Mapping[str, str] | None = None, *, needs_slack: bool = True) -> Settings:
    """Read the settings from the environment and `.env`, or from `environ` alone where it is given.

    With `needs_slack=False` the Slack secrets and the channel may be missing. Raises WrongSettings.
    """
    source, given = (Settings, {}) if environ is None else (_HandedIn, dict(environ))
    values: dict[str, Any] = {**given, "needs_slack": needs_slack}
    try:
        return source(**values)
    except ValidationError as error:
        raise WrongSettings(tuple(_lines(error))) from None
    except UnicodeDecodeError:
        raise WrongSettings((".env: is not text in UTF-8",)) from None


def _lines(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        place = detail["loc"][0]  # the alias, or the field's own name where the default is what is wrong
        field = next(field for name, field in Settings.model_fields.items() if place in (name, field.alias))
        said = str(detail["ctx"]["error"]) if detail["type"] == "value_error" else detail["msg"]
        yield f"{field.alias}: {mask(said)}; for example {field.alias}={(field.examples or [''])[0]}"
