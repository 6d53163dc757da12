"""The PostgreSQL server is restarted, down or out of connections: people are told, and the bot recovers by itself."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support import postgresql_server
from tests.support.case_builder import CaseBuilder
from tests.support.raw_requests import send
from tests.support.team import CHEN, DESK, HUANG, WU, Team

pytestmark = pytest.mark.database("postgresql")


@contextmanager
def exhausted(team: Team) -> Iterator[None]:
    """Every connection of the pool is in use."""
    with ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(team.database.engine.connect())
        yield


def test_the_bot_recovers_from_a_restart_of_the_server(
    postgresql: postgresql_server.Server, team: Team, builder: CaseBuilder
) -> None:
    builder.fault(State.SHEET_SIGNING)
    team.settle()
    huang = team.open(HUANG, Step.RETURN_SHEET, "F-1")
    huang.fill(reason="Which provinces?")
    with postgresql.away():
        sent = huang.submit()
        sick = send(team, "", method="GET", path="/health")
    assert "Not saved" in sent.errors["reason"]
    assert (sick.status, sick.json["database"]) == (503, "unavailable: no connection")
    assert huang.submit().closed
    assert team.state("F-1") is State.SHEET_DRAFTING
    assert "Which provinces?" in team.read(CHEN)
    team.workspace.wait_until(lambda: team.database.sees_all_commits)
    assert send(team, "", method="GET", path="/health").status == 200


def test_a_restart_between_two_requests_goes_unnoticed(
    postgresql: postgresql_server.Server, team: Team, builder: CaseBuilder
) -> None:
    builder.report()
    team.settle()
    with postgresql.away():
        pass
    assert "F-1" in team.sees(WU, "F-1")
    assert team.thread(team.report(CHEN)), "the next case may skip numbers: PostgreSQL never reuses one"


def test_a_command_without_a_free_connection_is_asked_to_try_again(make_team: MakeTeam) -> None:
    team = make_team()
    with exhausted(team):
        answer = team.person(HUANG).command("/fault list", channel=DESK)
        assert answer.message is not None
        assert "try again" in answer.message.plain
        assert send(team, "", method="GET", path="/health").json["database"] == "unavailable: too many connections"
    assert team.report(CHEN) == "F-1"
