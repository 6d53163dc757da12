"""The checkpoints that a running process writes, and the one that it sends each night."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.clock import Clocks
from bot.health import Health
from bot.runtime.jobs import Jobs
from storage import checkpoints, deliveries
from storage.database import Database
from storage.tables import Outgoing
from tests.support.answers import ADMIN, VIEWER
from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.fixed_company import FixedCompany
from tests.support.manual_clock import ManualClock
from tests.support.team import SHANGHAI

__all__ = ["builder", "clock"]
HOUR = timedelta(hours=1)


def jobs(builder: CaseBuilder, clock: ManualClock, database: Database | None = None) -> Jobs:
    used = database or builder.database
    clocks, health = Clocks(clock, used.server_now), Health(clock.ticks)
    return Jobs(used, FixedCompany(builder.company), clocks, health, timedelta(seconds=5))


@pytest.fixture
def second(builder: CaseBuilder, clock: ManualClock, fresh_url: str) -> Iterator[Jobs]:
    """The jobs of another process on the same database."""
    database = Database(fresh_url)
    yield jobs(builder, clock, database)
    database.close()


def sent(builder: CaseBuilder) -> list[str]:
    with builder.database.read() as session:
        return sorted(one.target for one in session.exec(select(Outgoing).where(Outgoing.view == "checkpoint")))


def newest(builder: CaseBuilder) -> int:
    with builder.database.read() as session:
        last = checkpoints.last(session)
    return last.number if last else 0


def shanghai(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def test_a_checkpoint_is_written_once_an_hour_by_one_of_the_processes(
    builder: CaseBuilder, clock: ManualClock, second: Jobs
) -> None:
    first = jobs(builder, clock)
    builder.report()
    assert [first.checkpoint(), second.checkpoint()] == [True, False]
    builder.report()
    clock.move(minutes=59)
    assert [second.checkpoint(), first.checkpoint()] == [False, False]
    clock.move(minutes=1)
    assert [second.checkpoint(), first.checkpoint()] == [True, False]
    clock.move(hours=5)
    assert not first.checkpoint(), "nothing has changed"
    assert newest(builder) == 2


def test_the_checkpoint_of_the_night_goes_to_admins_and_viewers_once(
    builder: CaseBuilder, clock: ManualClock, second: Jobs
) -> None:
    first = jobs(builder, clock)
    clock.set(shanghai(23, 23, 0))
    builder.report()
    clock.set(shanghai(24, 0, 4))
    assert not first.nightly_checkpoint(), "it is 00:04"
    clock.set(shanghai(24, 0, 5))
    assert [first.nightly_checkpoint(), second.nightly_checkpoint(), first.nightly_checkpoint()] == [True, False, False]
    assert sent(builder) == sorted([ADMIN, VIEWER])
    assert newest(builder) == 1, "what changed since the last one is in it"
    clock.set(shanghai(24, 13, 5))
    assert not second.nightly_checkpoint()
    clock.set(shanghai(25, 0, 5))
    assert [second.nightly_checkpoint(), first.nightly_checkpoint()] == [True, False]
    assert sent(builder) == sorted(2 * [ADMIN, VIEWER]), "also of a day on which nothing changed"


def test_a_night_without_a_running_process_is_made_up_for(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.report()
    clock.set(shanghai(24, 9, 5))
    assert jobs(builder, clock).nightly_checkpoint()
    assert len(sent(builder)) == 2


def test_nothing_is_sent_before_the_first_case(builder: CaseBuilder, clock: ManualClock) -> None:
    clock.set(shanghai(24, 0, 5))
    assert not jobs(builder, clock).nightly_checkpoint()
    assert sent(builder) == []


def test_forgetting_old_deliveries_does_not_send_a_night_twice(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.report()
    clock.set(shanghai(24, 0, 5))
    made = jobs(builder, clock)
    assert made.nightly_checkpoint()
    clock.set(shanghai(24, 23, 59))
    made.forget()
    assert not made.nightly_checkpoint()
    with builder.database.read() as session:
        assert deliveries.is_known(session, "checkpoint:2026-11-24")
