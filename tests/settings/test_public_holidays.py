"""Public holidays as the library knows them, and the working calendar that the settings make of them."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_source import calendar
from bot.settings.company_values import CompanyValues
from bot.workflow.calendar import WorkingCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


def desk(**environ: str) -> WorkingCalendar:
    return calendar(CompanyValues.read(environ))


CHINA = desk(FAULT_CALENDAR="CN", FAULT_TIMEZONE="Asia/Shanghai", FAULT_WORKING_HOURS="09:00-12:00,13:30-18:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("first", "last", "worked"),
    [
        ((2026, 1, 1), (2026, 1, 4), [4]),
        ((2026, 2, 13), (2026, 3, 1), [13, 14, 24, 25, 26, 27, 28]),
        ((2026, 9, 19), (2026, 9, 28), [20, 21, 22, 23, 24, 28]),
        ((2026, 9, 30), (2026, 10, 12), [30, 8, 9, 10, 12]),
    ],
)
def test_china_2026_with_its_make_up_working_days(
    first: tuple[int, int, int], last: tuple[int, int, int], worked: list[int]
) -> None:
    days = [date(*first) + timedelta(days=n) for n in range((date(*last) - date(*first)).days + 1)]
    assert [day.day for day in days if CHINA.is_working_day(day)] == worked


def test_working_time_over_the_spring_festival_counts_make_up_days() -> None:
    before, after = at("2026-02-13 17:00"), at("2026-02-24 10:00")
    assert CHINA.working_seconds(before, after) == (1 + 7.5 + 1) * 3600, "Saturday the 14th is a working day"
    assert CHINA.after(before, timedelta(hours=9.5)) == after
    assert CHINA.days_later(before, 2) == at("2026-02-24 17:00")
    assert CHINA.end_of_days(before, 3) == at("2026-02-25 18:00")


def test_a_year_without_announced_holidays_has_its_statutory_ones() -> None:
    assert not CHINA.is_working_day(date(2031, 10, 1))
    assert CHINA.is_working_day(date(2031, 11, 24))


def test_the_companys_own_days_and_week_override_the_country() -> None:
    own = desk(
        FAULT_CALENDAR="CN",
        FAULT_WORKING_WEEKDAYS="mon-sat",
        FAULT_EXTRA_HOLIDAYS="2026-11-23",
        FAULT_EXTRA_WORKING_DAYS="2026-10-01,2026-11-22",
    )
    days = {date(2026, 11, day): own.is_working_day(date(2026, 11, day)) for day in (21, 22, 23, 24, 29)}
    assert list(days.values()) == [True, True, False, True, False]
    assert own.is_working_day(date(2026, 10, 1))
    assert not own.is_working_day(date(2026, 10, 2))
    assert own.is_working_day(date(2026, 9, 20)), "a make-up working day on a Sunday"


def test_each_country_has_its_own_weekend() -> None:
    friday, sunday = date(2026, 11, 27), date(2026, 11, 29)
    riyadh = desk(FAULT_CALENDAR="SA")
    assert (riyadh.is_working_day(friday), riyadh.is_working_day(sunday)) == (False, True)


def test_without_a_country_work_is_monday_to_friday_from_nine_to_six() -> None:
    plain = desk()
    monday = datetime(2026, 12, 21, tzinfo=UTC)
    assert plain.working_seconds(monday, monday + timedelta(days=7)) == 5 * 9 * 3600, (
        "Friday the 25th, Christmas, is a working day"
    )


def test_the_library_is_loaded_only_for_a_country() -> None:
    code = "import sys; from bot.casework.company_source import CompanySource;"
    code += "CompanySource().latest;"
    done = subprocess.run(
        [sys.executable, "-c", code + "print('holidays' in sys.modules)"], capture_output=True, text=True
    )
    assert done.stdout.strip() == "False", done.stderr
