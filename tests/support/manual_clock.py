"""Clocks that only the test moves."""

from datetime import UTC, datetime, timedelta

from bot.clock import Clock, ShiftedClock


class ManualClock(ShiftedClock):
    """A clock that begins at `moment` (aware) and moves only when it is told to."""

    def __init__(self, moment: datetime = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)) -> None:
        super().__init__()
        self._moment = moment
        self._ticks = 100.0

    def now(self) -> datetime:
        return self._moment

    def ticks(self) -> float:
        return self._ticks

    def of_server(self, _moment: datetime) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        """Set the clock to this moment (aware), which may be an earlier one; time passes up to a later one."""
        self._ticks += max(0.0, (moment - self._moment).total_seconds())
        self._moment = moment

    def move(self, **span: float) -> datetime:
        """Move the clock by this span, given as to `timedelta`, and return the new time."""
        return self.advance(timedelta(**span))

    def advance(self, by: timedelta) -> datetime:
        self._ticks += by.total_seconds()
        self._moment += by
        return self._moment


class JumpingClock(Clock):
    """The clock of a machine, which jumps while time passes as the `right` clock says. Other machines go by that one.

    With `server` the database server runs on the same machine.
    """

    def __init__(self, right: ShiftedClock, *, server: bool = False) -> None:
        self.right = right
        self.error = timedelta()
        self.is_of_server = server

    def now(self) -> datetime:
        return self.right.now() + self.error

    def ticks(self) -> float:
        return self.right.ticks()

    def of_server(self, moment: datetime) -> datetime:
        return self.right.of_server(moment) + (self.error if self.is_of_server else timedelta())

    def jump(self, by: timedelta) -> None:
        """Put the clock forward or back by this span, without any time passing."""
        self.error += by
