"""A team for tests whose requests change nothing."""

from collections.abc import Iterator

import pytest

from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.team import Team


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
