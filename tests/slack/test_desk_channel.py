"""The desk channel with a guest, an outsider, or shared with another company is a finding of health."""

from typing import Any

import pytest

from bot.health import to_be_told
from bot.sandbox.workspace.users import OTHER_TEAM_ID
from tests.conftest import MakeTeam
from tests.support.raw_requests import health_of
from tests.support.team import ADMIN, DESK, SUNLI, Team

GUEST = "U0GUEST"


def state(team: Team) -> str:
    team.playground.bot.check_slack()
    return team.playground.bot.health.report().parts["desk_channel"]


def test_the_desk_channel_of_ours_alone_is_in_order(team: Team) -> None:
    assert state(team) == "ok"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"shared": True}, "shared with another company"),
        ({"join": GUEST}, f"outsiders: {GUEST}"),
        ({"join": SUNLI}, f"outsiders: {SUNLI}"),
        ({"join": "U0BUILD"}, "ok"),
    ],
    ids=str,
)
def test_others_in_the_desk_channel_are_found(team: Team, change: dict[str, Any], found: str) -> None:
    if "join" in change:
        team.workspace.channels.join(DESK, change["join"])
    else:
        team.workspace.channels.change(DESK, **change)
    assert state(team) == found
    assert health_of(team).status == 200, "a restart does not help"
    assert ("desk_channel" in to_be_told(team.playground.bot.health.report().parts)) == (found != "ok")


def test_a_guest_of_ours_is_no_finding(make_team: MakeTeam) -> None:
    team = make_team(FAULT_OUR_GUESTS=GUEST)
    team.workspace.channels.join(DESK, GUEST)
    assert state(team) == "ok"


def test_a_desk_channel_of_several_pages_is_read_whole(team: Team) -> None:
    colleagues = [f"U0{number:05}" for number in range(1000)]
    for one in colleagues:
        team.workspace.add_user(one, name=one.lower())
    team.workspace.add_user("U9LAST", name="last", team=OTHER_TEAM_ID)
    team.workspace.channels.join(DESK, *colleagues, "U9LAST")
    assert state(team) == "outsiders: U9LAST"


@pytest.mark.parametrize("error", ["missing_scope", "channel_not_found"])
def test_a_desk_channel_that_slack_does_not_show_is_unknown_and_no_alarm(team: Team, error: str) -> None:
    team.workspace.failures.refuse("conversations.members", error, times=None)
    assert state(team) == f"unknown: {error}"
    assert not to_be_told(team.playground.bot.health.report().parts)


def test_the_admins_are_told_once_and_again_when_it_is_over(team: Team) -> None:
    watchdog, admin = team.playground.bot._watchdog, team.person(ADMIN)

    def checked() -> list[str]:
        for _check in range(3):
            watchdog.check()
        return [admin.read(message) for message in team.inbox(ADMIN)]

    assert checked() == []
    team.workspace.channels.join(DESK, GUEST)
    state(team)
    (told,) = checked()
    assert "服务台频道" in told
    assert len(checked()) == 1
    team.workspace.channels.leave(DESK, GUEST)
    state(team)
    assert len(checked()) == 2
