"""Gives requests priority over delivery: messages are rendered while no request is being answered."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: The longest that delivery waits for requests to be answered, in seconds.
MAX_WAIT_SECONDS = 0.1


class RequestPriority:
    """Counts the requests being answered. Delivery calls `wait` before CPU-bound work. Methods are thread-safe."""

    def __init__(self) -> None:
        self._being_served = 0
        self._changed = threading.Condition()

    @contextmanager
    def serving_request(self) -> Iterator[None]:
        """Count a request as being answered for the duration of the block."""
        with self._changed:
            self._being_served += 1
        try:
            yield
        finally:
            with self._changed:
                self._being_served -= 1
                if not self._being_served:
                    self._changed.notify_all()

    def wait(self) -> None:
        """Return when no request is being answered, or after `MAX_WAIT_SECONDS` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._being_served, MAX_WAIT_SECONDS)
