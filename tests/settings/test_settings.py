"""Settings: what is read, and what is reported for a wrong one. Each test passes in its whole environment."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.settings.company_values import COMPANY_NAMES, CompanyValues, example
from bot.settings.declaration import WrongSettings, names
from bot.settings.settings import Settings, load, mistaken
from storage.vocabulary import Role

HTTP = {
    "SLACK_BOT_TOKEN": "xoxb-1-made-up",
    "SLACK_SIGNING_SECRET": "made-up-signing-secret",
    "FAULT_CHANNEL": "C0123456789",
}
SOCKET = {name: HTTP[name] for name in ("SLACK_BOT_TOKEN", "FAULT_CHANNEL")} | {"SLACK_APP_TOKEN": "xapp-1-made-up"}

DEFAULTS = {
    "api_url": "https://slack.com/api/",
    "sqlite_synchronous": "FULL",
    "port": 3000,
    "threads": 32,
    "health_port": None,
    "metrics_token": None,
    "sweep": timedelta(seconds=5),
    "keep_sent": timedelta(days=30),
    "shutdown": timedelta(seconds=5),
    "admins": (),
    "deputies": (),
    "our_guests": (),
    "time_zone": ZoneInfo("UTC"),
    "locale": "en",
    "calendar": None,
    "working_hours": ((timedelta(hours=9), timedelta(hours=18)),),
    "working_weekdays": None,
    "extra_holidays": frozenset(),
    "extra_working_days": frozenset(),
    "new_names": True,
    "document_prefix": "BTSP-SM",
    "templates": None,
    "reminders_very_severe": (50, 80, 100),
    "reminders_severe": (80, 100),
    "reminders_default": (100,),
    "repeat_very_severe": timedelta(hours=1),
    "repeat_severe": None,
    "acknowledge_within": timedelta(minutes=15),
    "reopen_within": timedelta(days=30),
    "unanswered_reminders": 3,
    "unanswered_within": timedelta(days=7),
    "triage_target": timedelta(hours=4),
    "signing_target": timedelta(hours=8),
    "negotiation_reminder": timedelta(hours=24),
    "default_deadline_days": None,
    "hold_stops_clock": False,
    "keep_drafts": timedelta(days=30),
}

ACCEPTED = [
    ("SLACK_API_URL", "http://127.0.0.1:4000/api", "api_url", "http://127.0.0.1:4000/api/"),
    ("PORT", "0", "port", 0),
    ("PORT", "65535", "port", 65535),
    ("HOST", "127.0.0.1", "host", "127.0.0.1"),
    ("FAULT_CHANNEL", "G123", "channel", "G123"),
    ("FAULT_ADMINS", "U123", "admins", ("U123",)),
    ("FAULT_CENTER_MANAGERS", " U123 , W456,S789 ,", "center_managers", ("U123", "W456", "S789")),
    ("FAULT_TESTERS", "U123,U123", "testers", ("U123",)),
    ("FAULT_OUR_GUESTS", "U123, W456,U123", "our_guests", ("U123", "W456")),
    ("FAULT_TIMEZONE", "Asia/Shanghai", "time_zone", ZoneInfo("Asia/Shanghai")),
    ("FAULT_LOCALE", "zh-CN", "locale", "zh-CN"),
    ("FAULT_LOCALE", "zh_CN", "locale", "zh-CN"),
    ("FAULT_LOCALE", "zh", "locale", "zh-CN"),
    ("FAULT_CALENDAR", "CN", "calendar", "CN"),
    ("FAULT_REPEAT_SEVERE_HOURS", "12", "repeat_severe", timedelta(hours=12)),
    ("FAULT_NEW_NAMES", "no", "new_names", False),
    ("FAULT_DOCUMENT_PREFIX", "质量-QM.2", "document_prefix", "质量-QM.2"),
    ("FAULT_TEMPLATES", "/srv/forms", "templates", Path("/srv/forms")),
    ("FAULT_HOLD_STOPS_CLOCK", "1", "hold_stops_clock", True),
    ("FAULT_REMINDERS_SEVERE", "100, 60 ,60", "reminders_severe", (60, 100)),
    ("FAULT_KEEP_SENT_DAYS", "90", "keep_sent", timedelta(days=90)),
    ("FAULT_SHUTDOWN_SECONDS", "0", "shutdown", timedelta()),
    ("FAULT_SHUTDOWN_SECONDS", "20", "shutdown", timedelta(seconds=20)),
    ("FAULT_SWEEP_SECONDS", "0.5", "sweep", timedelta(milliseconds=500)),
    ("FAULT_ACKNOWLEDGE_MINUTES", "20", "acknowledge_within", timedelta(minutes=20)),
    ("FAULT_TRIAGE_TARGET_HOURS", "1.5", "triage_target", timedelta(minutes=90)),
    ("FAULT_DEFAULT_DEADLINE_DAYS", "10", "default_deadline_days", 10),
    ("FAULT_LOG_FORMAT", "console", "log_format", "console"),
    ("FAULT_SQLITE_SYNCHRONOUS", "NORMAL", "sqlite_synchronous", "NORMAL"),
    ("FAULT_THREADS", "8", "threads", 8),
    ("FAULT_HEALTH_PORT", "9090", "health_port", 9090),
]

REFUSED = [
    ("SLACK_BOT_TOKEN", "xoxp-1-a-user's"),
    ("SLACK_APP_TOKEN", "xoxb-1-the-other"),
    ("SLACK_API_URL", "slack.com"),
    ("DATABASE_URL", "mysql://desk:hush-hush@db/desk"),
    ("DATABASE_URL", "postgresql://desk:hush-hush@db/desk"),
    ("DATABASE_URL", "sqlite:"),
    ("PORT", "-1"),
    ("PORT", "65536"),
    ("PORT", "http"),
    ("FAULT_CHANNEL", "#desk"),
    ("FAULT_CHANNEL", "U123"),
    ("FAULT_CHANNEL", "c123"),
    ("FAULT_ADMINS", "U1"),
    ("FAULT_TESTERS", "U123,lin.xiaoyu"),
    ("FAULT_OUR_GUESTS", "U123,S123"),
    ("FAULT_OUR_GUESTS", "guest"),
    ("FAULT_TESTERS", "U123;U456"),
    ("FAULT_TIMEZONE", "Mars/Base"),
    ("FAULT_TIMEZONE", "../etc/passwd"),
    ("FAULT_LOCALE", "fr"),
    ("FAULT_CALENDAR", "china"),
    ("FAULT_SWEEP_SECONDS", "0"),
    ("FAULT_SWEEP_SECONDS", "-5"),
    ("FAULT_SWEEP_SECONDS", "nan"),
    ("FAULT_REOPEN_DAYS", "inf"),
    ("FAULT_REOPEN_DAYS", "1e300"),
    ("FAULT_REOPEN_DAYS", "a month"),
    ("FAULT_REMINDERS_SEVERE", "0"),
    ("FAULT_REMINDERS_SEVERE", "80,101"),
    ("FAULT_REMINDERS_SEVERE", "80%"),
    ("FAULT_UNANSWERED_REMINDERS", "0"),
    ("FAULT_DEFAULT_DEADLINE_DAYS", "1.5"),
    ("FAULT_DOCUMENT_PREFIX", "QM/2"),
    ("FAULT_DOCUMENT_PREFIX", "-QM"),
    ("FAULT_DOCUMENT_PREFIX", "Q" * 41),
    ("FAULT_HOLD_STOPS_CLOCK", "sometimes"),
    ("FAULT_LOG_FORMAT", "xml"),
    ("FAULT_SQLITE_SYNCHRONOUS", "OFF"),
    ("FAULT_THREADS", "0"),
    ("FAULT_HEALTH_PORT", "3000"),
    ("FAULT_HEALTH_PORT", "65536"),
    ("FAULT_CLOCK_SHIFT_SECONDS", "3600"),
    ("FAULT_CLOCK_SHIFT_SECONDS", "an hour"),
]


def value_of(environ: Mapping[str, str], field: str) -> object:
    """The value of a setting of the process or of the company."""
    settings = load(environ)
    return getattr(CompanyValues.read(settings.company) if field in CompanyValues.model_fields else settings, field)


def refused(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(WrongSettings) as caught:
        load(environ)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


@pytest.mark.parametrize(("field", "value"), DEFAULTS.items(), ids=DEFAULTS)
def test_each_setting_has_its_default(field: str, value: object) -> None:
    assert value_of(HTTP, field) == value


@pytest.mark.parametrize(("name", "text", "field", "value"), ACCEPTED)
def test_valid_values_are_read(name: str, text: str, field: str, value: object) -> None:
    assert value_of({**HTTP, name: text}, field) == value


def refused_in_one_line(name: str, text: str) -> None:
    """Assert that the setting is refused in one line with its name and an example."""
    (line,) = refused({**HTTP, name: text})
    assert line.startswith(f"{name}: ")
    assert f"; for example {name}=" in line
    assert "\n" not in line


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_wrong_values_are_refused_in_one_line_with_name_and_example(name: str, text: str) -> None:
    refused_in_one_line(name, text)


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_no_line_repeats_a_secret(name: str, text: str) -> None:
    lines = refused({**HTTP, name: text})
    secrets = (*HTTP.values(), "hush-hush", "xoxp-1-a-user's", "xoxb-1-the-other")
    assert not [secret for secret in secrets if secret != HTTP["FAULT_CHANNEL"] and secret in "".join(lines)]


@pytest.mark.parametrize("name", COMPANY_NAMES)
def test_text_that_is_not_utf_8_is_refused_in_one_line(name: str) -> None:
    (line,) = refused({**HTTP, name: "\udcff"})
    assert line.encode().startswith(f"{name}: ".encode())


def test_a_token_in_the_wrong_place_is_not_repeated() -> None:
    assert "made-up" not in "".join(refused({**HTTP, "FAULT_TESTERS": HTTP["SLACK_BOT_TOKEN"]}))


def test_every_example_is_accepted() -> None:
    examples = {field.alias: field.examples[0] for field in Settings.model_fields.values() if field.examples}
    load({str(name): text.replace("…", "made-up") for name, text in examples.items()})
    CompanyValues.read({name: example(name) for name in COMPANY_NAMES})


def test_each_wrong_value_has_its_line() -> None:
    lines = refused({"PORT": "x", "FAULT_TESTERS": "a,b,c"})
    assert [line.partition(":")[0] for line in lines] == [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "PORT",
        "FAULT_TESTERS",
    ]


@pytest.mark.parametrize("environ", [HTTP, SOCKET], ids=["http", "socket mode"])
def test_each_setting_that_slack_needs_is_required(environ: dict[str, str]) -> None:
    assert load(environ).socket_mode is (environ is SOCKET)
    for name in environ.keys() - {"FAULT_CHANNEL"}:
        lines = refused({key: value for key, value in environ.items() if key != name})
        expected = "SLACK_SIGNING_SECRET" if name == "SLACK_APP_TOKEN" else name
        assert [line.partition(";")[0] for line in lines] == [f"{expected}: missing"]


def test_a_wrong_app_token_is_not_also_reported_as_a_missing_signing_secret() -> None:
    assert [line.partition(":")[0] for line in refused({**SOCKET, "SLACK_APP_TOKEN": "x"})] == ["SLACK_APP_TOKEN"]


def test_commands_without_slack_need_no_secrets_of_slack() -> None:
    settings = load({}, needs_slack=False)
    assert not settings.bot_token
    assert settings.database_url.get_secret_value() == "sqlite:///faultdesk.db"
    with pytest.raises(WrongSettings):
        load({"PORT": "x"}, needs_slack=False)


def test_secrets_are_not_printed() -> None:
    settings = load({**HTTP, **SOCKET, "DATABASE_URL": "postgresql+psycopg://desk:hush-hush@db/desk"})
    assert "made-up" not in repr(settings)
    assert "hush-hush" not in repr(settings)
    assert set(settings.secrets) == {"xapp-1-made-up", "xoxb-1-made-up", "made-up-signing-secret"}
    token = load({**HTTP, "FAULT_METRICS_TOKEN": "hush-hush"})
    assert "hush-hush" not in repr(token)
    assert "hush-hush" in token.secrets


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_a_blank_value_counts_as_unset(blank: str) -> None:
    assert load({**HTTP, "PORT": blank, "FAULT_TIMEZONE": blank, "FAULT_TESTERS": blank}) == load(HTTP)
    assert refused({**HTTP, "SLACK_BOT_TOKEN": blank})[0].startswith("SLACK_BOT_TOKEN: missing")


def test_unknown_names_are_ignored() -> None:
    assert load({**HTTP, "PATH": "/bin", "_": "x", "_env_file": ".env", "port": "1"}) == load(HTTP)


def test_the_members_of_roles_are_read() -> None:
    members = CompanyValues.read({"FAULT_TECHNICIANS": "U123,S456", "FAULT_VIEWERS": "U789"}).members
    assert members.keys() == set(Role)
    assert {role: ids for role, ids in members.items() if ids} == {
        Role.TECHNICIAN: ("U123", "S456"),
        Role.VIEWER: ("U789",),
    }


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a `.env`, and an environment with none of our variables."""
    for name in (*names(Settings), *COMPANY_NAMES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    lines = [f"{name}={value}" for name, value in HTTP.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "PORT=4000", "NOT_OURS=1"]), encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("elsewhere")
def test_the_environment_overrides_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().port == 4000
    monkeypatch.setenv("PORT", "5000")
    assert load().port == 5000
    monkeypatch.setenv("PORT", "")
    assert load().port == 4000


def test_a_misspelled_name_is_noticed(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_REOPNE_DAYS", "3")
    with (elsewhere / ".env").open("a", encoding="utf-8") as file:
        file.write("\nFAULT_TIME_ZONE=Asia/Shanghai\nfault_locale=en\n")
    assert mistaken() == [("FAULT_REOPNE_DAYS", "FAULT_REOPEN_DAYS"), ("FAULT_TIME_ZONE", "FAULT_TIMEZONE")]


@pytest.mark.usefixtures("elsewhere")
def test_an_environment_that_is_passed_in_is_the_only_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULT_TIMEZONE", "Asia/Shanghai")
    assert load(HTTP).port == 3000
    assert "FAULT_TIMEZONE" not in load(HTTP).company


def test_a_file_in_another_encoding_is_reported(elsewhere: Path) -> None:
    (elsewhere / ".env").write_bytes("# 时区\nPORT=1".encode("gb18030"))
    with pytest.raises(WrongSettings, match="UTF-8"):
        load()


def test_settings_never_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(HTTP).port = 1  # type: ignore[misc] # what must fail


@pytest.mark.parametrize("api", ["http://127.0.0.1:3001/api/", "http://localhost:3001", "http://[::1]:3001/api/"])
def test_a_clock_is_shifted_only_beside_a_stand_in_on_this_machine(api: str) -> None:
    shifted = {**HTTP, "FAULT_CLOCK_SHIFT_SECONDS": "-90.5"}
    assert load({**shifted, "SLACK_API_URL": api}).clock_shift == timedelta(seconds=-90.5)
    for elsewhere in ("https://slack.com/api/", "http://127.0.0.1.example.com/api/", "http://10.0.0.1/api/"):
        [line] = refused({**shifted, "SLACK_API_URL": elsewhere})
        assert line.startswith("FAULT_CLOCK_SHIFT_SECONDS: ")
