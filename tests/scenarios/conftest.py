"""The demo team of the scenarios, with one language for everybody."""

from collections.abc import Iterator

import pytest

from tests.conftest import MakeTeam
from tests.support.process_words import WORDS, Words
from tests.support.shared_team import shared_team, tidy_up
from tests.support.team import Team


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team with a running bot, speaking English."""
    return make_team("en")


@pytest.fixture(scope="module")
def module_team(module_url: str) -> Iterator[Team]:
    """A running bot for all tests of a module, speaking English."""
    with shared_team(module_url, "en") as team:
        yield team


@pytest.fixture
def shared(module_team: Team) -> Iterator[Team]:
    """The bot of the module, without an open form, for tests that look at cases of their own alone."""
    yield module_team
    tidy_up(module_team)


@pytest.fixture(params=[pytest.param(one, marks=() if one == "en" else pytest.mark.long) for one in WORDS])
def language(request: pytest.FixtureRequest) -> str:
    """Each language in turn, all but English in the long run."""
    return str(request.param)


@pytest.fixture
def words(language: str) -> Words:
    """What people read in this language."""
    return WORDS[language]


@pytest.fixture
def speakers(make_team: MakeTeam, language: str) -> Team:
    """The demo team with a running bot, speaking this language."""
    return make_team(language)
