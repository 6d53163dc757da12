"""The trigger of the periodic jobs."""

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Runs a job when `interval` has passed since its last run, or since it was added.

    APScheduler's own triggers count on from the last time that was planned. Where the clock is a year ahead they first
    list every beat that was missed.
    """

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return the next time to run, seen from `now` alone (aware)."""
        return now + self.interval
