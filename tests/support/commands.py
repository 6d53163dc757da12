"""Runs the command line inside the test process, because starting a process takes a second each time."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.cli import main
from tests.support.processes import clean_environment, inherited


class Done(NamedTuple):
    """The exit status of a command and its output."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


def work_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this folder the working directory, and remove the variables that the bot reads from the environment."""
    monkeypatch.chdir(folder)
    for name in set(inherited()) - set(clean_environment()):
        monkeypatch.delenv(name)


def command_in(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return `faultdesk` as a function that runs in this folder.

    Positional arguments are those of the command line; keyword arguments are environment variables.
    """
    work_in(folder, monkeypatch)
    before = {kind: signal.getsignal(kind) for kind in (signal.SIGTERM, signal.SIGINT)}

    def command(*arguments: object, **environ: str) -> Done:
        with monkeypatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["faultdesk", *map(str, arguments)])
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended_with:
                main.main()
        for kind, handler in before.items():
            signal.signal(kind, handler)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Done(int(ended_with.value.code or 0), said.out, said.err)

    return command
