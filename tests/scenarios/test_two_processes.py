"""Two processes of one company on one PostgreSQL server take the same case, each through signed HTTP (rule 2.1)."""

from collections.abc import Iterator

import pytest

from bot.runtime.bootstrap import Bot
from bot.sandbox import Person
from bot.sandbox.client.transport import Transport
from storage.vocabulary import Place, State, Step
from tests.storage.test_postgresql import at_once
from tests.support.team import ANNA, CHEN, DESK, LIN, ZHOU, Team

pytestmark = pytest.mark.database("postgresql")


@pytest.fixture
def other(team: Team) -> Iterator[Transport]:
    """The way to a second process that takes requests."""
    bot = Bot(team.playground.settings.model_copy(update={"port": 0}), clock=team.playground.clock, worker=False)
    bot.start()
    transport = Transport(team.workspace)
    transport.bot_url = f"http://127.0.0.1:{bot.server.port}/slack/events"
    yield transport
    bot.stop()


def take(person: Person, number: str, answers: dict[str, str]) -> None:
    """Take a case by command, and keep what the person reads."""
    answer = person.command(f"/fault take {number}", channel=DESK)
    assert answer.message is not None, answer
    answers[person.id] = person.read(answer.message)


@pytest.mark.parametrize(
    ("state", "place"), [(State.TRIAGE, Place.TRIAGER), (State.SHEET_DRAFTING, Place.SERVICE_MANAGER)]
)
def test_one_of_two_wins_and_the_other_is_told_who(team: Team, other: Transport, state: State, place: Place) -> None:
    case = team.report(ANNA)
    if state is not State.TRIAGE:
        team.take(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="yes", symptom_kind="exit")
    answers: dict[str, str] = {}
    chen, zhou = team.person(CHEN), Person(other, ZHOU)
    at_once(lambda: take(chen, case, answers), lambda: take(zhou, case, answers))
    (winner,) = team.at(case, place)
    (loser,) = {CHEN, ZHOU} - {winner}
    name = {CHEN: "@Chen Jing", ZHOU: "@Zhou Min"}[winner]
    assert f"Waiting for {name}" in answers[winner]
    assert f"This case is with {name}" in answers[loser]
    assert [line.step for line in team.history(case)].count(Step.TAKE) == 1


def test_a_correction_in_one_process_counts_in_the_other_at_once(team: Team, other: Transport) -> None:
    case = team.case()
    form = team.open(CHEN, Step.CORRECT, case)
    zhou = Person(other, ZHOU)
    zhou.press(Step.CORRECT, message=zhou.command(f"/fault {case}", channel=DESK).message)
    team.workspace.wait_until(lambda: zhou.view is not None)
    form.fill(contact="Gao Feng", reason="Another person answers the phone")
    assert form.submit().closed
    zhou.fill(contact="Xu Mei", reason="Looked again")
    assert set(zhou.submit().errors) == {"contact"}
    assert team.card(case).contact == "Gao Feng"
