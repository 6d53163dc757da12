"""The source of time. All other code receives the time as an argument."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Self


class Clock:
    """The real time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


class ShiftedClock(Clock):
    """A clock that differs from the real time by a shift, for the stand-in workspace and for tests.

    It can be advanced while it runs. Processes on one machine with the same shift agree on the time.
    """

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self._shift = shift
        self._lock = Lock()

    @classmethod
    def beginning(cls, moment: datetime) -> Self:
        """Return a clock that shows `moment` (aware) now and runs on from there."""
        return cls(moment - Clock().now())

    def now(self) -> datetime:
        """Return the real time plus the shift, aware, in UTC."""
        with self._lock:
            return super().now() + self._shift

    @property
    def shift(self) -> timedelta:
        """How far the clock is ahead of the real time; negative when it is behind."""
        with self._lock:
            return self._shift

    def go_on_with(self, shift: timedelta) -> None:
        """Set the shift that a clock had earlier."""
        with self._lock:
            self._shift = shift

    def advance(self, by: timedelta) -> datetime:
        """Advance the clock and return the new time (UTC). Raises `ValueError` for a negative span."""
        if by < timedelta():
            raise ValueError(f"a clock can only be advanced, not by {by}")
        with self._lock:
            self._shift += by
            return super().now() + self._shift
