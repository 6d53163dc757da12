"""Watches the process itself and reports unhealthy parts: to operators in the log, to admins directly."""

from collections.abc import Callable, Collection
from datetime import timedelta

import structlog

from bot.health import REMINDERS, Health, to_be_told
from bot.runtime.periodic import Periodic

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
        self._check_clock = check_clock
        self._revive = revive
        self._alarm = alarm
        self._failed_checks: dict[str, int] = {}
        self._reported: set[str] = set()
        self._checks = Periodic("watchdog", every.total_seconds(), self.check, "watchdog.failed")

    def start(self) -> None:
        """Start checking."""
        self._checks.start()

    def stop(self) -> None:
        """Stop checking."""
        self._checks.stop()

    def check(self) -> None:
        """Check once."""
        self._check_clock()
        parts = to_be_told(self._health.report().parts)
        self._failed_checks = {part: self._failed_checks.get(part, 0) + 1 for part in parts}
        lasting = {part for part, checks in self._failed_checks.items() if checks >= CHECKS_BEFORE_ALARM}
        if REMINDERS in parts:
            self._revive()
        if lasting - self._reported or (self._reported and not parts):
            log.error("watchdog.ill", **parts) if lasting else log.info("watchdog.well")
        self._reported = self._reported | lasting if parts else set()
        if lasting or not parts:
            self._alarm(lasting)
