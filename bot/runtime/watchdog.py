"""Watches the process itself and reports unhealthy parts: to operators in the log, to admins directly."""

import threading
from collections.abc import Callable, Collection
from datetime import timedelta

import structlog

from bot.health import Health, to_be_told

log = structlog.get_logger(__name__)
#: A part is reported after this many unhealthy checks in a row.
CHECKS_BEFORE_ALARM = 2


class Watchdog:
    """A thread that checks the health. It tries `revive` first, and calls `alarm` at every check."""

    def __init__(
        self,
        health: Health,
        every: timedelta,
        check_clock: Callable[[], None],
        revive: Callable[[], None],
        alarm: Callable[[Collection[str]], None],
    ) -> None:
        """`check_clock` runs before each check.

        `alarm` gets the parts that stay unhealthy, and none while everything is healthy. It repeats what nobody heard.
        """
        self._health = health
        self._every = every.total_seconds()
        self._check_clock = check_clock
        self._revive = revive
        self._alarm = alarm
        self._failed_checks: dict[str, int] = {}
        self._reported: set[str] = set()
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

    def check(self) -> None:
        """Check once."""
        self._check_clock()
        parts = to_be_told(self._health.report().parts)
        self._failed_checks = {part: self._failed_checks.get(part, 0) + 1 for part in parts}
        lasting = {part for part, checks in self._failed_checks.items() if checks >= CHECKS_BEFORE_ALARM}
        if "reminders" in parts:
            self._revive()
        if lasting - self._reported or (self._reported and not parts):
            log.error("watchdog.ill", **parts) if lasting else log.info("watchdog.well")
        self._reported = self._reported | lasting if parts else set()
        if lasting or not parts:
            self._alarm(lasting)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.check()
            except Exception as error:  # a failed check must not end the watchdog
                log.error("watchdog.failed", exc_info=error)
