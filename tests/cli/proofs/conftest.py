"""A desk beside the folder of the commands, as an operator uses it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.casework.company_settings import CompanySettings
from storage.database import Database
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.commands import Done, command_in
from tests.support.manual_clock import ManualClock
from tests.support.team import DESK


@pytest.fixture
def builder(fresh_url: str, clock: ManualClock) -> Iterator[CaseBuilder]:
    """A desk whose database is `faultdesk.db` in the folder of the commands. No process has it open as its own."""
    made = CaseBuilder(Database(fresh_url), CompanySettings(DESK), clock.now)
    made.seed()
    yield made
    made.database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def faultdesk(
    tmp_path: Path,
    fresh_url: str,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Done]:
    """The command line inside the test process, at the time of the test."""
    command = command_in(tmp_path, monkeypatch, capsys)
    return lambda *words, **more: command(*words, **{**world.at(clock.now()), "DATABASE_URL": fresh_url, **more})
