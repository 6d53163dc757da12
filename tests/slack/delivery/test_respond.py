"""Answers through response URLs are sent again for a few seconds, and are lost only then."""

import pytest

from bot.slack.delivery import respond
from storage.vocabulary import State, Step
from tests.support.logged import Logged
from tests.support.team import LIN, VIEWER, Team

pytestmark = pytest.mark.database("sqlite")
#: How the stand-in names an answer through a response URL.
ANSWER = "response_url"


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respond, "_PAUSES", (0.0, 0.0))


@pytest.mark.parametrize("failure", ["outage", "reset", "rate_limit", "lose_answer", "cut_answer"])
def test_an_answer_that_slack_does_not_take_is_sent_again(team: Team, failure: str) -> None:
    number = team.case(State.TRIAGE)
    shown = team.look(LIN, number)
    getattr(team.workspace.failures, failure)(ANSWER)
    assert team.press_copy(VIEWER, shown, Step.TRIAGE)


@pytest.mark.parametrize(("failures", "is_told"), [(2, True), (3, False)])
def test_an_answer_is_lost_after_the_last_pause(team: Team, logged: Logged, failures: int, is_told: bool) -> None:
    number = team.case(State.TRIAGE)
    shown, viewer = team.look(LIN, number), team.person(VIEWER)
    before = len(viewer.ephemerals())
    team.workspace.failures.outage(ANSWER, times=failures)
    viewer.press(Step.TRIAGE, message=shown)
    team.workspace.wait_until(lambda: len(viewer.ephemerals()) > before or logged.of("respond.lost"))
    assert (len(viewer.ephemerals()) > before) is is_told
