"""The health of the process: what `GET /health` and `GET /metrics` report to operators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlmodel import Session

from storage import key_signatures, outbox
from storage.database import Database, Unavailable
from storage.vocabulary import OutboxState

log = structlog.get_logger(__name__)
#: A part is unhealthy when it has not moved for this many of its intervals.
MAX_MISSED_INTERVALS = 3
OK = "ok"
#: The beginning of the state of a part that could not be checked.
UNKNOWN = "unknown"
#: The part that says who reads the service-desk channel.
DESK_CHANNEL = "desk_channel"
#: The part that stands for the processes that deliver and remind, in a process that does neither.
WORKERS = "workers"
#: The part that stands for the key with which this process signs.
SEAL_KEY = "seal_key"
UNSIGNED = "unsigned"
#: The part that says whether the clock of the machine is right.
CLOCK = "clock"
#: The part that says whether Slack lets the bot look for a message whose answer was lost.
READ_BACK = "read_back"
#: The parts that a restart does not repair, and without which everything else works.
ADVISORY = frozenset({"slack", SEAL_KEY, DESK_CHANNEL, CLOCK, READ_BACK})
#: Those of them that the admins are told about.
_TOLD = (DESK_CHANNEL, CLOCK, READ_BACK)


class SecurityEvent(StrEnum):
    """The reasons for which a request is refused and counted; one for another workspace has codes of its own."""

    BAD_SIGNATURE = "bad_signature"
    STALE = "stale"
    REFUSED_READING = "refused_reading"


@dataclass(frozen=True, slots=True)
class Report:
    """The state of each part. The report is healthy when every part is."""

    parts: Mapping[str, str]

    @property
    def healthy(self) -> bool:
        """Whether no part needs attention."""
        return not unhealthy(self.parts)

    def own(self) -> "Report":
        """Return the report without other processes, whose problems a restart of this process does not solve."""
        return Report({part: state for part, state in self.parts.items() if part != WORKERS})


class Health:
    """Observes the database, the reminder sweep, the delivery and the access to Slack."""

    def __init__(
        self,
        database: Database,
        ticks: Callable[[], float],
        key: str | None = None,
        key_problem: str | None = None,
    ) -> None:
        """`ticks` returns the seconds of a monotonic clock. `key` is the fingerprint of the key of this process.

        `key_problem` says why a key that the settings name cannot be used.
        """
        self._key, self._key_problem = key, key_problem
        self._database = database
        self._ticks = ticks
        self._moved: dict[str, float] = {}
        self._still: dict[str, float] = {}
        self._slack = UNKNOWN
        self._seal_key = UNKNOWN
        self._findings: dict[str, str] = {}
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
        self._refused = Counter(
            "faultdesk_requests_refused", "Requests that were refused, by reason", ["reason"], registry=self.registry
        )
        for reason in SecurityEvent:
            self._refused.labels(reason)
        self._well = Gauge(
            "faultdesk_part_healthy", "1 if the part is healthy, otherwise 0", ["part"], registry=self.registry
        )

    def refused(self, reason: str, **more: str) -> None:
        """Count and log a request that was refused. `more` goes into the log line; nothing of the content is kept."""
        self._refused.labels(reason).inc()
        log.warning("request.refused", reason=reason, **more)

    def watch(self, part: str, every: timedelta) -> None:
        """Observe a part that must move once per `every`. It is unhealthy after `MAX_MISSED_INTERVALS` of these without
        moving.
        """
        self._still[part] = MAX_MISSED_INTERVALS * every.total_seconds()
        self.moved(part)

    def moved(self, part: str) -> None:
        """Record that a part of the process has moved."""
        self._moved[part] = self._ticks()

    def slack(self, state: str) -> None:
        """Record the result of the last check of Slack: `ok`, Slack's error code, or the kind of connection error."""
        self._slack = state

    def finding(self, part: str, state: str) -> None:
        """Record the result of the last check of a part: `ok`, what is wrong, or why it is unknown."""
        self._findings[part] = state

    def report(self) -> Report:
        """Check everything now and return the states."""
        fixed = {"database": self._check_database(), "slack": self._slack, SEAL_KEY: self._seal_key}
        parts = {**fixed, **self._findings}
        now = self._ticks()
        for part, still in self._still.items():
            age = now - self._moved[part]
            self._age.labels(part).set(age)
            parts[part] = OK if age <= still else f"{'none' if part == WORKERS else 'still'} for {int(age)} s"
        for part, state in parts.items():
            self._well.labels(part).set(state == OK)
        return Report(parts)

    def _check_database(self) -> str:
        try:
            with self._database.read() as session:
                self._waiting.set(outbox.count(session, OutboxState.WAITING))
                self._dead.set(outbox.count(session, OutboxState.DEAD))
                self._check_workers(len(self._database.senders(session)))
                self._seal_key = self._check_key(session)
        except Unavailable as error:
            log.warning("health.database_unavailable", error=str(error))
            self.moved(WORKERS)  # they may be alive, and they reconnect later
            return f"unavailable: {error.reason}"
        return OK

    def _check_key(self, session: Session) -> str:
        used = key_signatures.current(session)
        if used is None and self._key is None:
            return self._key_problem or UNSIGNED
        if used is None or used.fingerprint == self._key:
            return OK
        here = f"has key {self._key}" if self._key else self._key_problem or "has no key"
        return f"signs nothing: the desk uses key {used.fingerprint}, this process {here}"

    def _check_workers(self, present: int) -> None:
        """Count the workers by their connections, which the server ends when a worker dies, busy or idle.

        Waiting work proves less: messages may wait for Slack's rate limits, and reminders for a locked case. A worker
        that is connected but stuck reports that itself.
        """
        self._workers.set(present)
        if present:
            self.moved(WORKERS)


def unhealthy(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the parts that are unhealthy, without those that a restart does not repair."""
    return {part: state for part, state in parts.items() if state != OK and part not in ADVISORY}


def to_be_told(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the parts that the admins are told about: the unhealthy ones, and findings that only people can mend."""
    found = {part: parts[part] for part in _TOLD if part in parts}
    return {
        **unhealthy(parts),
        **{part: state for part, state in found.items() if state != OK and not state.startswith(UNKNOWN)},
    }
