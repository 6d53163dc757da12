"""The statistics of a period as tests ask for them, at a time that the test sets."""

from datetime import UTC, datetime
from typing import Any

from bot.casework.statistics.measures import Measure, StatisticsQuery, behind, statistics
from bot.casework.statistics.periods import parse
from storage.statistics import Side
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock


class MeasuredPeriod:
    """The statistics of one period, by code, name and part. `filters` are arguments of `StatisticsQuery`."""

    def __init__(self, builder: CaseBuilder, words: str, **filters: Any) -> None:
        period = parse(words, builder.company, builder.clock())
        assert period is not None
        self._builder, self.query = builder, StatisticsQuery(period, **filters)
        with builder.database.read() as session:
            self.measures = statistics(session, self.query, builder.company, builder.clock())

    def measure(self, code: str, part: str | None = None, name: str | None = None) -> Measure:
        return next(one for one in self.measures if (one.code, one.part, one.name) == (code, part, name))

    def numbers(self, code: str, part: str | None = None, name: str | None = None) -> tuple[Any, Any]:
        """The numerator and the denominator of a measure."""
        found = self.measure(code, part, name)
        return found.numerator, found.denominator

    def cases(self, measure: Measure, side: Side) -> list[int]:
        """The cases behind one side of a measure."""
        with self._builder.database.read() as session:
            return behind(session, self.query, measure, side, self._builder.company, self._builder.clock())


def on(clock: ManualClock, day: int, hour: int = 1, month: int = 11) -> None:
    """Set the clock to this day of 2026. 1:00 UTC is 9:00 in Shanghai."""
    clock.set(datetime(2026, month, day, hour, tzinfo=UTC))
