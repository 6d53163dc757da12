"""A thread that does the same work again and again."""

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Periodic:
    """Does `work` every so many seconds, for the first time after as long. Its failure does not end the thread."""

    def __init__(
        self, name: str, every_seconds: float, work: Callable[[], object], failed: str, timeout: float | None = None
    ) -> None:
        """`failed` is the event that is logged when `work` raises.

        Stopping waits `timeout` seconds for work in progress; with None, until it has ended.
        """
        self._every = every_seconds
        self._work = work
        self._failed = failed
        self._timeout = timeout
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, also one that never started."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=self._timeout)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self._work()
            except Exception as error:  # the next attempt may succeed
                log.error(self._failed, exc_info=error)
