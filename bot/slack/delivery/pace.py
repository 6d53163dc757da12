"""Slack takes about one message a second in each channel (slack-platform.md §4.3).

What this process sent; what others did stands in the outbox (`storage.outbox.held`).
"""

import threading
from datetime import datetime, timedelta

from storage.outbox import SPACING


class Pace:
    """When the next message may be posted to a channel or person. `interval` between two messages to one of them."""

    def __init__(self, interval: timedelta = SPACING) -> None:
        self._interval = interval
        self._free_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def posted(self, target: str, now: datetime) -> None:
        """A message went to the target: the next one waits for an interval."""
        self.hold(target, now + self._interval)

    def hold(self, target: str, until: datetime) -> None:
        """Nothing may be posted to the target before `until`: Slack said so."""
        with self._lock:
            self._free_at[target] = max(until, self._free_at.get(target, until))

    def free_at(self, target: str, now: datetime) -> datetime:
        """When the target may get its next message; `now` if nothing keeps it waiting."""
        return self.busy(now).get(target, now)

    def busy(self, now: datetime) -> dict[str, datetime]:
        """The targets that must wait, and until when."""
        with self._lock:
            self._free_at = {target: until for target, until in self._free_at.items() if until > now}
            return dict(self._free_at)
