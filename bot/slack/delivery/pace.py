"""Limits the rate of messages: Slack takes about one message a second in each channel (slack-platform.md §4.3).

This module knows what this process sent; `storage.claims.held` knows what all processes sent.
"""

import threading
from collections.abc import Callable
from datetime import timedelta


class Pace:
    """Knows how long a channel or person must wait for the next message. Methods are thread-safe.

    `interval` is the time between two messages to the same target; `ticks` returns the seconds of a monotonic clock.
    """

    def __init__(self, interval: timedelta, ticks: Callable[[], float]) -> None:
        self._interval = interval
        self._ticks = ticks
        self._free_at: dict[str, float] = {}
        self._limits: dict[str, float] = {}
        self._lock = threading.Lock()

    def posted(self, target: str) -> None:
        """Record that a message goes to the target now: the next one waits for one interval."""
        self.hold(target, self._interval)

    def hold(self, target: str, wait: timedelta) -> None:
        """Post nothing to the target for this long. A longer wait set before stays in force."""
        until = self._ticks() + wait.total_seconds()
        with self._lock:
            self._free_at[target] = max(until, self._free_at.get(target, until))

    def limited(self, target: str, wait: timedelta) -> None:
        """Record that Slack limits the rate of messages to the target for this long."""
        self.hold(target, wait)
        with self._lock:
            self._limits[target] = self._ticks() + wait.total_seconds()

    def pause(self) -> timedelta:
        """Return how long nothing may be posted anywhere, zero if it may.

        Slack also limits the messages of a whole workspace. It then refuses one target after the other, so limits of
        two targets at a time mean that all wait until the first of them is over.
        """
        now = self._ticks()
        with self._lock:
            self._limits = {target: until for target, until in self._limits.items() if until > now}
            several = len(self._limits) > 1
            return timedelta(seconds=min(self._limits.values()) - now) if several else timedelta()

    def wait(self, target: str) -> timedelta:
        """Return how long the target must wait for its next message, zero if it need not."""
        return self.waits().get(target, timedelta())

    def waits(self) -> dict[str, timedelta]:
        """Return the targets that must wait, each with how long."""
        now = self._ticks()
        with self._lock:
            self._free_at = {target: until for target, until in self._free_at.items() if until > now}
            return {target: timedelta(seconds=until - now) for target, until in self._free_at.items()}
