"""The demo team with one language for everybody, and a guide."""

import pytest

from bot.playground.tour import Guide
from tests.conftest import MakeTeam
from tests.support.team import Team


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team with a running bot, speaking English."""
    return make_team("en")


@pytest.fixture
def guide(team: Team) -> Guide:
    """A guide for that team."""
    playground = team.playground
    return Guide(team.playground.standin, playground.clock, playground.bot.jobs.sweep, playground.is_idle)
