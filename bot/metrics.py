"""The metrics of the process, which `GET /metrics` prints. Each is defined here.

A label has one of a fixed list of values, so that nothing that a person typed becomes one and their number is bounded.
"""

from collections.abc import Iterable
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: The upper limits of the delays that are told apart, in seconds: what is on time, what is retried, what was an outage.
_DELAY_SECONDS = (1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400)


class Delayed(StrEnum):
    """The messages whose delay is measured."""

    REMINDER = "reminder"
    #: The card of a report, and the notice to its reporter.
    FIRST_MESSAGE = "first_message"


class AlarmResult(StrEnum):
    """What became of one attempt to tell one admin."""

    TOLD = "told"
    NOT_TOLD = "not_told"
    REFUSED = "refused"


class SocketEnd(StrEnum):
    """Why a connection of Socket Mode had to be made anew, or could not be made."""

    #: Slack asked for it, as it does every few hours.
    REFRESHED = "refreshed"
    LOST = "lost"
    SILENT = "silent"
    NOT_MADE = "not_made"


class PingResult(StrEnum):
    """What became of one ping of the dead man's switch."""

    SENT = "sent"
    FAILED = "failed"


class Metrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.waiting = Gauge("faultdesk_outbox_waiting", "Messages that wait for Slack", registry=self.registry)
        self.dead = Gauge("faultdesk_outbox_dead", "Messages that Slack refused for good", registry=self.registry)
        self.workers = Gauge("faultdesk_workers", "Processes that deliver and remind", registry=self.registry)
        self.oldest_due = self._of_part(
            "faultdesk_oldest_due_seconds",
            "Seconds for which the message or reminder that is sent next has been waiting for this alone",
        )
        self.oldest_age = self._of_part(
            "faultdesk_oldest_age_seconds",
            "Seconds since the oldest message that could be sent was written, and since the oldest reminder became due",
        )
        self.still = self._of_part("faultdesk_part_still_seconds", "Seconds since a part last moved")
        self.healthy = self._of_part("faultdesk_part_healthy", "1 if the part is healthy, otherwise 0")
        self.refused = Counter(
            "faultdesk_requests_refused", "Requests that were refused, by reason", ["reason"], registry=self.registry
        )
        self.delay = Histogram(
            "faultdesk_message_delay_seconds",
            "From the time at which a message was due to Slack's answer",
            ["message"],
            buckets=_DELAY_SECONDS,
            registry=self.registry,
        )
        for message in Delayed:
            self.delay.labels(message)
        self.retries = Counter(
            "faultdesk_delivery_retries",
            "Attempts that will be repeated, by reason",
            ["reason"],
            registry=self.registry,
        )
        self.refusals = Counter(
            "faultdesk_delivery_refusals", "Messages that were given up, by reason", ["reason"], registry=self.registry
        )
        self.alarms = self._counter("faultdesk_alarms", "Attempts to tell an admin", "result", AlarmResult)
        self.alarms_waiting = Gauge(
            "faultdesk_alarms_waiting", "Admins who do not know yet what is out of order", registry=self.registry
        )
        self.reconnects = self._counter(
            "faultdesk_socket_reconnects", "Connections of Socket Mode to be made anew", "reason", SocketEnd
        )
        self.pings = self._counter("faultdesk_heartbeat_pings", "Pings of FAULT_HEARTBEAT_URL", "result", PingResult)

    def _of_part(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, ["part"], registry=self.registry)

    def _counter(self, name: str, meaning: str, label: str, values: Iterable[StrEnum]) -> Counter:
        """Return a counter that shows each value from the start, so that an increase from none is seen."""
        counter = Counter(name, meaning, [label], registry=self.registry)
        for value in values:
            counter.labels(value)
        return counter
