"""`faultdesk doctor` beside a running bot: each finding is made once."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import delete, update

from bot.casework import change_settings
from bot.casework.company_source import CompanySource
from bot.cli.doctor import WIDTH, columns, wrapped
from bot.sandbox.workspace.manifest import Manifest
from bot.seal_key import SealKey
from bot.settings.company_values import COMPANY_NAMES
from bot.slack.manifest import manifest
from storage.tables import Epoch, Heartbeat
from tests.conftest import MakeTeam
from tests.support import stored_settings, world
from tests.support.commands import Done, command_in
from tests.support.team import ADMIN, DESK, Team

GUEST, WU, TESTERS = "U0GUEST", "U0WU", "S0TESTERS"
Found = dict[str, dict[str, Any]]


class Doctor:
    """The command line beside the bot of a team. `last` is what it printed."""

    def __init__(self, run: Callable[..., Done]) -> None:
        self._run = run
        self.last = Done(0, "", "")

    def prints(self, team: Team, *options: str, **environ: str) -> Done:
        """Run the command with the settings of the team's bot, some of them replaced."""
        own = {**world.environment(team.workspace), "FAULT_SWEEP_SECONDS": "3600", "DATABASE_URL": team.database.url}
        self.last = self._run("doctor", *options, **{**own, **environ})
        for secret in (team.workspace.bot_token, team.workspace.signing_secret, "pass-word"):
            assert secret not in self.last.stdout + self.last.stderr
        return self.last

    def __call__(self, team: Team, **environ: str) -> Found:
        """What each check found, by its code."""
        return {part["check"]: part for part in json.loads(self.prints(team, "--json", **environ).stdout)}

    @property
    def status(self) -> int:
        """The exit status of the last run."""
        return self.last.returncode


@pytest.fixture
def doctor(
    tmp_path: Path, bare_logging: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    """`faultdesk doctor` in a folder of its own."""
    (tmp_path / "work").mkdir()
    return Doctor(command_in(tmp_path / "work", monkeypatch, capsys))


def said(part: dict[str, Any]) -> str:
    """What a part found that is not in order."""
    return " ".join(f"{one['said']} {one['remedy']}" for one in part["results"] if one["outcome"] != "ok")


def store(team: Team, **changed: str) -> None:
    """Store the settings of the team's company, some of them changed."""
    given = {**world.environment(team.workspace), **changed}
    stored_settings.store(team.database.url, None, **{name: given[name] for name in COMPANY_NAMES if given.get(name)})


def test_variables_that_may_go_or_differ_are_named(team: Team, doctor: Doctor) -> None:
    found = doctor(team)["variables"]["results"][0]["said"]
    assert "FAULT_TIMEZONE" in found
    assert "FAULT_TESTERS" not in found, "roles go with their variable"
    differs = doctor(team, FAULT_TIMEZONE="Europe/Berlin")["variables"]
    assert (differs["outcome"], "FAULT_TIMEZONE" in said(differs)) == ("warning", True)


def outcomes(found: Found) -> dict[str, str]:
    return {code: part["outcome"] for code, part in found.items()}


def test_a_desk_in_order(team: Team, doctor: Doctor) -> None:
    found = doctor(team)
    wrong = {code: part for code, part in found.items() if part["outcome"] not in ("ok", "warning")}
    assert wrong == {}
    assert said(found["events"]).startswith("No event has ever come")
    assert "unsigned" in said(found["seal_key"])
    assert found["views"]["results"][0]["said"].startswith("Slack accepts all ")
    assert doctor.status == 0, "warnings do not count"


@pytest.mark.parametrize(("locale", "words"), [("en", "In order: "), ("zh-CN", "正常：")])
def test_it_speaks_the_language_of_the_desk_and_fits_a_terminal(
    team: Team, doctor: Doctor, locale: str, words: str
) -> None:
    team.workspace.channels.leave(DESK, team.workspace.bot_user_id)
    store(team, FAULT_LOCALE=locale)
    done = doctor.prints(team, SLACK_SIGNING_SECRET="")
    lines = done.stdout.splitlines()
    assert words in lines[-1]
    assert "SLACK_SIGNING_SECRET" in done.stdout
    assert max(columns(line) for line in lines if "/" not in line) <= WIDTH, "paths are longer"
    assert {line[0] for line in lines[:-2]} <= set("✓✗!? ")
    assert done.returncode == 1


def test_a_wrong_or_missing_token_is_one_finding(team: Team, doctor: Doctor) -> None:
    found = doctor(team, SLACK_BOT_TOKEN="xoxb-of-another-app")
    assert "invalid_auth" in said(found["token"])
    assert "SLACK_BOT_TOKEN" in said(found["token"])
    assert "xoxb-of-another-app" not in doctor.last.stdout
    unknown = {code for code, outcome in outcomes(found).items() if outcome == "unknown"}
    assert unknown == {"scopes", "desk_channel", "groups", "views"}, "what only Slack knows"
    assert doctor.status == 1
    assert said(doctor(team, SLACK_BOT_TOKEN="")["token"]).startswith("SLACK_BOT_TOKEN is not set.")
    assert doctor.status == 1


def test_missing_scopes_are_named_with_what_does_not_work(team: Team, doctor: Doctor) -> None:
    def without(*scopes: str) -> Found:
        content = manifest()
        granted = [scope for scope in content["oauth_config"]["scopes"]["bot"] if scope not in scopes]
        content["oauth_config"]["scopes"]["bot"] = granted
        team.workspace.manifest = Manifest(content)
        return doctor(team)

    optional = without("im:history")
    assert said(optional["scopes"]).startswith("im:history is missing: I do not hear direct messages")
    assert (optional["scopes"]["outcome"], doctor.status) == ("warning", 0)
    needed = without("files:write", "usergroups:read")["scopes"]
    assert [one["said"].partition(" ")[0] for one in needed["results"]] == ["usergroups:read", "files:write"]
    assert (needed["outcome"], doctor.status) == ("failed", 1)
    team.workspace.manifest = Manifest(None)
    assert doctor(team)["scopes"]["outcome"] == "unknown", "Slack does not say"


def test_a_page_of_a_proxy_is_told_from_slack(team: Team, doctor: Doctor) -> None:
    for status in (200, 503):
        team.workspace.failures.clear()
        team.workspace.failures.outage(times=None, status=status)
        found = doctor(team)
        assert f"answered in its place (http_{status})" in said(found["token"])
        assert "HTTPS_PROXY" in said(found["token"])
        assert found["database"]["outcome"] != "unknown"
        assert doctor.status == 1


def test_slack_that_cannot_be_reached_is_said_with_the_cause(team: Team, doctor: Doctor) -> None:
    found = doctor(team, SLACK_API_URL=world.NOWHERE, FAULT_CLOCK_SHIFT_SECONDS="0")
    assert said(found["token"]).startswith("Slack cannot be reached (Connection refused).")
    assert found["views"]["outcome"] == "unknown"
    assert doctor.status == 1


def test_socket_mode_is_checked_with_its_own_token(team: Team, doctor: Doctor) -> None:
    found = doctor(team, SLACK_APP_TOKEN=team.workspace.app_token, SLACK_SIGNING_SECRET="")
    assert "connections:write" in said(found["socket_mode"]), "the manifest does not switch it on"
    assert found["settings"]["outcome"] == "ok", "it needs no signing secret"
    team.workspace.manifest = Manifest(manifest(socket_mode=True))
    found = doctor(team, SLACK_APP_TOKEN=team.workspace.app_token, SLACK_SIGNING_SECRET="")
    assert found["socket_mode"]["outcome"] == "ok"
    assert said(found["events"]).count("manifest has changed") == 1, "that of Socket Mode is another one"


def test_events_are_seen_and_another_manifest_is_noticed(team: Team, doctor: Doctor) -> None:
    team.person("U0CHEN").open_home()
    team.playground.bot.database_check.check()
    found = doctor(team)["events"]
    assert found["outcome"] == "ok"
    assert found["results"][0]["said"].startswith("The last one was app_home_opened")
    assert "app_mention" in found["results"][0]["said"]
    with team.database.write() as session:
        session.exec(update(Epoch).values(manifest="0" * 64))
    assert "faultdesk manifest" in said(doctor(team)["events"])
    assert doctor.status == 0


def test_the_desk_channel(team: Team, doctor: Doctor) -> None:
    channels, bot = team.workspace.channels, team.workspace.bot_user_id

    def found() -> tuple[str, str]:
        part = doctor(team)["desk_channel"]
        return part["outcome"], said(part)

    store(team, FAULT_CHANNEL="C0NOWHERE")
    assert "C0NOWHERE does not exist" in found()[1]
    store(team, FAULT_CHANNEL="")
    with team.database.write() as session:
        seen = {"FAULT_CHANNEL": "C0NOWHERE"}
        change_settings.change(session, CompanySource(), {"FAULT_CHANNEL": ""}, seen, ADMIN, team.now)
    assert found()[0] == "failed"
    assert "No service-desk channel" in found()[1]
    store(team)
    channels.join(DESK, GUEST)
    assert found()[0] == "warning"
    assert f"({GUEST})" in found()[1]
    channels.change(DESK, shared=True)
    assert "shared with another company" in found()[1]
    channels.leave(DESK, bot)
    assert found()[0] == "failed"
    assert "/invite" in found()[1]
    channels.change(DESK, archived=True)
    assert "archived" in found()[1]
    assert doctor.status == 1


def test_user_groups_exist_and_have_members(make_team: MakeTeam, doctor: Doctor) -> None:
    given = {"FAULT_TESTERS": TESTERS, "FAULT_VIEWERS": "S0NOBODY"}
    team = make_team(**given)

    def found() -> str:
        return said(doctor(team, **given)["groups"])

    assert found() == "There is no user group S0NOBODY. Give the role to another user group or to persons."
    team.workspace.add_group("S0NOBODY", [], "nobody")
    assert "no active members" in found()
    team.workspace.add_group("S0NOBODY", ["U0GONE"], "nobody")
    assert "no active members" in found(), "the only one has left"
    team.workspace.groups.change(TESTERS, disabled=True)
    assert "@testers (S0TESTERS) is deactivated" in found()
    assert doctor.status == 1


def test_vacant_roles_and_people_who_cannot_hold_theirs(team: Team, doctor: Doctor) -> None:
    team.change_account(WU, deleted=True)
    found = doctor(team)["roles"]
    assert "There is no technician" in said(found)
    assert f"Wu Gang 吴刚 ({WU})" in said(found)
    assert doctor.status == 1


def test_a_wrong_clock_is_compared_with_slack(team: Team, doctor: Doctor) -> None:
    shift = float(world.environment(team.workspace)["FAULT_CLOCK_SHIFT_SECONDS"]) + 600
    found = doctor(team, FAULT_CLOCK_SHIFT_SECONDS=str(shift))["clock"]
    assert found["outcome"] == "warning"
    assert "s ahead" in said(found)


def test_workers_give_signs_of_life(team: Team, doctor: Doctor) -> None:
    assert doctor(team)["workers"]["results"][0]["said"].startswith("At work: 1")
    with team.database.write() as session:
        session.exec(delete(Heartbeat))
    assert doctor(team)["workers"]["outcome"] == "failed"
    assert doctor.status == 1


def test_the_schema_is_compared(team: Team, doctor: Doctor) -> None:
    def found(revision: str) -> str:
        with team.database.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": revision})
        parts = doctor(team)
        assert parts["roles"]["outcome"] == "unknown"
        return said(parts["database"])

    assert "faultdesk migrate" in found("0001")
    assert "newer schema (9999)" in found("9999")
    assert doctor.status == 1


def test_a_database_that_cannot_be_used(team: Team, doctor: Doctor, tmp_path: Path) -> None:
    away = doctor(team, DATABASE_URL="postgresql+psycopg://desk:pass-word@127.0.0.1:9/desk")
    assert "DATABASE_URL" in said(away["database"])
    assert away["token"]["outcome"] == "ok"
    missing = doctor(team, DATABASE_URL="sqlite:///none.db")
    assert said(missing["database"]).startswith(f"There is no database yet: {tmp_path / 'work' / 'none.db'}.")
    assert list((tmp_path / "work").iterdir()) == [], "no file was made"
    with closing(sqlite3.connect(tmp_path / "work" / "empty.db")) as connection:
        connection.execute("CREATE TABLE other (id INTEGER)")
    assert "is empty" in said(doctor(team, DATABASE_URL="sqlite:///empty.db")["database"])
    (tmp_path / "work" / "text.db").write_text("no database" * 1000)
    assert "cannot be reached" in said(doctor(team, DATABASE_URL="sqlite:///text.db")["database"])
    assert doctor.status == 1


def test_commits_that_a_power_cut_may_lose(team: Team, doctor: Doctor) -> None:
    """The server of the tests runs without fsync."""
    found = doctor(team, FAULT_SQLITE_SYNCHRONOUS="NORMAL")["database"]
    assert (found["outcome"], doctor.status) == ("warning", 0)
    assert ("FAULT_SQLITE_SYNCHRONOUS=FULL" if team.database.is_sqlite else "fsync") in said(found)


def test_the_folder_of_files(team: Team, doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "cannot be used: Not a directory" in said(doctor(team, FAULT_FILES_DIR=str(tmp_path / "file"))["files"])
    with team.database.write() as session:
        session.exec(update(Epoch).values(files_code="0123"))
    assert "same folder for all processes" in said(doctor(team, FAULT_FILES_DIR=str(tmp_path / "other"))["files"])
    assert doctor.status == 1
    assert not (tmp_path / "other").exists(), "nothing was made"


def test_templates_converter_and_settings(
    team: Team, doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "T01.docx").write_bytes(b"no document")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = doctor(team, FAULT_TEMPLATES=str(tmp_path), FAULT_CHANEL="C0DESK", SLACK_SIGNING_SECRET="")
    assert "T01.docx" in said(found["templates"])
    assert "LibreOffice" in said(found["converter"])
    assert "FAULT_CHANEL is no setting; the nearest one is FAULT_CHANNEL." in said(found["settings"])
    assert "SLACK_SIGNING_SECRET is not set." in said(found["settings"])
    expected = {"templates": "failed", "converter": "warning", "settings": "failed"}
    assert outcomes({code: found[code] for code in expected}) == expected


def test_the_key_is_that_of_the_desk(make_team: MakeTeam, doctor: Doctor, tmp_path: Path) -> None:
    own, other = tmp_path / "own.key", tmp_path / "other.key"
    for path in (own, other):
        SealKey.make().write(path)
    team = make_team(FAULT_SEAL_KEY=str(own))
    assert doctor(team, FAULT_SEAL_KEY=str(own))["seal_key"]["outcome"] == "ok"
    assert "Nothing is signed" in said(doctor(team, FAULT_SEAL_KEY=str(other))["seal_key"])
    assert doctor.status == 1
    assert "there is no file" in said(doctor(team, FAULT_SEAL_KEY=str(tmp_path / "none"))["seal_key"])


def test_views_that_slack_refuses_or_does_not_check(team: Team, doctor: Doctor) -> None:
    failures = team.workspace.failures
    failures.refuse("blocks.validate", "invalid_view")
    assert "Slack refuses the view report: invalid_view." in said(doctor(team)["views"])
    assert doctor.status == 1
    failures.rate_limit("blocks.validate")
    assert said(doctor(team)["views"]).startswith("Checked: 0. ")
    failures.refuse("blocks.validate", "unknown_method")
    assert "unknown_method" in said(doctor(team)["views"])
    assert doctor.status == 0


def test_chinese_text_is_broken_within_the_width_and_not_before_a_full_stop() -> None:
    lines = wrapped("请检查应用设置中的请求地址。然后 open my App Home，再试一次。", 20)
    assert "".join(lines).replace(" ", "") == "请检查应用设置中的请求地址。然后openmyAppHome，再试一次。"
    assert max(map(columns, lines)) <= 20
    assert not [line for line in lines if line[0] in "，。"]
