"""Limits the rate of messages: Slack takes about one message a second in each channel (slack-platform.md §4.3).

This module knows what this process sent; `storage.outbox.held` knows what all processes sent.
"""

import threading
from datetime import datetime, timedelta

from storage.outbox import SPACING


class Pace:
    """Knows when the next message may go to a channel or person. Methods are thread-safe; moments are aware UTC.

    `interval` is the time between two messages to the same target.
    """

    def __init__(self, interval: timedelta = SPACING) -> None:
        self._interval = interval
        self._free_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def posted(self, target: str, now: datetime) -> None:
        """Record that a message went to the target at `now`: the next one waits for one interval."""
        self.hold(target, now + self._interval)

    def hold(self, target: str, until: datetime) -> None:
        """Post nothing to the target before `until`. A later moment set before stays in force."""
        with self._lock:
            self._free_at[target] = max(until, self._free_at.get(target, until))

    def free_at(self, target: str, now: datetime) -> datetime:
        """Return when the target may get its next message; `now` if it need not wait."""
        return self.busy(now).get(target, now)

    def busy(self, now: datetime) -> dict[str, datetime]:
        """Return the targets that must wait, each with the end of its wait."""
        with self._lock:
            self._free_at = {target: until for target, until in self._free_at.items() if until > now}
            return dict(self._free_at)
