"""Public holidays of a country and its make-up working days, as the package `holidays` knows them.

It is loaded when a country is first asked for: whoever sets none never waits for it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache, partial

from bot.workflow.calendar import PublicDays


def is_known(country: str) -> bool:
    """Whether the holidays of a country (two-letter code) are known."""
    import holidays

    return hasattr(holidays, country)  # a class for each code, none of them loaded yet


def public_days(country: str, *, own_week: bool) -> PublicDays:
    """The days of a country that differ from the usual week.

    Args:
        country: a two-letter code that `is_known`.
        own_week: the company has said which days of the week it works; else the country's weekend holds, too.
    """
    return partial(_days_of, country, own_week)


@lru_cache(maxsize=256)
def _days_of(country: str, own_week: bool, year: int) -> Mapping[date, bool]:
    import holidays

    known = holidays.country_holidays(country, years=year, expand=False)
    if own_week:
        made_up = {day: True for day in known.weekend_workdays if day.year == year}
        return dict.fromkeys(known, False) | made_up
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year, 12, 31) - first).days + 1))
    return {day: known.is_working_day(day) for day in days}
