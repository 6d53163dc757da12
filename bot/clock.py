"""Where the time comes from; everything below the edge is handed it as an argument."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """The real time."""

    def now(self) -> datetime:
        """Return this moment, aware, in UTC."""
        return datetime.now(UTC)


class ShiftedClock(Clock):
    """A clock that can be put forward while it runs, for the stand-in workspace and for tests."""

    def __init__(self) -> None:
        self._shift = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the real moment plus everything it was put forward by."""
        with self._lock:
            return super().now() + self._shift

    @property
    def shift(self) -> timedelta:
        """By how much the clock is ahead of the real time."""
        with self._lock:
            return self._shift

    def advance(self, by: timedelta) -> datetime:
        """Put the clock forward and return the new moment; time never runs back."""
        if by < timedelta():
            raise ValueError(f"a clock is only put forward, not by {by}")
        with self._lock:
            self._shift += by
            return super().now() + self._shift
