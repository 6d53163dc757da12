"""`faultdesk sandbox` and `seed` as a newcomer starts them, with real processes."""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest

from bot.seal_key import SealKey
from tests.cli.test_main import FAULTDESK, run
from tests.support import world
from tests.support.control import control
from tests.support.free_ports import free_port
from tests.support.processes import clean_environment
from tests.support.world import MAX_WAIT_SECONDS


@contextmanager
def sandbox(folder: Path, *options: str, stderr: TextIO | None = None) -> Iterator[str]:
    """The sandbox in a process of its own. Yields the address of the page that it prints."""
    command: list[str | Path] = [
        FAULTDESK,
        "sandbox",
        "--no-browser",
        "--port",
        str(free_port()),
        "--begins",
        f"{world.begins():%Y-%m-%dT%H:%M:%S}",
        *options,
    ]
    with subprocess.Popen(
        command, cwd=folder, env=clean_environment(), stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            said = next(line for line in lines if "http://" in line)
            yield next(word for word in said.split() if word.startswith("http://"))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(MAX_WAIT_SECONDS)


def asked(url: str, desk: str, **wanted: Any) -> Any:
    return control(url, desk, **wanted).json()


def seed(folder: Path, url: str | None, path: str, returns: int = 0) -> str:
    """The output of the command on both streams."""
    command: list[str | Path] = [FAULTDESK, "seed", path, *(["--url", url] if url else [])]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=MAX_WAIT_SECONDS, check=False)
    assert done.returncode == returns, done.stderr
    return done.stdout + done.stderr


def texts(folder: Path, url: str) -> list[str]:
    """The messages of the desk channel, once no message waits to be sent."""
    pending = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')"
    with closing(sqlite3.connect(folder / "faultdesk-sandbox" / "sandbox.db")) as database:
        while database.execute(pending).fetchone()[0]:
            time.sleep(0.05)
    return [one["text"] for one in asked(url, "screen", user="U0CHEN", channel="C0DESK")["messages"]]


@pytest.mark.long
def test_a_restart_keeps_everything_and_fresh_begins_anew(tmp_path: Path) -> None:
    with sandbox(tmp_path) as url:
        assert asked(url, "clock")["now"].startswith(f"{world.begins():%Y-%m-%dT%H:}")
        said = seed(tmp_path, url, "question")
        assert "question F-1" in said
        asked(url, "clock", by=3600)
        told = texts(tmp_path, url)
        assert told
        key = SealKey.read(tmp_path / "faultdesk-sandbox" / "faultdesk.key")
        moment = asked(url, "clock")["now"]
    with sandbox(tmp_path) as url:
        assert texts(tmp_path, url) == told
        assert asked(url, "clock")["now"] > moment
        shown = asked(url, "say", user="U0CHEN", channel="C0DESK", text="/fault F-1")["shown"]
        assert "F-1" in shown
    assert SealKey.read(tmp_path / "faultdesk-sandbox" / "faultdesk.key") == key
    with sandbox(tmp_path, "--fresh") as url:
        assert texts(tmp_path, url) == []
        assert SealKey.read(tmp_path / "faultdesk-sandbox" / "faultdesk.key") != key


def test_an_unknown_path_is_reported(tmp_path: Path) -> None:
    """The other commands find the sandbox by its folder, or by the address of its page."""
    with sandbox(tmp_path) as url:
        assert "no path is nowhere" in seed(tmp_path, url, "nowhere", returns=1)
        address = tmp_path / "faultdesk-sandbox" / "address"
        assert address.stat().st_mode & 0o777 == 0o600
        assert "no path is nowhere" in seed(tmp_path, None, "nowhere", returns=1)
        old = url.partition("=")[0] + "=of-an-earlier-start"
        assert "the address that the sandbox printed" in seed(tmp_path, old, "nowhere", returns=1)
        answer = asked(url, "clock", by=-5)
        assert (answer["ok"], answer["error"]) == (False, "NotThere")
    assert not address.exists()


def test_a_host_that_others_can_reach_is_warned_about_loudly(tmp_path: Path) -> None:
    file = tmp_path / "told"
    for options, warned in ((["--host", "0.0.0.0"], True), ([], False)):
        with file.open("w") as told, sandbox(tmp_path, *options, stderr=told):
            assert ("WARNING: --host 0.0.0.0" in file.read_text()) is warned


def test_a_folder_that_is_no_sandbox_is_refused(tmp_path: Path) -> None:
    (tmp_path / "faultdesk-sandbox").mkdir()
    (tmp_path / "faultdesk-sandbox" / "workspace.json").write_text("{}")
    done = run(tmp_path, "sandbox", "--no-browser", "--port", str(free_port()))
    assert done.returncode == 2
    assert "--fresh" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_a_second_sandbox_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with sandbox(tmp_path):
        for more in ([], ["--fresh"]):
            done = run(tmp_path, "sandbox", "--no-browser", "--port", str(free_port()), *more)
            assert done.returncode == 2
            assert "another sandbox" in done.stderr
            assert "Traceback" not in done.stderr
        assert (tmp_path / "faultdesk-sandbox" / "sandbox.db").exists()


def test_a_missing_sandbox_is_reported(tmp_path: Path) -> None:
    for url, told in ((f"http://127.0.0.1:{free_port()}", "No sandbox answers"), (None, "No sandbox runs")):
        said = seed(tmp_path, url, "question", returns=1)
        assert told in said
        assert "Traceback" not in said
