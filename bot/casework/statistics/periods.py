"""Periods of statistics and exports, in the company's time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.casework.company_settings import CompanySettings
from bot.workflow.answers import AFTER_LAST_MOMENT, FIRST_MOMENT


@dataclass(frozen=True, slots=True)
class Period:
    """A period from the first to the last day, both included, in the company's time zone.

    `since` and `until` are the same period as moments [since, until) in UTC.
    """

    first: date
    last: date
    since: datetime
    until: datetime


_RELATIVE: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("", "month", "this month", "本月", "这个月"), ("month", 0)),
    **dict.fromkeys(("last month", "上月", "上个月"), ("month", -1)),
    **dict.fromkeys(("week", "this week", "本周", "这周"), ("week", 0)),
    **dict.fromkeys(("last week", "上周"), ("week", -1)),
    **dict.fromkeys(("quarter", "this quarter", "本季度", "本季"), ("quarter", 0)),
    **dict.fromkeys(("last quarter", "上季度", "上季"), ("quarter", -1)),
    **dict.fromkeys(("year", "this year", "今年", "本年"), ("year", 0)),
    **dict.fromkeys(("last year", "去年", "上年"), ("year", -1)),
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"today": 0, "今天": 0, "今日": 0, "yesterday": -1, "昨天": -1, "昨日": -1}
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_LATELY = re.compile(r"(?:last|past|最近|近)\s*(\d{1,3})\s*(?:days?|天|日)")
_RANGE = re.compile(r"(.+?)\s*(?:\.\.\.?|~|–|—|\bto\b|至|到)\s*(.+)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAMED = re.compile(r"(\d{4})(?:[-/年]?(?:(q|第)([1-4一二三四])(?:季度)?|(\d{1,2})月?|w(\d{1,2}))|年)?")
_YEARLESS = re.compile(r"(?:(?:q|第)([1-4一二三四])(?:季度)?|(\d{1,2})月份?)")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


def parse(words: str, company: CompanySettings, now: datetime) -> Period | None:
    """Return the period that the words name at `now` (aware), in the company's time zone; None if they name none.

    It understands today, yesterday, last 30 days; this or last week, month, quarter, year (本周 上周 本月 上月 …);
    2026, 2026-10, 2026年10月, 2026-Q3, 2026-W41, a day; October, 10月, Q3 or 第三季度 (the last one that has begun);
    and a range of two of these: 2026-10-01..2026-10-15, 2026-07 to 2026-09. Weeks begin on Monday.
    """
    said, today = " ".join(words.lower().split()), company.today(now)
    try:
        span = _span(said, today) or _range(said, today)
        return None if span is None else between(span[0], span[1] - timedelta(days=1), company.zone)
    except (ValueError, OverflowError):  # no such day
        return None


def _range(said: str, today: date) -> tuple[date, date] | None:
    match = _RANGE.fullmatch(said)
    parts = [_span(part, today) for part in match.groups() if part] if match else []
    if len(parts) < 2 or parts[0] is None or parts[1] is None:
        return None
    return parts[0][0], parts[1][1]


def _span(said: str, today: date) -> tuple[date, date] | None:
    """Return the first day and the day after the last."""
    if said in _DAYS:
        day = today + timedelta(days=_DAYS[said])
        return day, day + timedelta(days=1)
    if _DAY.fullmatch(said):
        return date.fromisoformat(said), date.fromisoformat(said) + timedelta(days=1)
    if match := _LATELY.fullmatch(said):
        return today + timedelta(days=1 - int(match[1])), today + timedelta(days=1)
    return _relative(said, today) or _calendar(said) or _yearless(said, today)


def _yearless(said: str, today: date) -> tuple[date, date] | None:
    """Return the last month or quarter of that name that has begun."""
    match = _YEARLESS.fullmatch(said)
    named = next((number for number, name in enumerate(_NAMES, 1) if said in (name, name[:3])), None)
    if match and match[1]:
        month, count = _quarter(match[1]) * 3 - 2, 3
    elif match or named:
        month, count = date(today.year, named or int(match[2] if match else 0), 1).month, 1
    else:
        return None
    return _of_months(today.year - (month > today.month), month, count)


def _quarter(said: str) -> int:
    return _QUARTERS.get(said) or int(said)


def between(first: date, last: date, zone: tzinfo) -> Period:
    """Return the period from the first to the last day, both included.

    Raises `ValueError` if `last` is earlier, or if a day lies outside the years of all moments.
    """
    if last < first or first.year < FIRST_MOMENT.year or last.year >= AFTER_LAST_MOMENT.year:
        raise ValueError((first, last))
    after = last + timedelta(days=1)
    since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after))
    return Period(first, last, since, until)


def _relative(said: str, today: date) -> tuple[date, date] | None:
    if said not in _RELATIVE:
        return None
    span, turn = _RELATIVE[said]
    if span == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=turn)
        return monday, monday + timedelta(weeks=1)
    months = _MONTHS[span]
    begun = (today.month - 1) // months * months + 1
    return _of_months(today.year, begun + turn * months, months)


def _calendar(said: str) -> tuple[date, date] | None:
    match = _NAMED.fullmatch(said)
    if match is None:
        return None
    year, _q, quarter, month, week = match.groups()
    if week:
        monday = date.fromisocalendar(int(year), int(week), 1)
        return monday, monday + timedelta(weeks=1)
    if quarter:
        return _of_months(int(year), _quarter(quarter) * 3 - 2, 3)
    if month:
        return _of_months(int(year), date(int(year), int(month), 1).month, 1)
    return _of_months(int(year), 1, 12)


def _of_months(year: int, month: int, count: int) -> tuple[date, date]:
    """Return `count` months from the first day of a month (0 is the December before)."""
    return _first_day(year, month), _first_day(year, month + count)


def _first_day(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
