"""Is everything moving? What `GET /health` and `GET /metrics` tell operators."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry, Gauge

from storage import outbox
from storage.database import Database, Unavailable
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: A part that has not moved for so many of its intervals is ill.
INTERVALS = 3
OK = "ok"
#: Those who deliver and remind, as a process sees them that does neither itself.
WORKERS = "workers"


@dataclass(frozen=True, slots=True)
class Report:
    """The state of each part; healthy when each is."""

    parts: Mapping[str, str]

    @property
    def healthy(self) -> bool:
        """Whether nobody need do anything."""
        return not ill(self.parts)

    def own(self) -> "Report":
        """The same of this process alone: to start it anew, or to send requests elsewhere, mends nothing of others."""
        return Report({part: state for part, state in self.parts.items() if part != WORKERS})


class Health:
    """Looks at the database, the sweep of reminders, the delivery and the access to Slack."""

    def __init__(self, database: Database, ticks: Callable[[], float] = time.monotonic) -> None:
        """`ticks` are seconds of a clock that nobody sets."""
        self._database = database
        self._ticks = ticks
        self._moved: dict[str, float] = {}
        self._still: dict[str, float] = {}
        self._slack = "unknown"
        self.registry = CollectorRegistry()
        self._waiting = Gauge("faultdesk_outbox_waiting", "Messages that wait for Slack", registry=self.registry)
        self._dead = Gauge("faultdesk_outbox_dead", "Messages that Slack refused for good", registry=self.registry)
        self._workers = Gauge("faultdesk_workers", "Processes that deliver and remind", registry=self.registry)
        self._age = Gauge(
            "faultdesk_part_still_seconds",
            "Seconds since a part last moved",
            ["part"],
            registry=self.registry,
        )
        self._well = Gauge(
            "faultdesk_part_healthy", "1 while a part is as it should be", ["part"], registry=self.registry
        )

    def watch(self, part: str, every: timedelta) -> None:
        """From now on this part must move `every` so often; it is ill once it missed that three times."""
        self._still[part] = INTERVALS * every.total_seconds()
        self.moved(part)

    def moved(self, part: str) -> None:
        """A part of the process says that it lives."""
        self._moved[part] = self._ticks()

    def slack(self, state: str) -> None:
        """What the last look at Slack said: `ok`, or Slack's word for what is wrong."""
        self._slack = state

    def report(self) -> Report:
        """Look at everything now."""
        parts = {"database": self._look_at_database(), "slack": self._slack}
        now = self._ticks()
        for part, still in self._still.items():
            age = now - self._moved[part]
            self._age.labels(part).set(age)
            parts[part] = OK if age <= still else f"{'none' if part == WORKERS else 'still'} for {int(age)} s"
        for part, state in parts.items():
            self._well.labels(part).set(state == OK)
        return Report(parts)

    def _look_at_database(self) -> str:
        try:
            with self._database.read() as session:
                self._waiting.set(outbox.count(session, OutboxState.WAITING))
                self._dead.set(outbox.count(session, OutboxState.DEAD))
                self._look_for_workers(len(self._database.senders(session)))
        except Unavailable as error:
            log.warning("health.database_unavailable", error=str(error))
            self.moved(WORKERS)  # they may live: nobody is to be seen now, and they come back a moment after it
            return f"unavailable: {error.reason}"
        return OK

    def _look_for_workers(self, present: int) -> None:
        """A worker's connection says that it lives, for the server knows when it ends, busy or idle.

        What waits says less: messages wait rightly for Slack's pace and its refusals, and reminders for whoever holds
        their case. A worker that is there but stands still says so itself.
        """
        self._workers.set(present)
        if present:
            self.moved(WORKERS)


def ill(parts: Mapping[str, str]) -> dict[str, str]:
    """The parts that are not as they should be. Slack's answer to us is Slack's: a restart would mend nothing."""
    return {part: state for part, state in parts.items() if state != OK and part != "slack"}
