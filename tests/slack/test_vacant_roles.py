"""Health names the roles that nobody holds, which is all that says it where there is no admin either."""

from storage import people
from storage.vocabulary import Role
from tests.support.case_builder import GRANTS
from tests.support.logged import Logged
from tests.support.raw_requests import health_of
from tests.support.team import Team


def state(team: Team) -> str:
    team.playground.bot.check_slack()
    return team.playground.bot.health.report().parts["roles"]


def test_roles_that_nobody_holds_are_a_finding_of_health(logged: Logged, team: Team) -> None:
    assert state(team) == "ok"
    with team.database.write() as session:
        left = [grant for grant in GRANTS if grant.role not in (Role.ADMIN, Role.TESTER)]
        people.replace_grants(session, "settings", left)
    assert state(team) == "vacant: admin, tester"
    assert health_of(team).status == 200, "a restart does not help"
    assert [line["vacant"] for line in logged.of("roles.nobody_to_tell")] == [["tester"]]
