"""A thread that runs while a context is entered."""

import threading
from typing import Self


class BackgroundThread:
    """A thread that runs while the context is entered.

    Subclasses define in `_run` what it does until `_stop_event` is set.
    """

    def __init__(self) -> None:
        self._stop_event = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__.lower(), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._stop_event.set()
        self._thread.join()

    def _run(self) -> None:
        raise NotImplementedError
