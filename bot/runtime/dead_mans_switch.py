"""Tells a service outside that the bot does its work. The service raises the alarm when nothing comes any more."""

import threading
import urllib.request
from collections.abc import Iterable
from http.client import HTTPException
from urllib.error import HTTPError

import structlog

from bot.health import Health
from bot.metrics import PingResult

log = structlog.get_logger(__name__)
#: Seconds between two pings.
PING_SECONDS = 60.0
#: Seconds after which a ping without an answer has failed.
TIMEOUT_SECONDS = 5.0


class DeadMansSwitch:
    """Pings a URL from a thread of its own, which blocks nobody.

    A ping follows only if each of the `parts` has ended a round well since the one before, and all of health is well.
    The URL is a secret: whoever knows it can pretend that all is well. No log line shows it.
    """

    def __init__(self, url: str, health: Health, parts: Iterable[str]) -> None:
        self._url = url
        self._health = health
        self._rounds = dict.fromkeys(parts, 0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dead-mans-switch", daemon=True)

    def start(self) -> None:
        """Ping every `PING_SECONDS`, the first time after as long."""
        self._thread.start()

    def stop(self) -> None:
        """Stop pinging."""
        self._stopping.set()
        self._thread.join(timeout=TIMEOUT_SECONDS)

    def check(self) -> bool:
        """Ping if all is well; return whether the service outside took it."""
        rounds = {part: self._health.good_rounds(part) for part in self._rounds}
        if any(rounds[part] == before for part, before in self._rounds.items()) or not self._health.report().healthy:
            log.warning("heartbeat.withheld")
            return False
        self._rounds = rounds
        return self._ping()

    def _ping(self) -> bool:
        try:
            with urllib.request.urlopen(self._url, timeout=TIMEOUT_SECONDS):  # noqa: S310 - the setting is http(s)
                pass
        except HTTPError as error:
            self._failed(f"http_{error.code}")
            return False
        except (OSError, HTTPException, ValueError) as error:
            self._failed(type(error).__name__)
            return False
        self._health.metrics.pings.labels(PingResult.SENT).inc()
        return True

    def _failed(self, reason: str) -> None:
        self._health.metrics.pings.labels(PingResult.FAILED).inc()
        log.warning("heartbeat.failed", reason=reason)

    def _run(self) -> None:
        while not self._stopping.wait(PING_SECONDS):
            try:
                self.check()
            except Exception as error:  # the thread must survive a failed check
                log.error("heartbeat.check_failed", exc_info=error)
