"""Public holidays and make-up working days of a country, from the package `holidays`.

The package is imported when a country is first asked for, so it costs nothing where none is set.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache, partial

from bot.workflow.calendar import PublicDays


def is_known(country: str) -> bool:
    """Return whether the holidays of a country (two-letter code) are known."""
    import holidays

    return hasattr(holidays, country)  # a class per code, none of them loaded yet


def public_days(country: str, *, own_week: bool) -> PublicDays:
    """Return the days of a country that differ from the usual week.

    Args:
        country: a two-letter code for which `is_known` is true.
        own_week: the company sets its own working weekdays; otherwise the country's weekend applies as well.
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
