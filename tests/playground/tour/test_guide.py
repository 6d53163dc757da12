"""The guide of the tour: step by step and all at once, several runs, several threads, and people who act by hand."""

import json
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from bot.playground.tour import Guide, NoSuchPath
from bot.playground.tour.paths import PATHS
from bot.sandbox import StandIn
from storage.vocabulary import Kind, State, Step
from tests.support import world
from tests.support.answers import SIGNING
from tests.support.play_tour import played
from tests.support.team import CHEN, HUANG, LIN, WU, ZHAO, Team
from tests.support.world import MAX_WAIT_SECONDS

OVER = "Somebody has probably acted on it by hand"


def test_playing_step_by_step_equals_playing_all_at_once(team: Team, guide: Guide) -> None:
    at_once = str(played(guide, "question")["case"])
    state = guide.start("question")
    path = PATHS["question"]
    for position, act in enumerate(path.acts, 1):
        assert state["next"] == {"who": act.who, "caption": act.caption.to_json()}
        state = guide.step()
        assert (state["position"], state["failed"], state["last"]["who"]) == (position, None, act.who)
        assert state["last"]["caption"] == act.caption.to_json()
        assert json.loads(json.dumps(state)) == guide.state()
    assert state["done"]
    by_steps = str(state["case"])
    assert by_steps != at_once
    told = [[(line.step, line.person, line.to_state) for line in team.history(case)] for case in (at_once, by_steps)]
    assert told[0] == told[1]


def test_nothing_happens_before_a_start_and_after_the_end(team: Team, guide: Guide) -> None:
    nothing = guide.state()
    assert (nothing["code"], nothing["position"], nothing["of"], nothing["next"]) == (None, 0, 0, None)
    assert guide.step() == guide.play() == nothing
    ended = played(guide, "withdrawn")
    assert guide.step() == guide.play() == ended
    assert len(team.history(ended["case"])) == 5


def test_an_unknown_path_is_refused(guide: Guide) -> None:
    with pytest.raises(NoSuchPath, match="no path is no-such"):
        guide.start("no-such")


def test_a_new_start_resets_the_position_and_leaves_the_old_case(team: Team, guide: Guide) -> None:
    guide.start("withdrawn")
    first = guide.step()
    assert guide.start("withdrawn")["position"] == 0
    second = guide.play()
    assert second["case"] != first["case"]
    assert (team.state(first["case"]), team.state(second["case"])) == (State.TRIAGE, State.WITHDRAWN)


def test_a_run_that_plays_by_itself_can_be_stopped(guide: Guide) -> None:
    assert guide.stop()["playing"] is False
    guide.start("question")
    with ThreadPoolExecutor() as threads:
        playing = threads.submit(guide.play)
        while not guide.state()["playing"] and not playing.done():
            sleep(0.01)
        guide.stop()
        halted = playing.result(timeout=MAX_WAIT_SECONDS)
    assert (halted["playing"], halted["failed"]) == (False, None)
    assert halted["position"] < halted["of"]
    assert guide.play()["done"]
    assert guide.state()["playing"] is False


def test_a_step_that_notifies_somebody_shows_that_direct_message(team: Team, guide: Guide) -> None:
    state = guide.start("general-fault")
    while (state["last"] or {}).get("viewer") != ZHAO:
        assert not state["done"]
        state = guide.step()
    assert state["last"]["who"] == WU
    assert state["last"]["channel"] == team.workspace.direct(ZHAO).id
    shown = team.workspace.messages.find(state["last"]["channel"], state["last"]["ts"])
    assert shown is not None
    assert shown.text.startswith(state["case"])


@pytest.mark.parametrize("method", ["step", "play"])
def test_two_threads_at_once_play_every_act_once(team: Team, guide: Guide, method: str) -> None:
    guide.start("requirement")
    acts = len(PATHS["requirement"].acts)
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _press: getattr(guide, method)(), range(acts)))
    assert all(state["failed"] is None for state in states)
    assert guide.state()["done"]
    assert len(team.history(str(guide.state()["case"]))) == acts


def test_an_act_that_somebody_did_by_hand_fails_with_an_explanation(team: Team, guide: Guide) -> None:
    guide.start("failed-test")
    for _act in range(3):
        state = guide.step()
    case = str(state["case"])
    team.take(HUANG, Step.SIGN_SHEET, case, **SIGNING[Kind.FAULT])
    state = guide.step()
    assert OVER in state["failed"]
    assert "Huang Wei" in state["failed"]
    assert case in state["failed_zh"]
    assert (state["position"], state["done"], state["next"]) == (3, True, None)
    assert guide.play() == state
    assert team.state(case) is State.ANALYSIS
    assert played(guide, "withdrawn")["failed"] is None


def test_after_somebody_finished_the_form_by_hand_the_next_act_fails(team: Team, guide: Guide) -> None:
    guide.start("very-severe-fault")
    for _act in range(6):
        state = guide.step()
    case = str(state["case"])
    form = team.person(WU)
    form.fill(severity="general", deadline_basis="none")
    assert form.submit().closed
    state = guide.step()
    assert OVER in state["failed"]
    assert team.state(case) is State.DECISION


def test_a_form_that_somebody_closed_is_opened_again_by_the_tour(team: Team, guide: Guide) -> None:
    guide.start("very-severe-fault")
    for _act in range(6):
        guide.step()
    team.person(WU).close_view()
    state = guide.step()
    assert state["failed"] is None
    assert team.state(str(state["case"])) is State.DECISION


def test_after_somebody_acknowledged_by_hand_the_next_act_fails(team: Team, guide: Guide) -> None:
    guide.start("very-severe-fault")
    for _act in range(9):
        guide.step()
    team.settle()
    team.person(WU).press("acknowledge", message=team.inbox(WU)[-1])
    team.settle()
    assert OVER in guide.step()["failed"]


def test_forms_that_people_left_open_do_not_disturb_the_tour(team: Team, guide: Guide) -> None:
    for user in (CHEN, LIN):
        team.person(user).command("/fault")
        team.person(user).opened("report")
    guide.start("failed-test")
    for _act in range(3):
        state = guide.step()
    assert state["failed"] is None
    assert team.state(str(state["case"])) is State.SHEET_SIGNING


def test_a_report_made_by_hand_is_not_taken_for_that_of_the_tour(team: Team, guide: Guide) -> None:
    team.report(CHEN)
    guide.start("failed-test")
    state = guide.step()
    assert state["case"] == "F-2"
    assert "月报" in team.card("F-2").summary


def test_each_of_two_runs_finds_its_own_case(team: Team) -> None:
    """The messages of the first run still wait when the second one begins, and concern the same problem."""
    workspace, playground = team.workspace, team.playground
    guide = Guide(playground.standin, playground.clock, playground.bot.jobs.sweep, playground.is_idle)
    workspace.failures.rate_limit("chat.postMessage", times=None, retry_after=5)
    cases = []
    for _run in range(2):
        guide.start("withdrawn")
        cases.append(guide.step()["case"])
    workspace.failures.clear()
    assert cases == ["F-1", "F-2"]


def test_a_bot_that_does_not_run_is_reported_in_words(team: Team) -> None:
    with StandIn(world.workspace()) as standin:
        guide = Guide(standin, team.playground.clock, lambda: None, lambda: True)
        guide.start("question")
        state = guide.step()
    assert state["failed"] == "The bot is not running."
    assert state["done"]
