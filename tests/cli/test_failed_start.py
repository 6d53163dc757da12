"""A start that fails says why in one line and leaves nothing behind."""

import threading
from pathlib import Path

import pytest

from bot.sandbox import StandIn, Workspace
from tests.cli.test_main import standin
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
        ("DATABASE_URL", "sqlite:///folder", "DATABASE_URL: unable to open database file; "),
        ("DATABASE_URL", "sqlite:///text", "DATABASE_URL: file is not a database; "),
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
    (line,) = (line for line in done.stderr.splitlines() if "seal_key.made" not in line)
    assert line.startswith(reason)


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
