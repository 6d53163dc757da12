"""The log of a test, and a team for tests whose requests change nothing."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot import logs
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.team import Team


class Logged:
    """The lines of the JSON log, as an operator reads them."""

    def __init__(self, written: io.StringIO) -> None:
        self._written = written

    @property
    def text(self) -> str:
        return self._written.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("event") == event]


@pytest.fixture
def logged(bare_logging: None) -> Logged:
    """The log as the running bot writes it. A test names it before `team`, so that it records everything."""
    written = io.StringIO()
    logs.configure("json", ["a-known-secret"], to=written)
    return Logged(written)


@pytest.fixture
def builder(team: Team) -> CaseBuilder:
    """Steps on the team's database without a screen."""
    return CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)


@pytest.fixture(scope="module")
def steady(module_url: str) -> Iterator[Team]:
    """A running bot without a case, for all tests of a module whose requests change nothing."""
    with world.playground(module_url) as playground:
        team = Team(playground)
        team.meet()
        yield team
