"""Slack takes about one message a second in each channel (slack-platform.md §4.3)."""

import threading
from datetime import datetime, timedelta


class Pace:
    """When the next message may be posted to a channel. `interval` between two messages of one channel."""

    def __init__(self, interval: timedelta = timedelta(seconds=1)) -> None:
        self._interval = interval
        self._free_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def reserve(self, channel: str, now: datetime) -> timedelta:
        """Zero and the place is taken, or how long to wait before asking again."""
        with self._lock:
            wait = self._free_at.get(channel, now) - now
            if wait > timedelta():
                return wait
            self._free_at[channel] = now + self._interval
            return timedelta()

    def hold(self, channel: str, until: datetime) -> None:
        """Nothing may be posted to the channel before `until`: Slack said so."""
        with self._lock:
            self._free_at[channel] = max(until, self._free_at.get(channel, until))
