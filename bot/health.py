"""Is everything moving? What `GET /health` and `GET /metrics` tell operators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Gauge

from bot.clock import Clock
from storage import outbox
from storage.database import Database, Unavailable
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: A part that has not moved for this long is ill.
STILL = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Report:
    """The state of each part; healthy when each is."""

    healthy: bool
    parts: Mapping[str, Any]


class Health:
    """Looks at the database, the sweep of reminders, the delivery and the access to Slack."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._moved: dict[str, datetime] = {}
        self._still: dict[str, timedelta] = {}
        self._slack = "unknown"
        self.registry = CollectorRegistry()
        self._waiting = Gauge("faultdesk_outbox_waiting", "Messages that wait for Slack", registry=self.registry)
        self._dead = Gauge("faultdesk_outbox_dead", "Messages that Slack refused for good", registry=self.registry)
        self._age = Gauge(
            "faultdesk_part_still_seconds",
            "Seconds since a part last moved",
            ["part"],
            registry=self.registry,
        )

    def watch(self, part: str, still: timedelta = STILL) -> None:
        """From now on this part must move at least once in `still`."""
        self._still[part] = still
        self.moved(part)

    def moved(self, part: str) -> None:
        """A part of the process says that it lives."""
        self._moved[part] = self._clock.now()

    def slack(self, state: str) -> None:
        """What the last look at Slack said: `ok`, or Slack's word for what is wrong."""
        self._slack = state

    def report(self) -> Report:
        """Look at everything now."""
        now = self._clock.now()
        parts: dict[str, Any] = {"database": self._look_at_database(), "slack": self._slack}
        for part, still in self._still.items():
            age = now - self._moved[part]
            self._age.labels(part).set(age.total_seconds())
            parts[part] = "ok" if age <= still else f"still for {int(age.total_seconds())} s"
        healthy = all(state == "ok" for part, state in parts.items() if part != "slack")
        return Report(healthy, parts)

    def _look_at_database(self) -> str:
        try:
            with self._database.read() as session:
                self._waiting.set(outbox.count(session, OutboxState.WAITING))
                self._dead.set(outbox.count(session, OutboxState.DEAD))
        except Unavailable as error:
            log.warning("health.database_unavailable", error=str(error))
            return "unavailable"
        return "ok"
