"""Working time: which moments count, and when so much of it is over (process.md §3.9). Pure; every moment is aware."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from math import inf
from typing import TypeAlias

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)

#: A part of each working day, from and to, as the clock on the wall shows it: time since midnight, at most 24 hours.
Part: TypeAlias = tuple[timedelta, timedelta]
#: The days of a year that differ from the usual week: True is worked, False is not.
PublicDays: TypeAlias = Callable[[int], Mapping[date, bool]]
#: Working time without a break, from and to, in seconds since 1970 (UTC); they are whole.
_Stretch: TypeAlias = tuple[float, float]


MONDAY_TO_FRIDAY = frozenset(range(5))


def no_public_days(_year: int) -> Mapping[date, bool]:
    """Where nobody has public holidays."""
    return {}


class _Ledger:
    """The stretches of some years in a row, and how much was worked up to the end of each. Never changes.

    It answers from `since` to `until` (seconds since 1970), a day within its years: a zone's days are not those of UTC.
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
        """Working time until `at`, from some time before `since`."""
        last = bisect_right(self.starts, at) - 1
        left = self.ends[last] - at
        return self.sums[last] - left if left > 0 else self.sums[last]

    def reached(self, amount: float) -> float | None:
        """The first moment until which so much was worked; None if it comes after these years."""
        last = bisect_left(self.sums, amount)
        return self.ends[last] - self.sums[last] + amount if last < len(self.sums) else None


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When the company works. As it comes, around the clock: every moment is working time.

    Args:
        zone: where the clock hangs whose hours count.
        hours: the parts of a working day, in order; at least one, none empty, no two overlapping.
        weekdays: the days of the usual week, Monday is 0; at least one.
        holidays: the company's own days off.
        working_days: the company's own working days; they win over everything else.
        public: public holidays and make-up working days, year by year; asked for each day, so it should remember.
    """

    zone: tzinfo = UTC
    hours: tuple[Part, ...] = ((timedelta(), _DAY),)
    weekdays: frozenset[int] = frozenset(range(7))
    holidays: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    public: PublicDays = no_public_days
    #: What was added up so far. Only ever replaced as a whole, so any thread may read it at any time.
    _ledger: _Ledger = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ledger", _Ledger(range(1970, 1970), ()))

    def is_working_day(self, day: date) -> bool:
        """Whether that day of the company's zone is worked."""
        if day in self.working_days:
            return True
        return day not in self.holidays and self.public(day.year).get(day, day.weekday() in self.weekdays)

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """Working time between two moments, in seconds; negative if `end` lies before `start`."""
        first, last = start.timestamp(), end.timestamp()
        ledger = self._ledger
        if not (ledger.since <= first < ledger.until and ledger.since <= last < ledger.until):
            ledger = self._covering(start, end)
        return ledger.worked(last) - ledger.worked(first)

    def working_times(self, spans: Sequence[tuple[float, float]]) -> list[float]:
        """Working time within each of many spans, in seconds: when it begins, in seconds since 1970, how long it is."""
        if not spans:
            return []
        first, last = min(begun for begun, _long in spans), max(begun + long for begun, long in spans)
        worked = self._covering(_moment(first), _moment(last)).worked
        return [worked(begun + long) - worked(begun) for begun, long in spans]

    def after(self, moment: datetime, span: timedelta) -> datetime:
        """When so much working time after `moment` is over, in UTC. `OverflowError` if it never is."""
        ledger, at, more = self._covering(moment), moment.timestamp(), span.total_seconds()
        while (reached := ledger.reached(round(ledger.worked(at) + more, 6))) is None:  # to the microsecond
            if ledger.years.stop >= MAXYEAR:
                raise OverflowError(f"{span} of working time after {moment} are never over")
            twice_as_far = min(ledger.years.stop + len(ledger.years), MAXYEAR)
            ledger = self._covering(moment, datetime(twice_as_far, 1, 1, tzinfo=UTC))
        return max(_moment(reached), moment.astimezone(UTC))

    def end_of_days(self, moment: datetime, days: int) -> datetime:
        """When so many (at least 1) working days are over: the close of the last, in UTC.

        The day of `moment` is not counted, as is usual where periods are set in days.
        """
        _date, stretches = self._day_after(moment, days)
        return _moment(stretches[-1][1])

    def days_later(self, moment: datetime, days: int) -> datetime:
        """So many (at least 1) working days later, in UTC: at the same time of day, or at opening if closed then."""
        day, stretches = self._day_after(moment, days)
        at = self._instant(datetime.combine(day, moment.astimezone(self.zone).time()))
        is_open = any(start <= at < end for start, end in stretches)
        return _moment(at if is_open else stretches[0][0])

    def usually_in(self, span: timedelta) -> timedelta:
        """How much working time so much time has in weeks without holidays."""
        in_a_day = sum((until - since for since, until in self.hours), timedelta())
        return span * (len(self.weekdays) * in_a_day / _WEEK)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _day_after(self, moment: datetime, days: int) -> tuple[date, list[_Stretch]]:
        """The n-th working day after that of `moment`."""
        return next(islice(self._worked_days(self._day(moment) + _DAY), days - 1, None))

    def _worked_days(self, first: date, end: date = date.max) -> Iterator[tuple[date, list[_Stretch]]]:
        """Each day on which some time is worked, with that time."""
        days = (first + n * _DAY for n in range((end - first).days))
        return ((day, stretches) for day in days if self.is_working_day(day) and (stretches := self._stretches(day)))

    def _stretches(self, day: date) -> list[_Stretch]:
        """The parts of a working day; where the clock is changed, one may be longer, shorter or missing."""
        midnight = datetime.combine(day, time())
        bounds = ((self._instant(midnight + since), self._instant(midnight + until)) for since, until in self.hours)
        return [(start, end) for start, end in bounds if start < end]

    def _instant(self, wall: datetime) -> float:
        """The first moment at which the clock on the wall shows `wall` or later; it may skip that, or show it twice."""
        first, second = (wall.replace(tzinfo=self.zone, fold=fold).timestamp() for fold in (0, 1))
        if first <= second:
            return first
        skipped = range(int(second), int(first))
        return float(skipped.start + bisect_left(skipped, wall, key=self._shown))

    def _shown(self, second: int) -> datetime:
        """What the clock on the wall shows, so many seconds after 1970."""
        return datetime.fromtimestamp(second, self.zone).replace(tzinfo=None)

    def _covering(self, *moments: datetime) -> _Ledger:
        """A ledger of the years of these moments and those beside them, and of all that were asked for before."""
        known = self._ledger
        asked = [year + beside for moment in moments for year in (moment.year,) for beside in (-1, 1)]
        years = (*asked, *known.years[:1], *known.years[-1:])
        first, last = max(min(years), MINYEAR), min(max(years), MAXYEAR - 1)
        if known.years and known.years[0] <= first and last <= known.years[-1]:
            return known
        worked = self._worked_days(date(first, 1, 1), date(last + 1, 1, 1))
        wider = _Ledger(range(first, last + 1), (stretch for _day, stretches in worked for stretch in stretches))
        object.__setattr__(self, "_ledger", wider)
        return wider


AROUND_THE_CLOCK = WorkingCalendar()


def _moment(at: float) -> datetime:
    return _EPOCH + timedelta(seconds=at)
