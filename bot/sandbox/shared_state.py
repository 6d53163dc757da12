"""The state that all parts of a workspace share: one lock, one clock, and one source of ids and timestamps."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot import clock

Json = dict[str, Any]
Clock = Callable[[], datetime]
T = TypeVar("T")

RECHECK_SECONDS = 0.02

#: Returns the current time (aware, UTC).
utc_now: Clock = clock.Clock().now


class SharedState:
    """The lock, the clock, the id counter and the change notifications of one workspace."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._serial = itertools.count(1)
        self._last_micros = 0
        self._changes = 0
        self._listeners: list[Callable[[], None]] = []
        self._late: list[tuple[datetime, Callable[[], None]]] = []
        self._is_performing = False

    @property
    def changes(self) -> int:
        """The number of changes made to the workspace so far."""
        return self._changes

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change.

        The listener runs while the workspace is locked, so it must be quick and must not raise.
        """
        with self._changed:
            self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Stop calling `listener`."""
        with self._changed:
            self._listeners.remove(listener)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the workspace for reading, so that nothing changes meanwhile."""
        with self._changed:
            self._perform_late()
            yield

    @contextmanager
    def change(self) -> Iterator[None]:
        """Lock the workspace for a change, then notify everyone who waits for one.

        If the block raises, the change is not counted and nobody is notified.
        """
        with self._changed:
            self._perform_late()
            yield
            self._changes += 1
            self._changed.notify_all()
            for listener in self._listeners:
                listener()

    def later(self, seconds: float, effect: Callable[[], None]) -> None:
        """Perform `effect` once the clock has advanced by so many seconds, when somebody next reads or changes."""
        with self._changed:
            self._late.append((self.now() + timedelta(seconds=seconds), effect))

    def _perform_late(self) -> None:
        """Perform what is due, in order. An effect is a change itself, within which nothing else is performed."""
        if self._is_performing:
            return
        self._is_performing = True
        try:
            while due := next((one for one in self._late if one[0] <= self.now()), None):
                self._late.remove(due)
                due[1]()
        finally:
            self._is_performing = False

    def now(self) -> datetime:
        """Return the workspace's current time (aware, UTC)."""
        return self.clock()

    def new_id(self, prefix: str) -> str:
        """Return a new id: the prefix and a serial number in hexadecimal, such as `V00000012`."""
        return f"{prefix}{next(self._serial):08X}"

    def new_ts(self) -> str:
        """Return a message timestamp that is later than every earlier one, even if the clock stands still."""
        with self._changed:
            micros = int(self.now().timestamp() * 1_000_000)
            self._last_micros = max(micros, self._last_micros + 1)
            return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def position(self) -> Json:
        """Return the current serial number and timestamp, for `resume_from`."""
        with self._changed:
            return {"serial": next(self._serial), "micros": self._last_micros}

    def resume_from(self, position: Json) -> None:
        """Continue ids and timestamps after a position that `position` returned."""
        with self._changed:
            self._serial = itertools.count(max(int(position["serial"]), next(self._serial)) + 1)
            self._last_micros = max(int(position["micros"]), self._last_micros)

    def wait_until(self, condition: Callable[[], T], timeout: float) -> T:
        """Wait until `condition` returns a true value, and return that value.

        The condition is evaluated after every change of the workspace. It is also evaluated every
        `RECHECK_SECONDS`, because it may read state outside the workspace.

        Args:
            timeout: wall-clock seconds.

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
            self._wait_for_change(before, min(remaining, RECHECK_SECONDS))

    def _wait_for_change(self, before: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._changes != before, seconds)
