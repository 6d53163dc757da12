"""A start that fails says why in one line and leaves nothing behind."""

import json
import sys
import threading
from pathlib import Path

import pytest
import urllib3

from bot.sandbox import StandIn, Workspace
from tests.cli.test_main import GOOD, ended, running, standin
from tests.cli.test_read_only_database import builder, clock, medium, read_only
from tests.support import world
from tests.support.commands import Done, command_in

__all__ = ["builder", "clock", "medium", "standin"]
pytestmark = [pytest.mark.database("sqlite"), pytest.mark.usefixtures("bare_logging")]


def failed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    workspace: Workspace,
    **wrong: str,
) -> Done:
    """`faultdesk run` with a wrong setting; no thread of it may be left."""
    before = set(threading.enumerate())
    environ = {**world.environment(workspace), "HOST": "127.0.0.1", "PORT": "0"}
    done = command_in(tmp_path, monkeypatch, capsys)("run", **{**environ, **wrong})
    left = {thread.name for thread in set(threading.enumerate()) - before if not thread.name.startswith("asgi")}
    assert not {
        name for name in left if name.startswith(("web", "watchdog", "delivery", "people", "listener", "sender"))
    }
    return done


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        (
            "HOST",
            "nowhere.invalid",
            "PORT: cannot listen at nowhere.invalid:0: there is no such host; for example PORT=3000",
        ),
        ("DATABASE_URL", "sqlite:///:memory:", "DATABASE_URL: must begin with sqlite:/// and name a file, or "),
        ("DATABASE_URL", "postgresql+psycopg://desk:secret@db:port/desk", "DATABASE_URL: is not a database URL; "),
        ("DATABASE_URL", "sqlite:///folder", "DATABASE_URL: unable to open database file; "),
        ("DATABASE_URL", "sqlite:///text", "DATABASE_URL: file is not a database; "),
        ("HTTPS_PROXY", "http://desk:secret@proxy:port", "HTTPS_PROXY: is no address of a proxy; "),
        ("FAULT_TEMPLATES", "text", "FAULT_TEMPLATES: text: is no folder; "),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    standin: StandIn,
    name: str,
    value: str,
    reason: str,
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("neither a database nor a folder of templates", encoding="utf-8")
    done = failed(tmp_path, monkeypatch, capsys, standin.workspace, **{name: value})
    assert done.returncode == 2
    (line,) = (
        line for line in done.stderr.splitlines() if "seal_key.made" not in line and "settings.stored" not in line
    )
    assert line.startswith(reason)


@pytest.mark.parametrize("name", ["run", "web", "worker", "migrate", "verify", "setup-key"])
def test_a_missing_driver_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    wanted = {**GOOD, "DATABASE_URL": "postgresql+psycopg://desk:secret@db/desk"}
    done = command_in(tmp_path, monkeypatch, capsys)(name, **wanted)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("DATABASE_URL: PostgreSQL needs one more package: pip install 'faultdesk[postgres]'")
    assert list(tmp_path.iterdir()) == [], "no key was made for a desk that may have one"


def test_a_refused_token_is_said_in_one_line_and_the_bot_waits_for_another_answer(
    tmp_path: Path, standin: StandIn
) -> None:
    """A restart would not help, and everything but Slack works."""
    standin.workspace.failures.refuse("auth.test", "invalid_auth", times=None)
    with running(tmp_path, standin.workspace) as (process, port), urllib3.PoolManager() as pool:
        health = f"http://127.0.0.1:{port}/health"
        standin.workspace.wait_until(lambda: pool.request("GET", health).json()["slack"] == "invalid_auth")
        assert pool.request("GET", health).status == 200
        logged = ended(process)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["error"] for line in lines if line["level"] in ("warning", "error")] == ["invalid_auth"]


def test_a_database_that_cannot_be_written_stops_the_start(
    medium: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    standin: StandIn,
) -> None:
    """It was opened, so that everything was made, but nothing was started."""
    with read_only(medium):
        done = failed(tmp_path, monkeypatch, capsys, standin.workspace, DATABASE_URL="sqlite:///medium/desk.db")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("DATABASE_URL: ")
