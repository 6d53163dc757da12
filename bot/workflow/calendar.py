"""Working time: which moments count, and when a span of it has passed (process.md §3.9).

Pure; every datetime is aware.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, repeat
from math import inf
from operator import add, sub
from typing import TypeAlias

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)

#: A period of every working day: start and end in local time since midnight, at most 24 hours.
Part: TypeAlias = tuple[timedelta, timedelta]
#: Takes a year and returns its days that differ from the usual week: True is worked, False is not.
PublicDays: TypeAlias = Callable[[int], Mapping[date, bool]]
#: An uninterrupted period of working time: start and end in whole seconds since 1970 (UTC).
_Stretch: TypeAlias = tuple[float, float]


MONDAY_TO_FRIDAY = frozenset(range(5))


def no_public_days(_year: int) -> Mapping[date, bool]:
    """Return no days: the calendar has no public holidays."""
    return {}


class _Timetable:
    """The working periods of consecutive years, with the total worked at the end of each. Immutable.

    It is valid from `since` to `until` (seconds since 1970). Both lie a day inside its years, because the days of a
    time zone differ from those of UTC.
    """

    def __init__(self, years: range, stretches: Iterable[_Stretch]) -> None:
        self.years = years
        self.since = datetime(years.start, 1, 2, tzinfo=UTC).timestamp()
        self.until = datetime(years.stop, 1, 1, tzinfo=UTC).timestamp() - _DAY.total_seconds()
        self.starts, self.ends, self.sums = [-inf], [self.since], [0.0]
        for start, end in stretches:
            self.starts.append(start)
            self.ends.append(end)
            self.sums.append(self.sums[-1] + end - start)

    def worked(self, at: float) -> float:
        """Return the working seconds until `at`, counted from a fixed point before `since`."""
        last = bisect_right(self.starts, at) - 1
        left = self.ends[last] - at
        return self.sums[last] - left if left > 0 else self.sums[last]

    def worked_until(self, moments: Sequence[float]) -> list[float]:
        """Return `worked` of each moment, in half of the time that as many calls take."""
        ends, sums = self.ends, self.sums
        places = map(bisect_right, repeat(self.starts), moments)
        return [
            sums[place - 1] - (left if (left := ends[place - 1] - at) > 0 else 0)
            for place, at in zip(places, moments, strict=True)
        ]

    def reached(self, amount: float) -> float | None:
        """Return the first moment by which `amount` seconds are worked; None if it comes after these years."""
        last = bisect_left(self.sums, amount)
        return self.ends[last] - self.sums[last] + amount if last < len(self.sums) else None


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When the company works. The default calendar treats every moment as working time.

    Args:
        zone: the time zone of the working hours.
        hours: the periods of a working day, in order; at least one, none empty, no two overlapping.
        weekdays: the working days of the usual week, Monday is 0; at least one.
        holidays: the company's own days off.
        working_days: the company's own working days; they override everything else.
        public: returns public holidays and make-up working days by year. It is called for each day, so it should cache.
    """

    zone: tzinfo = UTC
    hours: tuple[Part, ...] = ((timedelta(), _DAY),)
    weekdays: frozenset[int] = frozenset(range(7))
    holidays: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    public: PublicDays = no_public_days
    #: The cached totals. The ledger is only replaced as a whole, so any thread may read it at any time.
    _timetable: _Timetable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_timetable", _Timetable(range(1970, 1970), ()))

    @property
    def working_day(self) -> timedelta:
        """The working time of one day."""
        return sum((until - since for since, until in self.hours), timedelta())

    def is_working_day(self, day: date) -> bool:
        """Return whether the company works on this day of its time zone."""
        if day in self.working_days:
            return True
        return day not in self.holidays and self.public(day.year).get(day, day.weekday() in self.weekdays)

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """Return the working seconds between two moments; negative if `end` is before `start`."""
        first, last = start.timestamp(), end.timestamp()
        timetable = self._timetable
        if not (timetable.since <= first < timetable.until and timetable.since <= last < timetable.until):
            timetable = self._covering(start, end)
        return timetable.worked(last) - timetable.worked(first)

    def working_times(self, begun: Sequence[float], lengths: Sequence[float]) -> list[float]:
        """Return the working seconds within each span, given by starts (seconds since 1970) and lengths (seconds)."""
        if not begun:
            return []
        ended = list(map(add, begun, lengths))
        timetable = self._covering(_moment(min(begun)), _moment(max(ended)))
        return list(map(sub, timetable.worked_until(ended), timetable.worked_until(begun)))

    def after(self, moment: datetime, span: timedelta) -> datetime:
        """Return the moment (UTC) when `span` of working time after `moment` has passed.

        Raises `OverflowError` if it never passes.
        """
        timetable, at, more = self._covering(moment), moment.timestamp(), span.total_seconds()
        while (reached := timetable.reached(round(timetable.worked(at) + more, 6))) is None:  # to the microsecond
            if timetable.years.stop >= MAXYEAR:
                raise OverflowError(f"{span} of working time after {moment} are never over")
            twice_as_far = min(timetable.years.stop + len(timetable.years), MAXYEAR)
            timetable = self._covering(moment, datetime(twice_as_far, 1, 1, tzinfo=UTC))
        return max(_moment(reached), moment.astimezone(UTC))

    def end_of_days(self, moment: datetime, days: int) -> datetime:
        """Return the close (UTC) of the last of `days` (at least 1) working days.

        The day of `moment` is not counted, as is usual for periods set in days.
        """
        _date, stretches = self._day_after(moment, days)
        return _moment(stretches[-1][1])

    def days_later(self, moment: datetime, days: int) -> datetime:
        """Return the moment (UTC) that lies `days` (at least 1) working days after `moment`.

        The time of day stays the same. If the company is closed at that time, the result is the opening of that day.
        """
        day, stretches = self._day_after(moment, days)
        at = self._instant(datetime.combine(day, moment.astimezone(self.zone).time()))
        is_open = any(start <= at < end for start, end in stretches)
        return _moment(at if is_open else stretches[0][0])

    def usually_in(self, span: timedelta) -> timedelta:
        """Return how much working time a span of elapsed time contains on average, in weeks without holidays."""
        return span * (len(self.weekdays) * self.working_day / _WEEK)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _day_after(self, moment: datetime, days: int) -> tuple[date, list[_Stretch]]:
        """Return the n-th working day after that of `moment`, with its working periods."""
        return next(islice(self._worked_days(self._day(moment) + _DAY), days - 1, None))

    def _worked_days(self, first: date, end: date = date.max) -> Iterator[tuple[date, list[_Stretch]]]:
        """Yield each day from `first` until before `end` that has working time, with its working periods."""
        days = (first + n * _DAY for n in range((end - first).days))
        return ((day, stretches) for day in days if self.is_working_day(day) and (stretches := self._stretches(day)))

    def _stretches(self, day: date) -> list[_Stretch]:
        """Return the working periods of a day. A clock change can lengthen, shorten or remove a period."""
        midnight = datetime.combine(day, time())
        bounds = ((self._instant(midnight + since), self._instant(midnight + until)) for since, until in self.hours)
        return [(start, end) for start, end in bounds if start < end]

    def _instant(self, wall: datetime) -> float:
        """Return the first moment at which local time is `wall` or later. A clock change may skip or repeat `wall`."""
        first, second = (wall.replace(tzinfo=self.zone, fold=fold).timestamp() for fold in (0, 1))
        if first <= second:
            return first
        skipped = range(int(second), int(first))
        return float(skipped.start + bisect_left(skipped, wall, key=self._shown))

    def _shown(self, second: int) -> datetime:
        """Return the local time at `second` seconds since 1970."""
        return datetime.fromtimestamp(second, self.zone).replace(tzinfo=None)

    def _covering(self, *moments: datetime) -> _Timetable:
        """Return a ledger of the years of `moments`, of the years next to them, and of all years requested before."""
        known = self._timetable
        asked = [year + beside for moment in moments for year in (moment.year,) for beside in (-1, 1)]
        years = (*asked, *known.years[:1], *known.years[-1:])
        first, last = max(min(years), MINYEAR), min(max(years), MAXYEAR - 1)
        if known.years and known.years[0] <= first and last <= known.years[-1]:
            return known
        worked = self._worked_days(date(first, 1, 1), date(last + 1, 1, 1))
        wider = _Timetable(range(first, last + 1), (stretch for _day, stretches in worked for stretch in stretches))
        object.__setattr__(self, "_timetable", wider)
        return wider


AROUND_THE_CLOCK = WorkingCalendar()


def _moment(at: float) -> datetime:
    return _EPOCH + timedelta(seconds=at)
