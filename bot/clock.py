"""Where the time comes from; everything below the edge is handed it as an argument."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Self


class Clock:
    """The real time."""

    def now(self) -> datetime:
        """Return this moment, aware, in UTC."""
        return datetime.now(UTC)


class ShiftedClock(Clock):
    """A clock that is ahead of the real time or behind it by a shift, for the stand-in workspace and for tests.

    It can be put forward while it runs. Processes on one machine that are handed the same shift agree on the time.
    """

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self._shift = shift
        self._lock = Lock()

    @classmethod
    def beginning(cls, moment: datetime) -> Self:
        """Return a clock that shows this moment (aware) now, and goes on from there."""
        return cls(moment - Clock().now())

    def now(self) -> datetime:
        """Return the real moment plus the shift."""
        with self._lock:
            return super().now() + self._shift

    @property
    def shift(self) -> timedelta:
        """By how much the clock is ahead of the real time; less than zero when it is behind."""
        with self._lock:
            return self._shift

    def go_on_with(self, shift: timedelta) -> None:
        """Continue with the shift that a clock had earlier."""
        with self._lock:
            self._shift = shift

    def advance(self, by: timedelta) -> datetime:
        """Put the clock forward and return the new moment; time never runs back."""
        if by < timedelta():
            raise ValueError(f"a clock is only put forward, not by {by}")
        with self._lock:
            self._shift += by
            return super().now() + self._shift
