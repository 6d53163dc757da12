"""Taking a case through signed HTTP (process.md rule 2.1): button, command, who is told, and what is refused."""

from datetime import timedelta

import pytest

from storage.vocabulary import Place, State, Step
from tests.support.raw_requests import command, send
from tests.support.team import ANNA, CHEN, DESK, HE, HUANG, LIN, WU, ZHAO, ZHOU, Team

QUARTER = timedelta(minutes=16)


def an_answer(team: Team, user: str, words: str) -> str:
    """The answer to a command, as this person reads it."""
    return team.person(user).read(team.ask(user, words))


def with_the_button(team: Team, user: str) -> list[str]:
    """The direct messages of a person that offer to take a case."""
    return [message.ts for message in team.inbox(user) if Step.TAKE in message.buttons]


def test_a_case_is_taken_with_one_press_and_shows_who_has_it(team: Team) -> None:
    case = team.report(ANNA)
    team.take(LIN, Step.TAKE, case)
    assert team.at(case, Place.TRIAGER) == {LIN}
    assert Step.TAKE not in team.buttons(CHEN, case)
    assert Step.TRIAGE in team.buttons(CHEN, case), "taking changes no right"
    assert "Triager @Lin Xiaoyu" in " ".join(team.sees(CHEN, case).split())
    team.settle()
    assert "Waiting for @Lin Xiaoyu" in team.posted_card(case).plain
    assert "@Lin Xiaoyu 林晓雨 took the case." in "\n".join(team.thread(case))
    assert case in an_answer(team, LIN, "queue")
    assert case not in an_answer(team, CHEN, "queue")


def test_the_command_takes_a_case_and_shows_it(team: Team) -> None:
    first, second = team.report(ANNA), team.report(ANNA)
    assert "Waiting for @Chen Jing" in an_answer(team, CHEN, f"take {first}")
    assert "Waiting for @Lin Xiaoyu" in an_answer(team, LIN, f"接手 {second}")
    assert (team.at(first, Place.TRIAGER), team.at(second, Place.TRIAGER)) == ({CHEN}, {LIN})
    assert "/fault take needs the number of a case." in an_answer(team, CHEN, "take")
    assert "“it” is not the number of a case." in an_answer(team, CHEN, "take it")
    assert "There is no case F-99" in an_answer(team, CHEN, "take F-99")
    assert "is not yours to do" in an_answer(team, ANNA, f"take {first}")
    assert "or it is not yours to read" in an_answer(team, ZHAO, f"take {first}")


def test_a_case_is_taken_in_the_app_home_which_then_shows_it_without_the_button(team: Team) -> None:
    case = team.report(ANNA)
    lin = team.person(LIN)
    lin.open_home()
    team.workspace.wait_until(lambda: lin.home is not None)
    shown = lin.home
    assert shown is not None
    lin.press(Step.TAKE, message=shown)
    assert team.at(case, Place.TRIAGER) == {LIN}
    team.workspace.wait_until(lambda: lin.home is not shown)
    assert lin.home is not None
    assert case in lin.read(lin.home)
    assert Step.TAKE not in lin.home.buttons


def test_a_queue_offers_to_take_what_is_free_and_answers_with_the_case(team: Team) -> None:
    case = team.report(ANNA)
    queue = team.ask(LIN, "queue")
    lin = team.person(LIN)
    lin.press(Step.TAKE, message=queue)
    assert team.at(case, Place.TRIAGER) == {LIN}
    team.workspace.wait_until(lambda: Step.TRIAGE in lin.ephemerals(DESK)[-1].buttons)
    assert Step.TAKE not in team.ask(LIN, "queue").buttons
    assert "This case is with @Lin Xiaoyu 林晓雨 already." in team.refused(CHEN, Step.TAKE, case)


def test_the_card_in_the_channel_offers_to_take_the_case_while_nobody_has_it(team: Team) -> None:
    case = team.report(ANNA)
    card = team.posted_card(case)
    assert set(card.buttons) == {Step.TAKE, "open_case"}
    assert "is not yours to do" in team.press_copy(ANNA, card, Step.TAKE), "judged when it is pressed"
    team.person(LIN).press(Step.TAKE, message=card)
    assert team.at(case, Place.TRIAGER) == {LIN}
    assert set(team.posted_card(case).buttons) == {"open_case"}
    assert "This case is with @Lin Xiaoyu 林晓雨 already." in team.press_copy(HE, card, Step.TAKE)


def test_the_card_of_a_case_whose_holder_left_offers_to_take_it_again(team: Team) -> None:
    case = team.case(State.MANUAL_UPDATE)
    assert Step.TAKE not in team.posted_card(case).buttons
    team.change_account(LIN, deleted=True)
    assert Step.TAKE in team.posted_card(case).buttons


@pytest.mark.parametrize("state", [State.SHEET_SIGNING, State.HANDLING, State.MODIFICATION])
def test_no_button_where_a_state_waits_for_somebody_who_is_named(shared: Team, state: State) -> None:
    assert Step.TAKE not in shared.posted_card(shared.case(state)).buttons


def test_a_repeated_command_has_no_further_effect(team: Team) -> None:
    case = team.report(ANNA)
    request = command(team, f"take {case}", LIN)
    first, again = send(team, request), send(team, request)
    assert "Awaiting triage" in first.text
    assert "Awaiting triage" in again.text
    assert [line.step for line in team.history(case)] == [Step.REPORT, Step.TAKE]


@pytest.mark.parametrize(("user", "helped"), [(HUANG, True), (WU, True), (CHEN, False), (HE, False)])
def test_the_refusal_names_the_holder_and_offers_to_reassign_to_those_who_may(
    team: Team, user: str, helped: bool
) -> None:
    case = team.report(ANNA)
    team.take(LIN, Step.TAKE, case)
    said = team.ask(user, f"take {case}")
    assert "This case is with @Lin Xiaoyu 林晓雨 already." in team.person(user).read(said)
    assert (Step.REASSIGN in said.buttons) is helped
    assert "This case is with @Lin Xiaoyu 林晓雨 already." in team.refused(user, Step.TAKE, case)
    assert (Step.REASSIGN in team.person(user).ephemerals()[-1].buttons) is helped


def test_the_button_of_the_refusal_gives_the_case_to_somebody_else(team: Team) -> None:
    case = team.report(ANNA)
    team.take(LIN, Step.TAKE, case)
    team.refused(HUANG, Step.TAKE, case)
    huang = team.person(HUANG)
    huang.press(Step.REASSIGN, message=huang.ephemerals()[-1])
    team.workspace.wait_until(lambda: huang.view is not None)
    huang.fill(place="triager", person=ZHAO)
    assert "person" in huang.submit().errors, "nobody triages without a role of the center"
    huang.fill(person=HE)
    assert huang.submit().closed
    assert team.at(case, Place.TRIAGER) == {HE}
    assert Step.TRIAGE in team.inbox(HE)[-1].buttons, "the case is a task now"


def test_those_who_were_asked_hear_who_took_an_urgent_report_and_are_not_reminded(team: Team) -> None:
    case = team.report(ANNA, suspected_urgency="high")
    team.settle()
    assert with_the_button(team, CHEN), "the service managers are asked at once"
    team.told()
    assert team.told_by(lambda: team.take(LIN, Step.TAKE, case)) == {LIN, CHEN, ZHOU, HUANG}
    assert "took the case" in team.read(CHEN)
    assert not with_the_button(team, CHEN), "the task is settled"
    assert Step.TRIAGE in team.inbox(LIN)[-1].buttons, "whoever took it gets it as a task"
    team.told()
    team.pass_time(QUARTER)
    team.pass_time(QUARTER)
    assert team.told() == set()


def test_a_report_that_asked_nobody_is_taken_without_telling_anybody_else(team: Team) -> None:
    case = team.report(ANNA)
    assert team.told_by(lambda: team.take(LIN, Step.TAKE, case)) == {LIN}


def test_the_reminder_of_an_urgent_report_offers_to_take_it(team: Team) -> None:
    case = team.report(ANNA, suspected_urgency="high")
    team.pass_time(QUARTER)
    reminder = next(message for message in team.inbox(WU) if Step.TAKE in message.buttons)
    team.person(WU).press(Step.TAKE, message=reminder)
    assert team.at(case, Place.TRIAGER) == {WU}
    assert "This case is with @Wu Gang 吴刚 already." in team.press_copy(
        HE, next(message for message in team.inbox(HE) if Step.TAKE in message.buttons), Step.TAKE
    )


def test_one_of_several_service_managers_takes_a_question(team: Team) -> None:
    case = team.report(ANNA)
    team.take(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="no")
    team.settle()
    asked = next(message for message in team.inbox(ZHOU) if Step.TAKE in message.buttons)
    told = team.told_by(lambda: team.person(ZHOU).press(Step.TAKE, message=asked))
    assert team.at(case, Place.SERVICE_MANAGER) == {ZHOU}
    assert {ZHOU, CHEN} <= told
    assert "took the case" in team.read(CHEN)
    assert case not in an_answer(team, CHEN, "queue")
    assert Step.ANSWER in team.buttons(CHEN, case), "any service manager may answer"


def test_a_button_of_before_the_triage_answers_what_happened(team: Team) -> None:
    case = team.report(ANNA, suspected_urgency="high")
    team.settle()
    old = next(message for message in team.inbox(CHEN) if Step.TAKE in message.buttons)
    team.advance(case, State.SHEET_DRAFTING)
    assert "This case has moved on; it is now Drafting task sheet." in team.press_copy(CHEN, old, Step.TAKE)
