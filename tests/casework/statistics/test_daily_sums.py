"""Statistics add up the sums of days, which are computed from the facts of settled cases."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import col, func, select, update

from bot.casework.records.findings import FindingKind
from storage import migrations
from storage.statistics import Side, settle, summed_wrongly
from storage.statistics.daily_sums import EVERY, sum_up
from storage.tables import ChangedDay, DailySum, Fact
from storage.vocabulary import State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.old_databases import move
from tests.support.statistics_queries import MeasuredPeriod, on
from tests.support.tampering import tamper
from tests.support.team import CHEN
from tests.support.verified import found_in
from tests.support.world import MAX_WAIT_SECONDS


def closed(builder: CaseBuilder, clock: ManualClock, first: int, last: int, month: int = 11) -> int:
    """A fault that was reported and closed on these days."""
    on(clock, first, month=month)
    case = builder.fault(State.REPLYING)
    on(clock, last, month=month)
    builder.onward(case, State.CLOSED)
    return case


def summed(builder: CaseBuilder) -> int:
    """Settle all ended cases and sum up their days as the worker does; return the number of days."""
    days = 0
    with builder.database.write() as session:
        while (done := settle(session, 10)).count or done.days:
            days += done.days
    return days


def rows(builder: CaseBuilder) -> int:
    with builder.database.read() as session:
        return session.exec(select(func.count()).select_from(DailySum)).one()


def test_statistics_are_the_same_before_and_after_summing_up(builder: CaseBuilder, clock: ManualClock) -> None:
    for first, last in ((2, 4), (3, 3), (10, 28), (29, 30)):
        closed(builder, clock, first, last)
    on(clock, 5, month=12)
    periods = ("2026-11", "2026-11-01..2026-11-15", "2026-11-10", "2026", "2026-12")
    before = [MeasuredPeriod(builder, words).measures for words in periods]
    assert summed(builder) == 4
    assert [MeasuredPeriod(builder, words).measures for words in periods] == before


def test_statistics_are_read_from_the_sums(builder: CaseBuilder, clock: ManualClock) -> None:
    """Otherwise the other tests of this file would prove nothing."""
    case = closed(builder, clock, 2, 4)
    on(clock, 20)
    summed(builder)
    with builder.database.write() as session:
        session.exec(update(Fact).values(amount=7.0))
    found = MeasuredPeriod(builder, "2026-11")
    assert found.measure("M7", name="mean").value == 2 * 24 * 3600
    assert found.cases(found.measure("M7", name="mean"), Side.DENOMINATOR) == [case]
    builder.take(Step.COMMENT, CHEN, case, text="Thank you")
    with builder.database.write() as session:
        assert settle(session, 10).count == 1
        session.exec(update(Fact).values(amount=7.0))
    assert MeasuredPeriod(builder, "2026-11").measure("M7", name="mean").value == 7, "the day was changed since"


def test_a_case_that_ended_after_the_period_is_not_in_its_sums(builder: CaseBuilder, clock: ManualClock) -> None:
    """Both were reported on one day, so the sums of the day hold both."""
    on(clock, 2)
    early, late = builder.fault(State.REPLYING), builder.fault(State.REPLYING)
    on(clock, 4)
    builder.onward(early, State.CLOSED)
    on(clock, 10)
    builder.onward(late, State.CLOSED)
    on(clock, 20)
    summed(builder)
    week = MeasuredPeriod(builder, "2026-11-01..2026-11-07")
    assert week.numbers("M12") == (1, 2)
    assert (week.measure("M7", name="mean").n, week.measure("M11").n) == (1, 1)


def test_sums_are_kept_for_each_customer_and_product_and_for_all(builder: CaseBuilder, clock: ManualClock) -> None:
    closed(builder, clock, 2, 4)
    closed(builder, clock, 2, 3)
    on(clock, 20)
    assert summed(builder) == 1
    with builder.database.read() as session:
        groups = {(one.customer_id, one.product_id): json.loads(one.sums) for one in session.exec(select(DailySum))}
    assert set(groups) == {(EVERY, EVERY), (1, EVERY), (EVERY, 1), (1, 1)}
    assert len({json.dumps(one) for one in groups.values()}) == 1


def test_a_day_without_cases_that_are_settled_has_no_sums(builder: CaseBuilder, clock: ManualClock) -> None:
    case = closed(builder, clock, 2, 4)
    on(clock, 20)
    summed(builder)
    builder.take(Step.REOPEN, CHEN, case, reason="It came back")
    assert rows(builder) > 0, "out of date, so they are not read"
    assert summed(builder) == 1
    assert rows(builder) == 0


def test_the_upgrade_has_the_days_of_settled_cases_summed_up(builder: CaseBuilder, clock: ManualClock) -> None:
    closed(builder, clock, 2, 4)
    closed(builder, clock, 10, 10)
    on(clock, 20)
    summed(builder)
    before, sums = MeasuredPeriod(builder, "2026").measures, rows(builder)
    with builder.database.engine.execution_options(writes=True).begin() as connection:
        move(connection, "downgrade", "0023")
    migrations.upgrade(builder.database.engine)
    assert rows(builder) == 0
    assert MeasuredPeriod(builder, "2026").measures == before
    assert summed(builder) == 9, "all days from the 2nd to the 10th, of which some have no case"
    assert rows(builder) == sums
    assert MeasuredPeriod(builder, "2026").measures == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE daily_sums SET sums = replace(sums, '[1,', '[2,')",
        "UPDATE daily_sums SET sums = '{}' WHERE customer_id = 0 AND product_id = 0",
        "UPDATE daily_sums SET ended_at = ended_at - 1",
        "UPDATE daily_sums SET product_id = 99 WHERE customer_id = 1 AND product_id = 1",
        "DELETE FROM daily_sums WHERE customer_id = 1",
        "DELETE FROM daily_sums",
        "UPDATE daily_sums SET sums = x'ff70'",
    ],
)
def test_changed_sums_are_found(builder: CaseBuilder, clock: ManualClock, statement: str) -> None:
    closed(builder, clock, 2, 4)
    on(clock, 20)
    summed(builder)
    assert found_in(builder.database) == []
    tamper(builder.database, statement)
    assert found_in(builder.database) == [("2026-11-02", FindingKind.SUMS_CHANGED, "2026-11-02")]


def test_sums_of_no_day_are_found(builder: CaseBuilder, clock: ManualClock) -> None:
    tamper(builder.database, "INSERT INTO daily_sums VALUES (0, 0, 2147483647, 0, '{}')")
    assert found_in(builder.database) == [("?", FindingKind.SUMS_CHANGED, "?")]


def test_facts_that_are_committed_while_a_day_is_summed_up_are_summed_afterwards(
    shared: CaseBuilder, clock: ManualClock
) -> None:
    first, second = shared.fault(State.CLOSED), shared.fault(State.CLOSED)
    with shared.database.write() as session:
        assert settle(session, 1).count == 1
    with shared.database.write() as summing, ThreadPoolExecutor(1) as pool:
        assert sum_up(summing)
        pool.submit(shared.take, Step.COMMENT, CHEN, first, text="Thank you").result(timeout=MAX_WAIT_SECONDS)
    with shared.database.read() as session:
        assert session.exec(select(func.count()).select_from(ChangedDay)).one() == 1
        assert list(summed_wrongly(session)) == [], "the day is marked, so its sums are not read"
    assert summed(shared) == 1
    with shared.database.read() as session:
        assert list(summed_wrongly(session)) == []
        assert set(session.exec(select(col(Fact.case_id)).distinct())) == {first, second}


def test_several_processes_settle_and_sum_up_at_once(shared: CaseBuilder, clock: ManualClock) -> None:
    for _ in range(6):
        shared.fault(State.CLOSED)
        clock.advance(timedelta(hours=13))
    clock.advance(timedelta(days=1))
    before = MeasuredPeriod(shared, "2026").measures

    def work(_turn: int) -> None:
        with shared.database.write() as session:
            settle(session, 2)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(12)))
    summed(shared)
    with shared.database.read() as session:
        assert list(summed_wrongly(session)) == []
    assert MeasuredPeriod(shared, "2026").measures == before
