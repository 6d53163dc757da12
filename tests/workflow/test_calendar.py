"""Working time compared with slow references that look at every minute or every day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.workflow.calendar import AROUND_THE_CLOCK, MONDAY_TO_FRIDAY, Part, WorkingCalendar
from tests.support.property_examples import examples

HOUR, DAY, MINUTE, TICK = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)
SHANGHAI, BERLIN, LORD_HOWE = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"))
ZONES = (SHANGHAI, BERLIN, LORD_HOWE, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"))
DAYTIME: tuple[Part, ...] = ((9 * HOUR, 18 * HOUR),)
WITH_A_BREAK: tuple[Part, ...] = ((9 * HOUR, 12 * HOUR), (13.5 * HOUR, 18 * HOUR))
#: Days around which clocks change, the year ends and Christmas falls.
DAYS = (
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 12, 31),
)
CHRISTMAS = (date(2026, 12, 25), date(2026, 12, 26))


@cache
def christmas(year: int) -> Mapping[date, bool]:
    """The public days of a year: no work at Christmas, and work on 19 December."""
    return {day.replace(year=year): False for day in CHRISTMAS} | {date(year, 12, 19): True}


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    bounds = draw(st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted))
    parts = [(since * HOUR / 4, until * HOUR / 4) for since, until in pairwise(bounds)]
    near = st.sampled_from(DAYS).flatmap(lambda day: st.integers(-3, 3).map(lambda n: day + n * DAY))
    holidays = draw(st.frozensets(near, max_size=4))
    return WorkingCalendar(
        draw(st.sampled_from(ZONES)),
        tuple(parts[::2] if draw(st.booleans()) else parts),
        draw(st.frozensets(st.integers(0, 6), min_size=1)),
        holidays,
        draw(st.frozensets(near, max_size=4)),
        draw(st.sampled_from((christmas, lambda _year: {}))),
    )


def moments(unit: timedelta) -> st.SearchStrategy[datetime]:
    """Moments within four days of one of `DAYS`."""
    away = st.integers(-4 * DAY // unit, 4 * DAY // unit)
    return st.builds(lambda day, n: datetime.combine(day, time(), UTC) + n * unit, st.sampled_from(DAYS), away)


def minutes_worked(calendar: WorkingCalendar, start: datetime, end: datetime) -> int:
    """Count working minutes one by one on a wall clock that jumps forward with the others but stands still when they go
    back.
    """
    count, shown = 0, datetime(1, 1, 1)  # noqa: DTZ001 - what a clock on the wall shows
    for n in range(-3 * 60, (end - start) // MINUTE):
        shown = max(shown, (start + n * MINUTE).astimezone(calendar.zone).replace(tzinfo=None))
        of_day = shown - datetime.combine(shown, time())
        works = calendar.is_working_day(shown.date()) and any(a <= of_day < b for a, b in calendar.hours)
        count += works and n >= 0
    return count


@settings(max_examples=examples(16), deadline=None)
@given(calendar=calendars(), start=moments(MINUTE), span=st.integers(0, 5 * 24 * 60))
def test_working_seconds_equal_the_minutes_counted_on_a_wall_clock(
    calendar: WorkingCalendar, start: datetime, span: int
) -> None:
    end = start + span * MINUTE
    assert calendar.working_seconds(start, end) == 60 * minutes_worked(calendar, start, end)


@settings(max_examples=examples(32), deadline=None)
@given(calendar=calendars(), three=st.tuples(moments(TICK), moments(TICK), moments(TICK)))
def test_working_time_adds_up(calendar: WorkingCalendar, three: tuple[datetime, datetime, datetime]) -> None:
    one, two, three_ = three
    whole = calendar.working_seconds(one, three_)
    long = (three_ - one).total_seconds()
    assert calendar.working_times([one.timestamp()], [long]) == pytest.approx([whole], abs=1e-5)
    assert calendar.working_seconds(one, two) + calendar.working_seconds(two, three_) == pytest.approx(whole, abs=1e-6)
    assert calendar.working_seconds(three_, one) == -whole
    first, last = sorted((one, three_))
    assert 0 <= calendar.working_seconds(first, last) <= (last - first).total_seconds() + 1e-6


@settings(max_examples=examples(32), deadline=None)
@given(calendar=calendars(), moment=moments(TICK), ticks=st.integers(1, 60 * HOUR // TICK))
def test_after_returns_the_first_moment_at_which_the_working_time_is_over(
    calendar: WorkingCalendar, moment: datetime, ticks: int
) -> None:
    end = calendar.after(moment, ticks * TICK)
    assert calendar.working_seconds(moment, end) == pytest.approx(ticks / 1e6, abs=1e-6)
    assert calendar.working_seconds(end - MINUTE, end) > 0, "the span ends at closing time, not at the next opening"


@settings(max_examples=examples(32), deadline=None)
@given(calendar=calendars(), moment=moments(MINUTE), days=st.integers(1, 30))
def test_working_days_are_counted_one_by_one(calendar: WorkingCalendar, moment: datetime, days: int) -> None:
    today = day = moment.astimezone(calendar.zone).date()
    left = days
    while left:
        day += DAY
        left -= calendar.working_seconds(_midnight(day, calendar), _midnight(day + DAY, calendar)) > 0
    later, end = calendar.days_later(moment, days), calendar.end_of_days(moment, days)
    assert later.astimezone(calendar.zone).date() == day > today
    assert _midnight(day, calendar) < end <= _midnight(day + DAY, calendar)
    assert calendar.working_seconds(later, later + MINUTE) > 0
    assert calendar.working_seconds(end, _midnight(day + DAY, calendar)) == 0
    assert calendar.working_seconds(end - MINUTE, end) > 0


def _midnight(day: date, calendar: WorkingCalendar) -> datetime:
    return datetime.combine(day, time(), calendar.zone).astimezone(UTC)


@given(start=moments(TICK), end=moments(TICK))
def test_around_the_clock_all_time_is_working_time(start: datetime, end: datetime) -> None:
    assert AROUND_THE_CLOCK.working_seconds(start, end) == pytest.approx((end - start).total_seconds(), abs=1e-6)
    assert AROUND_THE_CLOCK.days_later(start, 2) == start + 2 * DAY
    assume(end >= start)
    assert AROUND_THE_CLOCK.after(start, end - start) == end


# Examples in figures


def at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


OFFICE_HOURS = WorkingCalendar(SHANGHAI, WITH_A_BREAK, MONDAY_TO_FRIDAY)
NIGHTS = WorkingCalendar(BERLIN, ((2.25 * HOUR, 2.75 * HOUR),))


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-23 08:00", "2026-11-23 09:30", 0.5),
        ("2026-11-23 11:00", "2026-11-23 14:00", 1.5),
        ("2026-11-23 12:10", "2026-11-23 13:20", 0),
        ("2026-11-20 17:00", "2026-11-23 10:00", 2),
        ("2026-11-21 10:00", "2026-11-22 16:00", 0),
        ("2025-12-01 00:00", "2026-12-01 00:00", 261 * 7.5),
    ],
)
def test_working_hours_between(start: str, end: str, hours: float) -> None:
    assert OFFICE_HOURS.working_seconds(at(SHANGHAI, start), at(SHANGHAI, end)) == hours * 3600


@pytest.mark.parametrize(
    ("moment", "hours", "end"),
    [
        ("2026-11-23 09:00", 3, "2026-11-23 12:00"),
        ("2026-11-23 11:00", 1.5, "2026-11-23 14:00"),
        ("2026-11-20 16:00", 4, "2026-11-23 11:00"),
        ("2026-11-21 03:00", 4, "2026-11-23 14:30"),
        ("2026-11-23 12:30", 0, "2026-11-23 12:30"),
    ],
)
def test_the_moment_after_working_hours(moment: str, hours: float, end: str) -> None:
    assert OFFICE_HOURS.after(at(SHANGHAI, moment), hours * HOUR) == at(SHANGHAI, end)


def test_a_span_that_ends_at_closing_time_ends_on_that_day_to_the_microsecond() -> None:
    moment = at(SHANGHAI, "2026-11-20 16:00:00.123457")
    close = at(SHANGHAI, "2026-11-20 18:00")
    assert OFFICE_HOURS.after(moment, close - moment) == close
    assert OFFICE_HOURS.after(moment, close - moment + TICK) == at(SHANGHAI, "2026-11-23 09:00") + TICK


@pytest.mark.parametrize(
    ("moment", "days", "later", "end"),
    [
        ("2026-11-20 17:00", 1, "2026-11-23 17:00", "2026-11-23 18:00"),
        ("2026-11-20 18:00", 1, "2026-11-23 09:00", "2026-11-23 18:00"),
        ("2026-11-21 10:00", 3, "2026-11-25 10:00", "2026-11-25 18:00"),
        ("2026-11-23 12:30", 10, "2026-12-07 09:00", "2026-12-07 18:00"),
    ],
)
def test_the_moment_after_working_days(moment: str, days: int, later: str, end: str) -> None:
    assert OFFICE_HOURS.days_later(at(SHANGHAI, moment), days) == at(SHANGHAI, later)
    assert OFFICE_HOURS.end_of_days(at(SHANGHAI, moment), days) == at(SHANGHAI, end)


def test_days_set_by_the_company_override_public_days_which_override_the_week() -> None:
    calendar = WorkingCalendar(
        BERLIN,
        DAYTIME,
        MONDAY_TO_FRIDAY,
        holidays=frozenset({date(2026, 12, 19), date(2026, 12, 24)}),
        working_days=frozenset({date(2026, 12, 25), date(2026, 12, 20)}),
        public=christmas,
    )
    worked = [day for day in range(18, 29) if calendar.is_working_day(date(2026, 12, day))]
    assert worked == [18, 20, 21, 22, 23, 25, 28]
    assert calendar.is_working_day(date(2027, 12, 19)), "a working Saturday of the public calendar"


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_a_day_without_closing_time_has_23_24_or_25_hours_when_clocks_change(day: str, hours: int) -> None:
    midnight = at(BERLIN, day)
    calendar = WorkingCalendar(BERLIN)
    assert calendar.working_seconds(midnight, midnight + DAY) == hours * 3600
    assert calendar.end_of_days(midnight - DAY, 1) == midnight + DAY


def test_hours_that_the_clock_skips_are_not_worked_and_repeated_ones_are_worked_once() -> None:
    skipped, twice = at(BERLIN, "2026-03-29"), at(BERLIN, "2026-10-25")
    assert NIGHTS.working_seconds(skipped, skipped + DAY) == 0
    assert NIGHTS.working_seconds(twice, twice + DAY) == 1800
    assert NIGHTS.days_later(skipped - DAY, 1) == at(BERLIN, "2026-03-30 02:15"), "that day has no working time"


def test_the_working_time_of_an_ordinary_week() -> None:
    assert OFFICE_HOURS.usually_in(7 * DAY) == 37.5 * HOUR
    assert AROUND_THE_CLOCK.usually_in(DAY) == DAY


def test_years_may_be_asked_for_in_any_order() -> None:
    start = at(SHANGHAI, "2026-11-23 09:00")
    calendar = WorkingCalendar(SHANGHAI, DAYTIME, MONDAY_TO_FRIDAY)
    before = calendar.working_seconds(start, start + 7 * DAY)
    for year in (2031, 1999, 2015):
        there = start.replace(year=year)
        assert calendar.working_seconds(there, there + 7 * DAY) == before == 45 * 3600
    assert calendar == WorkingCalendar(SHANGHAI, DAYTIME, MONDAY_TO_FRIDAY), "cached years do not affect equality"


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("edge", [datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)])
def test_moments_at_the_edge_of_a_year_count_in_every_zone(zone: ZoneInfo, edge: datetime) -> None:
    for moment in (edge - 2 * HOUR, edge):
        calendar = WorkingCalendar(zone)
        calendar.working_seconds(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC))
        assert calendar.working_seconds(moment, moment + HOUR) == 3600


def test_after_fails_where_nobody_ever_works() -> None:
    never = {date(9979, 1, 1) + n * DAY: False for n in range(21 * 365)}
    calendar = WorkingCalendar(public=lambda _year: never)
    with pytest.raises(OverflowError):
        calendar.after(datetime(9980, 1, 1, tzinfo=UTC), HOUR)
