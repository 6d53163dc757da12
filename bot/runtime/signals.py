"""Stops a process on SIGINT and SIGTERM."""

import signal
import threading
from typing import Any


class StopSignals:
    """Hears the signals that stop a process. Made before the start, to miss none."""

    def __init__(self) -> None:
        #: Set by the first signal.
        self.stop = threading.Event()
        #: Set by the second one: whoever sends it does not want to wait.
        self.at_once = threading.Event()
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, self._heard)

    def _heard(self, *_: Any) -> None:
        (self.at_once if self.stop.is_set() else self.stop).set()
