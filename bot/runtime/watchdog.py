"""Watches the process itself and reports unhealthy parts: to operators in the log, to admins directly."""

import threading
from collections.abc import Callable, Collection
from datetime import timedelta

import structlog

from bot.health import Health, ill

log = structlog.get_logger(__name__)
#: A part is reported after this many unhealthy checks in a row.
LOOKS = 2


class Watchdog:
    """A thread that checks the health. It tries `revive` first and calls `tell` on every change."""

    def __init__(
        self, health: Health, every: timedelta, revive: Callable[[], None], tell: Callable[[Collection[str]], None]
    ) -> None:
        """`tell` receives the unhealthy parts; none once everything is healthy again."""
        self._health = health
        self._every = every.total_seconds()
        self._revive = revive
        self._tell = tell
        self._seen: dict[str, int] = {}
        self._told: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Start checking."""
        self._thread.start()

    def stop(self) -> None:
        """Stop checking."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Check once."""
        parts = ill(self._health.report().parts)
        self._seen = {part: self._seen.get(part, 0) + 1 for part in parts}
        lasting = {part for part, looks in self._seen.items() if looks >= LOOKS}
        if "reminders" in parts:
            self._revive()
        if lasting - self._told or (self._told and not parts):
            log.error("watchdog.ill", **parts) if lasting else log.info("watchdog.well")
            self._told = lasting
            self._tell(lasting)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.look()
            except Exception as error:  # a failed check must not end the watchdog
                log.error("watchdog.failed", exc_info=error)
