"""Names of registers, and messages to people who lost their rights (process.md §6 R8 to R10)."""

import pytest

from storage.vocabulary import Kind, Place, State, Step
from tests.conftest import MakeTeam
from tests.scenarios.test_outsiders import changed
from tests.support.raw_requests import command, send
from tests.support.sample_reports import RATING
from tests.support.team import ADMIN, ANNA, CHEN, HE, LIN, SUNLI, WU, ZHAO, Team

GUEST = "U0GUEST"
#: Words that name several customers, one customer, and nothing.
GUESSES = ("telecom", "alpha", "zzyzx")


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team, speaking English, with two customers of similar names."""
    team = make_team("en")
    for customer in ("Alpha Telecom", "Beta Telecom"):
        team.report(CHEN, RATING, customer=customer)
    return team


@pytest.mark.parametrize("user", [GUEST, SUNLI, ZHAO, ADMIN])
@pytest.mark.parametrize("words", ["export F-1 table", "export F-1", "export F-1 T02", "export table", "export"])
def test_an_export_answers_names_of_customers_to_the_center_alone(team: Team, user: str, words: str) -> None:
    """Whether a word names a customer, several or nothing, people outside the center get the same answer."""
    answers = set()
    for guess in GUESSES:
        text = send(team, command(team, f"{words} {guess}", user)).text
        assert "Telecom" not in text
        answers.add(text.replace(guess, "…"))
    assert len(answers) == 1


def test_the_center_is_asked_which_customer_is_meant(team: Team) -> None:
    assert "Alpha Telecom" in send(team, command(team, "export table telecom", CHEN)).text
