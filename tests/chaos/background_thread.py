"""A thread that runs while a context is entered."""

import threading
from typing import Self


class BackgroundThread:
    """A thread that runs while the context is entered. What it raises, leaving the context raises.

    Subclasses define in `_run` what it does until `_stop_event` is set.
    """

    def __init__(self) -> None:
        self._stop_event = threading.Event()
        self._thread = threading.Thread(target=self._keep_error, name=type(self).__name__.lower(), daemon=True)
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._stop_event.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _keep_error(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 - a run whose watcher or injector died shows nothing
            self._error = error

    def _run(self) -> None:
        raise NotImplementedError
