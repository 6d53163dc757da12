"""Several processes deliver and remind together, on one PostgreSQL server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.bootstrap import Bot
from bot.slack.pace import Pace
from storage import outbox
from storage.tables import Outgoing
from storage.vocabulary import OutboxState
from tests.casework.doing import Doing
from tests.slack.test_delivery import each_exactly_once, patiently
from tests.team import DESK, LIN, Team


@pytest.fixture
def fresh_url(postgresql_url: str) -> str:
    """These tests are about PostgreSQL, whatever the others run on."""
    return postgresql_url


@pytest.fixture
def doing(team: Team) -> Doing:
    return Doing(team.database, team.playground.bot.office, team.playground.clock.now)


@pytest.fixture
def other(team: Team) -> Iterator[Bot]:
    """A worker beside the bot of the team."""
    settings = team.playground.settings.model_copy(update={"port": 0})
    made = Bot(settings, clock=team.playground.clock, pace=Pace(timedelta()), web=False)
    made.start()
    yield made
    made.stop()


def test_each_message_is_sent_once(team: Team, doing: Doing, other: Bot) -> None:
    for _ in range(10):
        doing.report()
    patiently(team)
    each_exactly_once(team)
    assert len(team.workspace.history(DESK)) == 10


def test_what_another_process_writes_is_delivered_at_once(team: Team, other: Bot) -> None:
    """The worker hears of the commit: nobody wakes it in this process."""
    team.playground.bot.delivery.stop()
    team.workspace.wait_until(lambda: other.database.hears_everybody)
    with team.database.write() as session:
        outbox.put(
            session, "dead_letter", LIN, team.now, arguments={"number": "", "view": "", "target": LIN, "error": "x"}
        )
    team.workspace.wait_until(lambda: team.person(LIN).inbox(), timeout=2)


def test_what_a_killed_process_had_is_taken_up_within_a_sweep(team: Team, doing: Doing, other: Bot) -> None:
    """Its connection is gone and with it its number: nobody waits for the lease."""
    doing.report()
    patiently(team)
    gone = 77
    with team.database.write(quietly=True) as session:
        row = session.exec(select(Outgoing).order_by(Outgoing.id)).first()  # type: ignore[arg-type]
        assert row is not None
        row.state, row.leased_by, row.lease_until = OutboxState.SENDING, gone, team.now + outbox.LEASE
    team.playground.clock.advance(outbox.GRACE + timedelta(seconds=1))
    team.workspace.wait_until(team.playground.is_quiet, timeout=10)
    each_exactly_once(team)
