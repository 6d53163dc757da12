"""A clock that only the test moves."""

from datetime import UTC, datetime, timedelta

from bot.clock import ShiftedClock


class ManualClock(ShiftedClock):
    """A clock that begins at `moment` (aware) and moves only when it is told to."""

    def __init__(self, moment: datetime = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)) -> None:
        super().__init__()
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        """Set the clock to this moment (aware), which may be an earlier one."""
        self._moment = moment

    def move(self, **span: float) -> datetime:
        """Move the clock by this span, given as to `timedelta`, and return the new time."""
        return self.advance(timedelta(**span))

    def advance(self, by: timedelta) -> datetime:
        self._moment += by
        return self._moment
