"""The hourly job that deletes what was sent long ago."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, func, select, update

from bot.casework.company_settings import Kept
from bot.clock import Clocks, Reference
from bot.health import Health
from bot.runtime import jobs as running
from bot.runtime.jobs import Jobs
from storage.tables import Outgoing
from storage.vocabulary import OutboxState
from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.fixed_company import FixedCompany
from tests.support.manual_clock import ManualClock

__all__ = ["builder", "clock"]
DAY = timedelta(days=1)


def jobs(builder: CaseBuilder, clock: ManualClock, keep_sent: timedelta, *, checked: bool = True) -> Jobs:
    clocks, health = Clocks(clock, builder.database.server_now), Health(clock.ticks)
    if checked:
        clocks.wall.heard(Reference.SLACK, clock.now(), clock.ticks())
    company = replace(builder.company, kept=Kept(sent=keep_sent))
    return Jobs(builder.database, FixedCompany(company), clocks, health, timedelta(seconds=5))


def everything_becomes(builder: CaseBuilder, state: OutboxState, at: datetime) -> None:
    with builder.database.write() as session:
        session.exec(update(Outgoing).values(state=state, due_at=at))


def kept(builder: CaseBuilder) -> int:
    with builder.database.read() as session:
        return session.exec(select(func.count(col(Outgoing.id)))).one()


@pytest.mark.parametrize(
    ("state", "age", "stays"),
    [
        (OutboxState.SENT, 44, True),
        (OutboxState.SENT, 46, False),
        (OutboxState.DROPPED, 46, False),
        (OutboxState.DEAD, 4600, True),
        (OutboxState.WAITING, 4600, True),
        (OutboxState.SENDING, 4600, True),
    ],
)
def test_only_finished_messages_are_deleted_after_their_time(
    builder: CaseBuilder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, state: OutboxState, age: int, stays: bool
) -> None:
    monkeypatch.setattr(running, "PRUNE_BATCH_SIZE", 2)
    for _ in range(3):
        builder.report()
    written = kept(builder)
    everything_becomes(builder, state, clock.now() - age * DAY)
    assert jobs(builder, clock, 45 * DAY).prune() == (0 if stays else written)
    assert kept(builder) == (written if stays else 0)


def test_nothing_is_deleted_while_its_case_could_be_reopened(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.report()
    everything_becomes(builder, OutboxState.SENT, clock.now() - 29 * DAY)
    job = jobs(builder, clock, DAY)
    assert (job.prune(), kept(builder) > 0) == (0, True)
    clock.advance(2 * DAY)
    assert (job.prune() > 0, kept(builder)) == (True, 0)


def test_a_clock_that_no_other_confirms_deletes_nothing(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.report()
    everything_becomes(builder, OutboxState.SENT, clock.now() - 400 * DAY)
    assert jobs(builder, clock, DAY, checked=False).prune() == 0
    assert kept(builder)
