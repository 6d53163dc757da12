"""Who is who: languages and time zones from Slack, roles from the settings and from user groups."""

from datetime import timedelta
from typing import Any

import pytest

from bot.slack.identity import profile_of
from storage import people
from storage.vocabulary import Role, State
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.team import ANNA, CHEN, DESK, HE, HUANG, LIN, SUNLI, WU, ZHAO, Team

GROUP = "S0TESTERS"


def roles(team: Team, user: str) -> set[Role]:
    with team.database.read() as session:
        own, acting = people.roles(session, user, team.playground.bot.company.today(team.now))
        return set(own | acting)


def members(team: Team, users: list[str]) -> None:
    team.workspace.add_group(GROUP, users, handle="testers")
    team.playground.standin.send_event(
        {"type": "subteam_members_changed", "subteam_id": GROUP, "team_id": "T0SANDBOX", "users_count": len(users)}
    )


def test_a_user_group_gives_its_roles_to_its_members(make_team: Any) -> None:
    team = make_team(FAULT_TESTERS=GROUP)
    team.workspace.wait_until(lambda: Role.TESTER in roles(team, LIN))
    assert Role.TESTER in roles(team, HE)
    members(team, [HE, ZHAO])
    team.workspace.wait_until(lambda: Role.TESTER in roles(team, ZHAO))
    assert Role.TESTER not in roles(team, LIN)
    work = CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)
    work.report()
    assert "triage" not in team.buttons(LIN, "F-1") if roles(team, LIN) else True


def test_a_group_that_gives_no_role_is_not_looked_up(team: Team) -> None:
    before = len(team.workspace.log.calls("usergroups.users.list"))
    members(team, [ANNA])
    assert roles(team, ANNA) == set()
    assert len(team.workspace.log.calls("usergroups.users.list")) == before


def test_a_group_that_slack_cannot_list_keeps_its_known_members(make_team: Any) -> None:
    team = make_team(FAULT_TESTERS=GROUP)
    team.workspace.wait_until(lambda: Role.TESTER in roles(team, LIN))
    team.workspace.failures.outage("usergroups.users.list", times=None)
    members(team, [ZHAO])
    team.playground.bot.check_slack()
    assert Role.TESTER in roles(team, LIN)
    assert Role.TESTER not in roles(team, ZHAO)
    team.workspace.failures.clear()
    team.playground.bot.check_slack()
    assert Role.TESTER in roles(team, ZHAO)
    assert Role.TESTER not in roles(team, LIN)


def test_a_changed_language_and_name_apply_from_the_next_answer_on(team: Team) -> None:
    assert "客服经理" in told(team, CHEN)
    team.change_account(CHEN, locale="en-GB", real_name="Chen Jing-Li")
    assert "service manager" in told(team, CHEN).lower()
    with team.database.read() as session:
        assert people.names(session, [CHEN]) == {CHEN: "Chen Jing-Li"}
    team.change_account(CHEN, locale="zh-TW")
    assert "客服经理" in told(team, CHEN)
    team.change_account(CHEN, locale="de-DE")
    assert "service manager" in told(team, CHEN).lower()


def told(team: Team, user: str) -> str:
    answer = team.person(user).command("/fault help", channel=DESK)
    assert answer.message is not None
    return answer.message.plain


def test_a_new_member_is_known_before_the_first_form(team: Team) -> None:
    team.workspace.add_user("U0NEW", name="new", real_name="New 新", locale="zh-CN", tz="Asia/Shanghai")
    payload = team.workspace.users.known("U0NEW").to_payload(0, with_locale=True, with_email=False)
    team.playground.standin.send_event({"type": "team_join", "user": payload})
    assert "角色" in told(team, "U0NEW")


def test_a_deputy_has_the_role_on_the_named_days(make_team: Any) -> None:
    days = f"{world.day(-1)}:{world.day(1)}"
    team = make_team(FAULT_DEPUTIES=f"center_manager:{CHEN}:{days}")
    work = CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)
    work.fault(State.SHEET_SIGNING)
    assert "sign_sheet" not in team.buttons(CHEN, "F-1"), "the drafter of a sheet does not sign it"
    assert Role.CENTER_MANAGER in roles(team, CHEN)
    team.playground.clock.advance(timedelta(days=3))
    assert Role.CENTER_MANAGER not in roles(team, CHEN)
    assert Role.CENTER_MANAGER in roles(team, HUANG)


@pytest.mark.parametrize("event", ["app_uninstalled", "tokens_revoked"])
def test_a_lost_access_is_in_the_health_report(team: Team, event: str) -> None:
    assert team.playground.bot.health.report().parts["slack"] == "ok"
    team.playground.standin.send_event({"type": event, "tokens": {"oauth": [], "bot": ["U0BOT"]}})
    assert team.playground.bot.health.report().parts["slack"] == event


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"real_name": "Wu Gang", "name": "wu.gang"}, "Wu Gang"),
        ({"profile": {"real_name": "Wu Gang", "display_name": "Gang"}, "name": "wu.gang"}, "Wu Gang"),
        ({"profile": {"display_name": "Gang"}, "name": "wu.gang"}, "Gang"),
        ({"name": "wu.gang"}, "wu.gang"),
        ({"real_name": "", "profile": None}, ""),
        ({"real_name": "Wu \ud83d"}, "Wu \ufffd"),
    ],
)
def test_a_person_is_called_by_real_name_display_name_or_handle(user: dict[str, Any], name: str) -> None:
    profile = profile_of({"id": WU, **user})
    assert (profile.name, profile.locale, profile.zone, profile.active) == (name, None, None, True)


def test_a_deleted_user_is_inactive() -> None:
    assert not profile_of({"id": WU, "deleted": True}).active


def test_a_person_of_another_company_who_is_known_from_before_is_asked_for(team: Team) -> None:
    """They are in no list of Slack's, so without asking they would count as ours for ever."""
    with team.database.write() as session:
        people.keep(session, [people.Profile(SUNLI, "Sun Li", None, None, active=True)], team.now)
    assert not foreign(team, SUNLI)
    team.playground.bot.check_slack()
    assert foreign(team, SUNLI)
    asked = infos(team, SUNLI)
    team.playground.bot.check_slack()
    assert infos(team, SUNLI) == asked, "known now"


def infos(team: Team, person: str) -> int:
    return sum(call.request["user"] == person for call in team.workspace.log.calls("users.info"))


def foreign(team: Team, person: str) -> bool:
    with team.database.read() as session:
        return people.accounts(session, [person])[person].foreign


@pytest.mark.parametrize(
    ("said", "team_id", "enterprise", "guest", "bot"),
    [
        ({"team_id": "T1", "is_restricted": True}, "T1", None, (True, False), False),
        ({"profile": {"team": "T1"}, "is_ultra_restricted": True}, "T1", None, (False, True), False),
        (
            {"team_id": "T1", "enterprise_user": {"enterprise_id": "E1"}, "is_bot": True},
            "T1",
            "E1",
            (False, False),
            True,
        ),
        ({"team_id": "", "profile": None, "enterprise_user": None, "is_bot": None}, None, None, (False, False), False),
        ({"id": "USLACKBOT", "is_bot": False, "team_id": "T1"}, "T1", None, (False, False), True),
    ],
)
def test_what_slack_says_of_an_account_is_kept(
    said: dict[str, Any], team_id: str | None, enterprise: str | None, guest: tuple[bool, bool], bot: bool
) -> None:
    profile = profile_of({"id": WU, "name": "wu", **said})
    assert (profile.team_id, profile.enterprise_id, profile.is_bot) == (team_id, enterprise, bot)
    assert (profile.is_restricted, profile.is_ultra_restricted) == guest
