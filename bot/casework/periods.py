"""Periods that statistics and exports are asked for, in the office's time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.casework.office import Office


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included, in the office's time zone; as moments [since, until) in UTC."""

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
_DAY = r"(\d{4}-\d{2}-\d{2})"
_DAYS = re.compile(rf"{_DAY}(?:\s*(?:\.\.|~|–|—|to|至|到)\s*{_DAY})?")
_NAMED = re.compile(r"(\d{4})(?:[-/年]?(?:(q|第)([1-4])(?:季度)?|(\d{1,2})月?|w(\d{1,2}))|年)?")


def parse(words: str, office: Office, now: datetime) -> Period | None:
    """The period that the words name in the office's zone at `now` (aware); None if they name none.

    This or last week, month, quarter, year (本周 上周 本月 上月 本季度 …); 2026, 2026-10, 2026年10月, 2026-Q3,
    2026-W41; a day, or two with both included: 2026-10-01..2026-10-15. Weeks begin on Monday.
    """
    said = " ".join(words.lower().split())
    try:
        days = _relative(said, office.today(now)) or _exact(said) or _calendar(said)
        return None if days is None else between(days[0], days[1] - timedelta(days=1), office.zone)
    except (ValueError, OverflowError):  # no such day
        return None


def between(first: date, last: date, zone: tzinfo) -> Period:
    """From the first day to the last, both included. ValueError if they are in the wrong order."""
    after = last + timedelta(days=1)
    if after <= first:
        raise ValueError((first, last))
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


def _exact(said: str) -> tuple[date, date] | None:
    match = _DAYS.fullmatch(said)
    if match is None:
        return None
    first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2] or match[1])
    return first, last + timedelta(days=1)


def _calendar(said: str) -> tuple[date, date] | None:
    match = _NAMED.fullmatch(said)
    if match is None:
        return None
    year, _q, quarter, month, week = match.groups()
    if week:
        monday = date.fromisocalendar(int(year), int(week), 1)
        return monday, monday + timedelta(weeks=1)
    if quarter:
        return _of_months(int(year), int(quarter) * 3 - 2, 3)
    if month:
        return _of_months(int(year), date(int(year), int(month), 1).month, 1)
    return _of_months(int(year), 1, 12)


def _of_months(year: int, month: int, count: int) -> tuple[date, date]:
    """From the first day of a month (0 is the December before), so many months long."""
    return _first_day(year, month), _first_day(year, month + count)


def _first_day(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
