"""People who leave: the center manager hears once which places they leave, and gives them to others in one go."""

from datetime import timedelta

import pytest

from bot.sandbox import Message, Person
from storage import people
from storage.people import Grant
from storage.vocabulary import Place, Role, State, Step
from tests.conftest import MakeTeam
from tests.slack.delivery.test_delivery import deliver_with_retries
from tests.support.team import ADMIN, ANNA, HE, HUANG, LIN, WU, ZHAO, ZHOU, Team

GROUP = "S0TESTERS"


def leave(team: Team, user: str) -> None:
    """Deactivate an account."""
    team.change_account(user, deleted=True)


def lists(team: Team, user: str) -> list[Message]:
    """The messages with the places of somebody who left."""
    return [one for one in team.inbox(user) if "Open assignments of somebody who left" in team.person(user).read(one)]


def choose(team: Team, to: str) -> Person:
    """Press *Reassign all* and choose this person in the form."""
    manager = team.person(HUANG)
    before = {view.id for view in manager.views}
    manager.press("reassign_all", message=lists(team, HUANG)[0])
    team.workspace.wait_until(lambda: manager.opened("reassign_all").id not in before)
    manager.fill(person=to)
    return manager


def hand_over(team: Team, to: str) -> str:
    """Give all places to this person, and return what the center manager is told then."""
    before = len(results(team))
    assert choose(team, to).submit().closed
    team.workspace.wait_until(lambda: len(results(team)) > before)
    return results(team)[-1]


def results(team: Team) -> list[str]:
    said = [team.person(HUANG).read(one) for one in team.inbox(HUANG)]
    return [one for one in said if "Reassigned from" in one]


def test_a_named_modifier_who_is_deactivated_is_replaced_on_all_cases_at_once(team: Team) -> None:
    first, second = team.case(State.MODIFICATION), team.case(State.MODIFICATION)
    team.case(State.TRIAGE)
    leave(team, ZHAO)
    leave(team, ZHAO)
    team.playground.bot.check_slack()
    (told,) = lists(team, HUANG)
    text = team.person(HUANG).read(told)
    assert first in text
    assert second in text
    assert "F-3" not in text
    assert text.count("Nobody can act on it now") == 2
    (numbers,) = lists(team, ADMIN)
    assert team.card(first).summary[:20] not in team.person(ADMIN).read(numbers)
    for user in (HUANG, ADMIN):
        assert "Nobody can act on this case now" not in team.read(user), "the list says it"
    assert "to @Anna" in hand_over(team, ANNA)
    assert team.at(first, Place.MODIFIER) == team.at(second, Place.MODIFIER) == {ANNA}
    assert [line.step for line in team.history(first)][-1] is Step.REASSIGN
    assert team.history(first)[-1].person == HUANG


def test_the_cases_on_which_nobody_can_act_come_first(team: Team) -> None:
    tested, modified = team.case(State.TESTING), team.case(State.MODIFICATION)
    leave(team, ZHAO)
    text = team.person(HUANG).read(lists(team, HUANG)[0])
    assert text.index(modified) < text.index(tested)
    assert text.count("Nobody can act on it now") == 1


def test_who_becomes_a_guest_leaves_their_places(team: Team) -> None:
    number = team.case(State.MODIFICATION)
    team.change_account(ZHAO, is_restricted=True)
    (told,) = lists(team, HUANG)
    assert number in team.person(HUANG).read(told)


def test_what_the_rules_refuse_is_named_with_its_reason(team: Team) -> None:
    number = team.case(State.MODIFICATION)
    leave(team, LIN)
    said = hand_over(team, ANNA)
    assert "Not reassigned: 1." in said
    assert number in said
    assert team.at(number, Place.TESTERS) == {LIN}
    assert "Not reassigned" not in hand_over(team, HE)
    assert team.at(number, Place.TESTERS) == {HE}


@pytest.mark.parametrize("to", ["U0GUEST", "U0BUILD", ANNA])
def test_nobody_who_left_and_no_outsider_takes_the_places(team: Team, to: str) -> None:
    number = team.case(State.MODIFICATION)
    leave(team, ZHAO)
    manager = choose(team, to)
    if to == ANNA:
        leave(team, ANNA)
    submission = manager.submit()
    assert not submission.closed
    assert "person" in submission.errors
    assert team.at(number, Place.MODIFIER) == {ZHAO}


def test_who_leaves_the_group_that_gave_the_role_leaves_its_places(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_TESTERS=GROUP)
    team.workspace.wait_until(lambda: holds(team, LIN))
    number = team.case(State.ANALYSIS)
    assert LIN in team.at(number, Place.TESTERS)
    team.workspace.add_group(GROUP, [HE], handle="testers")
    team.playground.bot.check_slack()
    team.playground.bot.check_slack()
    (told,) = lists(team, HUANG)
    assert number in team.person(HUANG).read(told)
    hand_over(team, HE)
    assert team.at(number, Place.TESTERS) == {HE}


def holds(team: Team, user: str) -> bool:
    with team.database.read() as session:
        return user in people.holding(session, Role.TESTER, team.playground.bot.company.today(team.now))


def test_without_a_center_manager_the_admins_hear_numbers_only(team: Team) -> None:
    number = team.case(State.MODIFICATION)
    grants = [Grant(ADMIN, Role.ADMIN), Grant(WU, Role.TECHNICIAN), Grant(ZHOU, Role.SERVICE_MANAGER)]
    with team.database.write() as session:
        people.replace_grants(session, "settings", grants)
    leave(team, ZHAO)
    (told,) = lists(team, ADMIN)
    text = team.person(ADMIN).read(told)
    assert number in text
    assert team.card(number).summary[:20] not in text
    assert "reassign_all" not in told.buttons


@pytest.mark.parametrize(("language", "title"), [("en", "Cases that nobody can act on"), ("zh", "无人可处理的问题单")])
def test_several_sheets_that_nobody_may_sign_are_one_list_for_the_admins(
    make_team: MakeTeam, language: str, title: str
) -> None:
    team = make_team(language)
    first, second = team.case(State.SHEET_SIGNING), team.case(State.SHEET_SIGNING)
    team.settle()
    leave(team, HUANG)
    texts = [team.person(ADMIN).read(one) for one in team.inbox(ADMIN)]
    (told,) = [text for text in texts if title in text]
    assert first in told
    assert second in told
    assert team.card(first).summary[:20] not in told
    assert not [text for text in texts if first in text and text is not told]


def test_only_the_center_manager_reassigns_all(team: Team) -> None:
    team.case(State.MODIFICATION)
    leave(team, ZHAO)
    (told,) = lists(team, HUANG)
    said = team.press_copy(WU, told, "reassign_all")
    assert "it belongs to: Center manager" in said


def test_an_admin_is_reminded_of_a_sheet_that_nobody_may_sign_without_its_content(team: Team) -> None:
    number = team.case(State.SHEET_SIGNING)
    leave(team, HUANG)
    team.news(ADMIN)
    for _ in range(2):
        team.pass_time(timedelta(days=3))
        news = team.news(ADMIN)
        assert number in news
        assert team.card(number).summary[:20] not in news


def test_the_news_that_nobody_may_act_is_passed_on_where_its_reader_cannot_be_reached(team: Team) -> None:
    number = team.case(State.SHEET_SIGNING)
    team.workspace.failures.refuse("chat.postMessage", "messages_tab_disabled", times=None, user=ADMIN)
    leave(team, HUANG)
    deliver_with_retries(team)
    assert any("Nobody can act on" in line for line in team.thread(number))
