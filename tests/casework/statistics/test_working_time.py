"""M7 in working time."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.workflow.calendar import MONDAY_TO_FRIDAY, WorkingCalendar
from storage.statistics import Side, settle
from storage.vocabulary import State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.statistics_queries import MeasuredPeriod, on


def test_times_to_resolve_are_also_counted_in_working_time(builder: CaseBuilder, clock: ManualClock) -> None:
    nine, six = timedelta(hours=9), timedelta(hours=18)
    nine_to_six = WorkingCalendar(ZoneInfo("Asia/Shanghai"), ((nine, six),), MONDAY_TO_FRIDAY)
    builder.company = replace(builder.company, policy=replace(builder.company.policy, calendar=nine_to_six))
    for reported, resolved in ((6, 9), (9, 10), (14, 15)):  # Friday to Monday; Monday to Tuesday; a weekend
        on(clock, reported, 8)  # four in the afternoon in Shanghai
        case = builder.fault(State.REPLYING)
        on(clock, resolved, 3)  # eleven in the morning
        builder.usual(Step.REPLY_CUSTOMER, case)
    on(clock, 20)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.measure("M7", name="mean").value == (67 + 19 + 19) * 3600 / 3
    assert measured.numbers("M7", name="working_mean") == ((4 + 4 + 0) * 3600, 3)
    assert [measured.measure("M7", name=f"working_{name}").value for name in ("median", "p90")] == [4 * 3600] * 2
    with builder.database.write() as session:
        assert settle(session, 100).count == 0
    for case in (1, 2, 3):
        builder.onward(case, State.CLOSED)
    with builder.database.write() as session:
        assert settle(session, 100).count == 3
    on(clock, 21)
    measured = MeasuredPeriod(builder, "2026-11")
    assert measured.numbers("M7", name="working_mean") == (8 * 3600, 3), "settled cases count as well"
    assert measured.cases(measured.measure("M7", name="working_mean"), Side.DENOMINATOR) == [1, 2, 3]
