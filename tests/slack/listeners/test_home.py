"""The App Home: what waits for its reader, and the reader's cases."""

import pytest

from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support.case_builder import CaseBuilder
from tests.support.team import ADMIN, ANNA, CHEN, HUANG, WU, Team


def opened(team: Team, user: str) -> str:
    """The App Home as this person reads it."""
    person = team.person(user)
    before = person.home
    person.open_home()
    team.workspace.wait_until(lambda: person.home is not before)
    assert person.home is not None
    return person.read(person.home)


def test_home_shows_what_waits_and_the_readers_own_cases(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    other = team.case(State.TRIAGE, reporter=WU)
    waiting, mine = opened(team, HUANG).split("我的问题单")
    assert case in waiting
    assert other in waiting, "everybody in the center may triage"
    assert case not in mine
    assert other in opened(team, WU).split("My cases")[1]
    assert case not in opened(team, ANNA)


def test_home_is_redrawn_at_each_opening(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    assert case in opened(team, HUANG).split("我的问题单")[0]
    team.usually(HUANG, Step.SIGN_SHEET, case)
    assert case not in opened(team, HUANG).split("我的问题单")[0]


@pytest.mark.parametrize(
    ("speaking", "nothing"), [("en", "Nothing is waiting for you."), ("zh-CN", "没有需要您处理的")]
)
def test_an_empty_home_says_so_and_offers_to_report(make_team: MakeTeam, speaking: str, nothing: str) -> None:
    team = make_team(speaking)
    assert nothing in opened(team, ANNA)
    anna = team.person(ANNA)
    assert anna.home is not None
    anna.press("home_report", message=anna.home)
    anna.opened("report")
    team.fill_report(ANNA, summary="Seen in the App Home")
    assert anna.submit().closed
    assert "Seen in the App Home" in opened(team, ANNA)


@pytest.mark.parametrize(
    ("speaking", "vacant"), [("en", "There is no center manager"), ("zh-CN", "目前没有客服中心经理")]
)
def test_home_shows_the_admins_which_roles_nobody_holds(make_team: MakeTeam, speaking: str, vacant: str) -> None:
    team = make_team(speaking)
    assert vacant not in opened(team, ADMIN)
    team.change_account(HUANG, deleted=True)
    assert vacant in opened(team, ADMIN)
    assert vacant not in opened(team, CHEN)


def test_a_case_can_be_read_from_home(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    opened(team, CHEN)
    chen = team.person(CHEN)
    assert chen.home is not None
    chen.press("read_all", message=chen.home)
    assert case in chen.read(chen.opened("reading"))


def test_a_queue_too_long_for_home_points_to_the_list(team: Team, builder: CaseBuilder) -> None:
    builder.reports(35)
    assert "/fault 列表" in opened(team, HUANG)
    assert not team.workspace.app_bugs


def test_home_is_published_at_the_next_opening_after_an_outage(team: Team) -> None:
    team.workspace.failures.outage("views.publish")
    team.person(CHEN).open_home()
    assert "等待您处理" in opened(team, CHEN)
