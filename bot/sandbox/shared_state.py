"""What every shelf of the workspace shares: one lock, one clock, one source of ids."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from bot import clock

Json = dict[str, Any]
Clock = Callable[[], datetime]
T = TypeVar("T")

RECHECK_SECONDS = 0.02

#: The present moment, aware, in UTC.
utc_now: Clock = clock.Clock().now


class Pulse:
    """The lock, the clock and the serial numbers of one workspace."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._serial = itertools.count(1)
        self._last_micros = 0
        self._changes = 0
        self._listeners: list[Callable[[], None]] = []

    @property
    def changes(self) -> int:
        """How often the workspace was changed."""
        return self._changes

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change; it must be quick and must not raise."""
        with self._changed:
            self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Call `listener` no more."""
        with self._changed:
            self._listeners.remove(listener)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Hold the workspace still while it is read."""
        with self._changed:
            yield

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the workspace while it is changed, then wake everyone who waits for a change."""
        with self._changed:
            yield
            self._changes += 1
            self._changed.notify_all()
            for listener in self._listeners:
                listener()

    def now(self) -> datetime:
        """Return the workspace's present moment (aware, UTC)."""
        return self.clock()

    def new_id(self, prefix: str) -> str:
        """Return an id never used before, such as `V00000012`."""
        return f"{prefix}{next(self._serial):08X}"

    def new_ts(self) -> str:
        """Return a message timestamp, later than every earlier one even if the clock stands still."""
        with self._changed:
            micros = int(self.now().timestamp() * 1_000_000)
            self._last_micros = max(micros, self._last_micros + 1)
            return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def position(self) -> Json:
        """Return where ids and timestamps have come to."""
        with self._changed:
            return {"serial": next(self._serial), "micros": self._last_micros}

    def go_on_from(self, position: Json) -> None:
        """Give out ids and timestamps from this position on."""
        with self._changed:
            self._serial = itertools.count(max(int(position["serial"]), next(self._serial)) + 1)
            self._last_micros = max(int(position["micros"]), self._last_micros)

    def wait_until(self, condition: Callable[[], T], timeout: float) -> T:
        """Wait until the condition gives something true and return that.

        The condition is looked at after every change of the workspace, and every tenth of a second
        for whatever it reads outside the workspace.

        Args:
            timeout: real seconds.

        Raises:
            TimeoutError: the condition stayed false.
        """
        deadline = time.monotonic() + timeout
        while True:
            before = self._changes
            if found := condition():
                return found
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError(f"still not so after {timeout} s")
            self._rest(before, min(remaining, RECHECK_SECONDS))

    def _rest(self, before: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._changes != before, seconds)
