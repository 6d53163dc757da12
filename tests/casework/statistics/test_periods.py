"""Words that name periods, in both languages."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.periods import between, parse
from tests.support.team import DESK

COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
#: A Monday in Shanghai, still Sunday in UTC.
MONDAY = datetime(2026, 11, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        *((words, date(2026, 11, 1), date(2026, 11, 30)) for words in ("", "month", "This  Month", "本月", "2026-11")),
        *((words, date(2026, 10, 1), date(2026, 10, 31)) for words in ("last month", "上月", "2026年10月", "2026/10")),
        *((words, date(2026, 11, 2), date(2026, 11, 8)) for words in ("week", "this week", "本周", "2026-W45")),
        *((words, date(2026, 10, 26), date(2026, 11, 1)) for words in ("last week", "上周")),
        *(
            (words, date(2026, 10, 1), date(2026, 12, 31))
            for words in ("quarter", "本季度", "2026-Q4", "2026年第4季度")
        ),
        *((words, date(2026, 7, 1), date(2026, 9, 30)) for words in ("last quarter", "上季度")),
        *((words, date(2026, 1, 1), date(2026, 12, 31)) for words in ("year", "2026", "2026年", "今年")),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2026-10-01..2026-10-15", date(2026, 10, 1), date(2026, 10, 15)),
        ("2026-10-01 至 2026-10-15", date(2026, 10, 1), date(2026, 10, 15)),
        *((words, date(2026, 11, 2), date(2026, 11, 2)) for words in ("today", "今天", "last 1 day")),
        *((words, date(2026, 11, 1), date(2026, 11, 1)) for words in ("Yesterday", "昨天")),
        *((words, date(2026, 10, 4), date(2026, 11, 2)) for words in ("last 30 days", "最近30天")),
        *((words, date(2026, 11, 1), date(2026, 11, 30)) for words in ("November", "nov", "11月", "11月份")),
        *((words, date(2025, 12, 1), date(2025, 12, 31)) for words in ("December", "12月")),
        *((words, date(2026, 10, 1), date(2026, 12, 31)) for words in ("Q4", "第四季度", "第4季度", "2026年第四季度")),
        *(
            (words, date(2026, 7, 1), date(2026, 9, 30))
            for words in ("2026-07..2026-09", "2026-07 to 2026-09", "7月至9月")
        ),
    ],
)
def test_words_name_periods(words: str, first: date, last: date) -> None:
    period = parse(words, COMPANY, MONDAY)
    assert period is not None
    assert (period.first, period.last) == (first, last)
    assert period.until - period.since == timedelta(days=(last - first).days + 1)
    assert period.since.astimezone(COMPANY.zone).hour == 0


@pytest.mark.parametrize(
    "words",
    [
        "soon",
        "2026-13",
        "2026-00",
        "2026-W54",
        "2026-Q5",
        "2026-02-30",
        "2026-10-15..2026-10-01",
        "0000",
        "9999",
        "13月",
        "0月",
        "to",
        "2026-10..",
        "last 0 days",
    ],
)
def test_other_words_name_no_period(words: str) -> None:
    assert parse(words, COMPANY, MONDAY) is None


def test_a_month_in_a_zone_with_summer_time_has_local_bounds() -> None:
    period = parse("2026-03", CompanySettings(DESK, zone=ZoneInfo("Europe/Berlin")), MONDAY)
    assert period is not None
    assert (period.since, period.until) == (
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
    )


def test_a_period_is_built_from_its_first_and_last_day() -> None:
    period = between(date(2026, 11, 1), date(2026, 11, 30), COMPANY.zone)
    assert period == parse("2026-11", COMPANY, MONDAY)
    with pytest.raises(ValueError, match="2026"):
        between(date(2026, 11, 2), date(2026, 11, 1), COMPANY.zone)


@pytest.mark.parametrize("words", ["0001", "1969-12", "2200", "2300-Q1", "2199-12..2200-01", "1969-12-31..2026-01-01"])
def test_days_outside_the_years_of_all_moments_name_no_period(words: str) -> None:
    assert parse(words, COMPANY, MONDAY) is None
