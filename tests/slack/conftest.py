"""A team for tests whose requests change nothing."""

from collections.abc import Iterator

import pytest

from tests.support.case_builder import CaseBuilder
from tests.support.shared_team import shared_team, tidy_up
from tests.support.team import Team


@pytest.fixture
def builder(team: Team) -> CaseBuilder:
    """Steps on the team's database without a screen."""
    return CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)


@pytest.fixture(scope="module")
def module_team(module_url: str) -> Iterator[Team]:
    """A running bot without a case, for all tests of a module."""
    with shared_team(module_url) as team:
        yield team


@pytest.fixture
def steady(module_team: Team) -> Iterator[Team]:
    """The bot of the module, without a case and an open form, for tests whose requests change nothing."""
    yield module_team
    tidy_up(module_team)
