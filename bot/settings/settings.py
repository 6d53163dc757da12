"""The settings of a process: secrets, addresses, paths. Nothing else reads the environment.

The settings of the company (`company_values.py`) are stored in the database. What the environment says of them is
checked here and passed on as text.
"""

import sys
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
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
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.logs import LogFormat
from bot.settings import declaration, process_values, values
from bot.settings.company_values import COMPANY_NAMES, as_lines, problems
from bot.settings.declaration import WrongSettings, line, setting
from bot.workflow.value_refusals import TimeUnit

Database: TypeAlias = Annotated[SecretStr, AfterValidator(process_values.database)]
HeartbeatUrl: TypeAlias = Annotated[SecretStr, AfterValidator(process_values.heartbeat)]
Seconds: TypeAlias = Annotated[timedelta, values.span(TimeUnit.SECONDS)]
Port: TypeAlias = Annotated[int, Field(ge=0, le=65535)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1000)]


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

    # the settings of the company that the environment sets, as text by name; `migrate`, `run` and `sandbox` store them
    company: dict[str, str] = Field(default_factory=dict)

    # Slack
    app_token: Annotated[SecretStr, process_values.token("xapp-")] = setting("SLACK_APP_TOKEN", "", "xapp-1-…")
    bot_token: Annotated[SecretStr, process_values.token("xoxb-", "xoxe.")] = setting("SLACK_BOT_TOKEN", "", "xoxb-…")
    signing_secret: SecretStr = setting("SLACK_SIGNING_SECRET", "", "8f74…")
    api_url: Annotated[str, AfterValidator(process_values.api)] = setting("SLACK_API_URL", "https://slack.com/api/")
    # how far the clock of the stand-in workspace at SLACK_API_URL is ahead of the real time; for tests only
    clock_shift: Annotated[timedelta, process_values.shift()] = setting("FAULT_CLOCK_SHIFT_SECONDS", "0")

    # process and database
    database_url: Database = setting("DATABASE_URL", "sqlite:///faultdesk.db")
    sqlite_synchronous: Literal["NORMAL", "FULL"] = setting("FAULT_SQLITE_SYNCHRONOUS", "FULL")
    host: str = setting("HOST", "0.0.0.0")  # noqa: S104 - the router in front of a Procfile is another machine
    port: Port = setting("PORT", "3000")
    health_port: Port | None = setting("FAULT_HEALTH_PORT", None, "9090")
    metrics_token: SecretStr | None = setting("FAULT_METRICS_TOKEN", None, "f3b0…")
    threads: Count = setting("FAULT_THREADS", "32")
    seal_key: SecretStr | None = setting("FAULT_SEAL_KEY", None, "faultdesk.key")  # a path, or the key itself
    sweep: Seconds = setting("FAULT_SWEEP_SECONDS", "5")
    files_dir: Path | None = setting("FAULT_FILES_DIR", None, "files")
    heartbeat_url: HeartbeatUrl | None = setting("FAULT_HEARTBEAT_URL", None, "https://hc-ping.com/…")
    log_format: LogFormat = Field(default_factory=_log_format, alias="FAULT_LOG_FORMAT", examples=["json"])

    templates: Path | None = setting("FAULT_TEMPLATES", None, "templates")  # checked at the start where they are used

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

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        return declaration.without_blanks(values)

    @field_validator("health_port")
    @classmethod
    def _of_its_own(cls, port: int | None, info: ValidationInfo) -> int | None:
        if port and port == info.data.get("port"):
            raise ValueError("is the same as PORT, which has health and metrics without it")
        return port

    @field_validator("clock_shift")
    @classmethod
    def _of_a_stand_in(cls, shift: timedelta, info: ValidationInfo) -> timedelta:
        if shift and not process_values.is_on_this_machine(info.data.get("api_url", "")):
            raise ValueError("is only for a stand-in workspace on this machine, at SLACK_API_URL")
        return shift

    @field_validator("bot_token", "signing_secret")
    @classmethod
    def _present(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
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

    With `needs_slack=False`, the Slack secrets may be missing. Raises `WrongSettings`.
    """
    source, given = (Settings, {}) if environ is None else (_ExplicitSettings, dict(environ))
    try:
        company = _of_company(_variables() if environ is None else environ)
        wrong = as_lines(problems(company))
        named: dict[str, Any] = {**given, "needs_slack": needs_slack, "company": company}
        settings = source(**named)
    except ValidationError as error:
        own = (line(Settings, name, said) for name, said in declaration.causes(Settings, error))
        raise WrongSettings((*own, *wrong)) from None
    except UnicodeDecodeError:
        raise WrongSettings((".env: is not text in UTF-8",)) from None
    if wrong:
        raise WrongSettings(wrong)
    return settings


def _variables() -> dict[str, str | None]:
    return {**DotEnvSettingsSource(Settings).env_vars, **EnvSettingsSource(Settings).env_vars}


def _of_company(given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the settings of the company that are given, as text by name."""
    return declaration.without_blanks({name: text for name in COMPANY_NAMES if (text := given.get(name))})


def mistaken() -> list[tuple[str, str]]:
    """Return names in the environment or `.env` that start like ours but set nothing, each with the nearest real one"""
    ours = [*declaration.names(Settings), *COMPANY_NAMES]
    strange = sorted(name for name in _variables() if name.startswith("FAULT_") and name not in ours)
    return [(name, get_close_matches(name, ours, 1, 0)[0]) for name in strange]
