"""Statistics as a test asks for them, at a time that the test sets."""

from datetime import UTC, datetime
from typing import Any

from bot.casework.statistics.measures import Measure, StatisticsQuery, behind, statistics
from bot.casework.statistics.periods import parse
from storage.statistics import Side
from tests.casework.conftest import ManualClock
from tests.support.case_builder import CaseBuilder


class Seen:
    """The statistics of one period, by code, name and part."""

    def __init__(self, builder: CaseBuilder, words: str, **asked: Any) -> None:
        period = parse(words, builder.company, builder.clock())
        assert period is not None
        self._builder, self.asked = builder, StatisticsQuery(period, **asked)
        with builder.database.read() as session:
            self.measures = statistics(session, self.asked, builder.company, builder.clock())

    def __call__(self, code: str, part: str | None = None, name: str | None = None) -> Measure:
        return next(one for one in self.measures if (one.code, one.part, one.name) == (code, part, name))

    def numbers(self, code: str, part: str | None = None, name: str | None = None) -> tuple[Any, Any]:
        one = self(code, part, name)
        return one.numerator, one.denominator

    def cases(self, measure: Measure, side: Side) -> list[int]:
        with self._builder.database.read() as session:
            return behind(session, self.asked, measure, side, self._builder.company, self._builder.clock())


def on(clock: ManualClock, day: int, hour: int = 1, month: int = 11) -> None:
    """Set the clock to this day of 2026. 1:00 UTC is 9:00 in Shanghai."""
    clock.now = datetime(2026, month, day, hour, tzinfo=UTC)
