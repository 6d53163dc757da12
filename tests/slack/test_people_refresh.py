"""Groups and people are read from Slack independently: a failure costs only itself, and is named."""

from datetime import timedelta
from typing import Any

import pytest

from bot.health import to_be_told
from storage import people
from storage.vocabulary import Role
from tests.support.logged import Logged
from tests.support.raw_requests import health_of
from tests.support.team import ADMIN, ANNA, HE, LIN, ZHAO, Team

TESTERS, UNKNOWN = "S0TESTERS", "S0AAAGONE"
ABROAD = "U0ABROAD"


def roles(team: Team, user: str) -> set[Role]:
    with team.database.read() as session:
        own, acting = people.roles(session, user, team.playground.bot.company.today(team.now))
        return set(own | acting)


def name_of(team: Team, user: str) -> str | None:
    with team.database.read() as session:
        return people.names(session, [user]).get(user)


def parts(team: Team) -> dict[str, str]:
    found = team.playground.bot.health.report().parts
    return {part: state for part, state in found.items() if part.startswith("people")}


def in_a_minute(team: Team) -> None:
    team.playground.clock.advance(timedelta(minutes=1, seconds=1))
    team.playground.bot.people.go_on()


def test_an_unknown_group_costs_only_itself_and_is_named(logged: Logged, make_team: Any) -> None:
    team = make_team(FAULT_TECHNICIANS=f"{UNKNOWN},{ZHAO}", FAULT_TESTERS=TESTERS)
    team.workspace.wait_until(lambda: "people" in parts(team))
    team.playground.bot.check_slack()
    assert Role.TESTER in roles(team, LIN)
    assert Role.TECHNICIAN in roles(team, ZHAO)
    assert parts(team) == {"people": "ok", f"people:{UNKNOWN}": "no_such_subteam"}
    assert health_of(team).status == 200, "a restart does not help"
    assert {line["what"] for line in logged.of("people.not_refreshed")} == {f"people:{UNKNOWN}"}


def test_the_admins_are_told_once_of_an_unknown_group_and_once_when_it_is_known(make_team: Any) -> None:
    team = make_team(FAULT_TESTERS=f"{UNKNOWN},{LIN}")
    team.workspace.wait_until(lambda: f"people:{UNKNOWN}" in parts(team))
    for _check in range(4):
        team.playground.bot.check_slack()
        team.playground.bot._watchdog.check()
    (told,) = team.inbox(ADMIN)
    assert UNKNOWN in told.plain
    team.workspace.add_group(UNKNOWN, [HE], handle="found")
    for _check in range(4):
        team.playground.bot.check_slack()
        team.playground.bot._watchdog.check()
    assert Role.TESTER in roles(team, HE)
    assert len(team.inbox(ADMIN)) == 2


@pytest.mark.parametrize("failure", ["outage", "reset"])
@pytest.mark.parametrize(("call", "what"), [("users.info", ABROAD), ("usergroups.users.list", TESTERS)])
def test_an_interruption_is_in_health_but_no_alarm_and_the_rest_follows(
    make_team: Any, failure: str, call: str, what: str
) -> None:
    team = make_team(FAULT_TESTERS=TESTERS)
    team.workspace.wait_until(lambda: "people" in parts(team))
    team.workspace.add_user(ABROAD, name="abroad", team="T0OTHER")
    with team.database.write() as session:
        people.keep(session, [people.Profile(ABROAD, "", None, None, active=True)], team.now)
    team.workspace.change_user(ANNA, real_name="Anna Anders")
    getattr(team.workspace.failures, failure)(call, times=1)
    team.playground.bot.check_slack()
    assert parts(team)[f"people:{what}"].startswith("unknown: ")
    assert not to_be_told(parts(team))
    in_a_minute(team)
    assert name_of(team, ANNA) == "Anna Anders"
    assert set(parts(team).values()) == {"ok"}


def test_a_large_workspace_is_read_at_slacks_pace_after_its_groups(make_team: Any) -> None:
    """Slack takes 20 calls a minute of `users.list`; each page has 200 people."""
    team = make_team(FAULT_TESTERS=TESTERS)
    team.meet()
    everybody = [f"U8{number:05}" for number in range(4200)]
    for one in everybody:
        team.workspace.add_user(one, name=one.lower())
    late = everybody[-1]
    with team.database.write() as session:
        people.replace_grants(session, "test", [people.Grant(late, Role.TECHNICIAN)])
    before = len(team.workspace.log.calls("users.info"))
    team.playground.clock.advance(timedelta(hours=1))
    team.playground.bot.check_slack()
    assert Role.TESTER in roles(team, LIN)
    asked = team.workspace.log.calls("users.info")[before:]
    assert [call.request["user"] for call in asked] == [late], "who is on the first page is known from there"
    assert name_of(team, late) is not None, "people who matter come before the other pages"
    assert name_of(team, everybody[-2]) is None
    in_a_minute(team)
    assert name_of(team, everybody[-2]) is not None
    assert set(parts(team).values()) == {"ok"}


def test_a_limit_is_waited_for_and_nothing_is_left_out(team: Team) -> None:
    team.workspace.change_user(ANNA, real_name="Anna Anders")
    team.workspace.change_user(LIN, real_name="Lin Lin")
    team.workspace.failures.rate_limit("users.list", times=1, retry_after=90)
    team.playground.bot.check_slack()
    assert name_of(team, LIN) == "Lin Lin", "who matters does not wait for the list"
    in_a_minute(team)
    assert name_of(team, ANNA) != "Anna Anders", "Slack asked for 90 seconds"
    in_a_minute(team)
    assert name_of(team, ANNA) == "Anna Anders"


def test_who_is_in_no_list_and_unknown_to_slack_is_asked_for_once(team: Team) -> None:
    with team.database.write() as session:
        people.keep(session, [people.Profile("U0NOBODY", "", None, None, active=True)], team.now)
    for _hour in range(3):
        team.playground.bot.check_slack()
        in_a_minute(team)
    asked = [call.request["user"] for call in team.workspace.log.calls("users.info")]
    assert asked.count("U0NOBODY") == 1
