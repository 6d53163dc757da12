"""The PostgreSQL server is restarted, down, out of connections, or hangs: people are told, and the bot recovers by
itself.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import text

from storage.postgresql import MAX_WAIT_SECONDS
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support import postgresql_server
from tests.support.case_builder import CaseBuilder
from tests.support.raw_requests import health_of, send
from tests.support.team import CHEN, DESK, HUANG, WU, Team

pytestmark = pytest.mark.database("postgresql")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks and connections are waited for as in production. A test names it before `team`."""
    monkeypatch.setattr("storage.postgresql.MAX_WAIT_SECONDS", MAX_WAIT_SECONDS)


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
        sick = health_of(team)
    assert "Not saved" in sent.errors["reason"]
    assert (sick.status, sick.json["database"]) == (503, "failing: no connection")
    assert huang.submit().closed
    assert team.state("F-1") is State.SHEET_DRAFTING
    assert "Which provinces?" in team.read(CHEN)
    team.workspace.wait_until(lambda: team.database.sees_all_commits)
    assert health_of(team).status == 200


def test_a_restart_between_two_requests_goes_unnoticed(
    postgresql: postgresql_server.Server, team: Team, builder: CaseBuilder
) -> None:
    builder.report()
    team.settle()
    with postgresql.away():
        pass
    assert "F-1" in team.sees(WU, "F-1")
    assert team.thread(team.report(CHEN)), "the next case may skip numbers: PostgreSQL never reuses one"


@pytest.mark.usefixtures("impatient")
def test_a_command_without_a_free_connection_is_asked_to_try_again(make_team: MakeTeam) -> None:
    team = make_team()
    with exhausted(team):
        answer = team.person(HUANG).command("/fault list", channel=DESK)
        assert answer.message is not None
        assert "try again" in answer.message.plain
        assert health_of(team).json["database"] == "failing: too many connections"
    assert team.report(CHEN) == "F-1"


@pytest.mark.lock_timeout
def test_a_request_is_answered_and_health_as_well_while_the_server_hangs(
    postgresql: postgresql_server.Server, team: Team, builder: CaseBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Point 11: they waited for as long as the server."""
    monkeypatch.setattr("bot.runtime.database_check.CHECK_SECONDS", 0.5)
    builder.fault(State.SHEET_SIGNING)
    team.settle()
    huang = team.open(HUANG, Step.RETURN_SHEET, "F-1")
    huang.fill(reason="Which provinces?")
    with postgresql.suspended(team.database.url.rpartition("/")[2]):
        sent = huang.submit()
        sick = health_of(team)
        metrics = send(team, "", method="GET", path="/metrics")
    assert "Not saved" in sent.errors["reason"]
    assert (sick.status, sick.json["database"]) == (503, "failing: no answer")
    assert metrics.status == 200
    assert huang.submit().closed
    assert team.state("F-1") is State.SHEET_DRAFTING
    team.workspace.wait_until(lambda: health_of(team).json["database"] == "ok")


def test_the_delivery_that_cannot_claim_is_failing(impatient: None, team: Team, builder: CaseBuilder) -> None:
    """Point 7: another process held the lock of the claim, and urgent messages waited while health said ok."""
    health = team.playground.bot.health
    with team.database.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(hashtext('outbox'))"))
        builder.report()
        team.playground.bot.delivery.wake()
        team.workspace.wait_until(lambda: health.report().parts["delivery"] == "failing: locked")
        assert not health.report().healthy
        other.execute(text("SELECT pg_advisory_unlock(hashtext('outbox'))"))
        team.workspace.wait_until(lambda: health.report().parts["delivery"] == "ok")
    team.settle()
    assert "F-1" in team.read(CHEN)
