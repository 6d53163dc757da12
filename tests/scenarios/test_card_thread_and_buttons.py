"""What Slack shows: the buttons of each person, the one card of a case and its thread (interface.md)."""

import pytest

from storage.vocabulary import Severity, State, Step
from tests.support.answers import EVERYBODY
from tests.support.process_words import Words
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HE, HUANG, LIN, VIEWER, WU, ZHAO, ZHOU, Team

S = Step
MORE = {"read_all", "export"}
ANYBODY = {S.COMMENT}
NEITHER: set[str] = set()

#: What each person may press on a fault that Chen reported for a customer. Huang also stands in as service manager.
OFFERED: dict[tuple[State, Severity], dict[str, set[str]]] = {
    (State.TRIAGE, Severity.GENERAL): {
        HUANG: {S.TAKE, S.TRIAGE, S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.REASSIGN, S.CORRECT},
        CHEN: {S.TAKE, S.TRIAGE, S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.CORRECT},
        ZHOU: {S.TAKE, S.TRIAGE, S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.CORRECT},
        WU: {S.TAKE, S.TRIAGE, S.MERGE_DUPLICATE, S.REASSIGN},
        LIN: {S.TAKE, S.TRIAGE},
        HE: {S.TAKE, S.TRIAGE},
    },
    (State.SHEET_SIGNING, Severity.GENERAL): {
        HUANG: {
            *(S.SIGN_SHEET, S.RETURN_SHEET, S.REJECT_SHEET, S.CORRECT),
            *(S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.REASSIGN),
        },
        CHEN: {S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.CORRECT},
        WU: {S.MERGE_DUPLICATE, S.REASSIGN},
        LIN: NEITHER,
    },
    (State.ANALYSIS, Severity.GENERAL): {
        HUANG: {S.RECLASSIFY, S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.REASSIGN, S.CORRECT},
        CHEN: {S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.CORRECT},
        WU: {S.PUBLISH_ANALYSIS, S.CALL_DISCUSSION, S.MERGE_DUPLICATE, S.REASSIGN, S.HOLD},
        LIN: {S.PUBLISH_ANALYSIS, S.CALL_DISCUSSION, S.HOLD},
        HE: {S.CALL_DISCUSSION},
    },
    (State.TESTING, Severity.VERY_SEVERE): {
        HUANG: {
            *(S.CHANGE_SEVERITY, S.CHANGE_DEADLINE, S.CORRECT),
            *(S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.REASSIGN),
        },
        CHEN: {S.CHANGE_DEADLINE, S.HOLD, S.CORRECT},
        WU: {S.CHANGE_SEVERITY, S.REASSIGN, S.HOLD},
        LIN: {S.PASS_TEST, S.FAIL_TEST, S.CHANGE_SEVERITY, S.HOLD},
        HE: {S.PASS_TEST, S.FAIL_TEST, S.CHANGE_SEVERITY},
        ZHAO: {S.HOLD},
    },
    (State.FIX_CONFIRMING, Severity.SEVERE): {
        HUANG: {
            *(S.CONFIRM_FIX, S.REJECT_FIX, S.CHANGE_SEVERITY, S.CHANGE_DEADLINE, S.CORRECT),
            *(S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD, S.REASSIGN),
        },
        CHEN: {
            *(S.CONFIRM_FIX, S.REJECT_FIX, S.CHANGE_DEADLINE, S.CORRECT),
            *(S.MERGE_DUPLICATE, S.WITHDRAW, S.HOLD),
        },
        WU: {S.CHANGE_SEVERITY, S.MERGE_DUPLICATE, S.REASSIGN, S.HOLD},
        LIN: {S.CHANGE_SEVERITY, S.HOLD},
        HE: {S.CHANGE_SEVERITY},
        ZHAO: {S.HOLD},
    },
    (State.CLOSED, Severity.GENERAL): {
        HUANG: {S.REOPEN},
        CHEN: {S.REOPEN},
        ZHOU: {S.REOPEN},
        WU: NEITHER,
        LIN: NEITHER,
        ZHAO: NEITHER,
    },
}


@pytest.mark.parametrize(("state", "severity"), list(OFFERED))
def test_everybody_has_exactly_the_buttons_of_the_steps_they_may_take(
    team: Team, state: State, severity: Severity
) -> None:
    case = team.case(state, severity=severity)
    for person, steps in OFFERED[state, severity].items():
        assert team.buttons(person, case) - MORE == {*steps, *ANYBODY}, person
    for person in (VIEWER, ADMIN, ANNA):
        assert team.buttons(person, case) <= MORE, person


@pytest.mark.parametrize("state", [State.TRIAGE, State.ANALYSIS, State.TESTING, State.CLOSED])
def test_every_button_that_is_offered_works(team: Team, state: State) -> None:
    """Each button opens its form, and none is refused."""
    case = team.case(state)
    for person in EVERYBODY:
        for step in sorted(team.buttons(person, case) - MORE - {S.TAKE}):  # which needs no form
            form = team.open(person, Step(step), case)
            assert form.opened(step).body["submit"]
            form.close_view()
    assert not team.workspace.app_bugs


def test_a_case_has_one_card_which_is_edited_in_place(speakers: Team, words: Words) -> None:
    team = speakers
    case = team.report(CHEN)
    team.settle()
    card = next(message for message in team.workspace.history(DESK) if message.thread_ts is None)
    assert words.state(State.TRIAGE) in card.plain
    for state in (State.SHEET_DRAFTING, State.SHEET_SIGNING, State.ANALYSIS, State.DECISION, State.CLOSED):
        team.advance(case, state)
        team.settle()
        cards = [message for message in team.workspace.history(DESK) if message.thread_ts is None]
        assert [message.ts for message in cards] == [card.ts]
        assert words.state(state) in cards[0].plain
        assert set(cards[0].buttons) <= {"open_case"}


def test_the_thread_tells_every_step_in_order(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    team.take(WU, Step.COMMENT, case, text="I look at it")
    team.usually(WU, Step.CALL_DISCUSSION, case)
    team.usually(WU, Step.CLOSE_DISCUSSION, case)
    team.advance(case, State.CLOSED)
    lines = [line for entry in team.thread(case)[1:] for line in entry.splitlines()]  # an entry may join several
    told = [line for line in lines if line.startswith("@") and line.endswith(".")]
    assert told == [
        "@Lin Xiaoyu 林晓雨 triaged the case.",
        "@Chen Jing 陈静 submitted the task sheet for signature.",
        "@Huang Wei 黄伟 signed the task sheet.",
        "@Wu Gang 吴刚 commented.",
        "@Wu Gang 吴刚 called a discussion. It takes place in its thread in the service desk channel.",
        "@Wu Gang 吴刚 closed the discussion.",
        "@Wu Gang 吴刚 published the analysis report.",
        "@Wu Gang 吴刚 decided how the fault is handled.",
        "@Zhao Lei 赵磊 submitted the modification for testing.",
        "@He Qing 何清 passed the test.",
        "@Lin Xiaoyu 林晓雨 recorded the user manual: changed, or why not.",
        "@Wu Gang 吴刚 recorded the release.",
        "@Chen Jing 陈静 replied to the customer.",
        "@Chen Jing 陈静 recorded that the problem is solved.",
    ]


def test_the_card_in_the_channel_opens_the_case_with_the_buttons_of_whoever_presses(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    card = team.posted_card(case)
    team.press_copy(HUANG, card, "open_case")
    assert Step.SIGN_SHEET in team.person(HUANG).ephemerals()[-1].buttons
    team.press_copy(LIN, card, "open_case")
    assert Step.SIGN_SHEET not in team.person(LIN).ephemerals()[-1].buttons
    assert f"There is no case {case}, or it is not yours to read." in team.press_copy(ANNA, card, "open_case")


def test_buttons_and_states_are_named_as_in_the_process(speakers: Team, words: Words) -> None:
    team = speakers
    case = team.report(CHEN)
    for state, person in (
        (State.TRIAGE, LIN),
        (State.SHEET_DRAFTING, CHEN),
        (State.SHEET_SIGNING, HUANG),
        (State.ANALYSIS, WU),
        (State.TESTING, HE),
        (State.RELEASE, WU),
        (State.REPLYING, CHEN),
        (State.FIX_CONFIRMING, CHEN),
        (State.CLOSED, CHEN),
    ):
        team.advance(case, state)
        shown = team.look(person, case)
        assert words.state(state) in team.person(person).read(shown)
        labels = {control.action_id: control.label for control in shown.controls}
        for step, label in words.buttons.items():
            assert labels.get(step, label) == label
