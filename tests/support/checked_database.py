"""A process that does nothing but check its database, whenever the test says so."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from prometheus_client import generate_latest

from bot.clock import Clocks
from bot.health import DATABASE, DELIVERY, REMINDERS, WORKERS, Health
from bot.runtime.database_check import DatabaseCheck
from bot.runtime.seal_key import FoundKey
from bot.slack.seen_events import SeenEvents
from storage.database import Database
from tests.support.manual_clock import ManualClock

#: How often the process would check by itself.
EVERY = timedelta(seconds=5)


class CheckedDatabase:
    """A worker on a clock that the test moves; with `works` False, a process that only takes requests.

    `given` are the company's settings in its environment.
    """

    def __init__(
        self,
        database: Database,
        clock: ManualClock | None = None,
        *,
        works: bool = True,
        key: FoundKey | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self.health = Health(self.clock.ticks)
        self.postponed: Collection[int] = ()
        self.seen_events = SeenEvents()
        self._check = DatabaseCheck(
            database,
            Clocks(self.clock, database.server_now),
            self.health,
            EVERY,
            works=works,
            key=key or FoundKey(None),
            given=given or {},
            postponed=lambda: self.postponed,
            seen_events=self.seen_events,
        )
        for part in (DATABASE, DELIVERY, REMINDERS) if works else (DATABASE, WORKERS):
            self.health.watch(part, EVERY)

    def parts(self, seconds: float = 0) -> dict[str, str]:
        """Let the parts work and some seconds pass, check, and return the states."""
        self.clock.move(seconds=seconds)
        for part in (DELIVERY, REMINDERS):
            self.health.worked(part)
        self._check.check()
        return dict(self.health.report().parts)

    def metrics(self) -> list[str]:
        """The lines of the metrics."""
        return generate_latest(self.health.metrics.registry).decode().splitlines()
