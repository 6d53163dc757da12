"""People go first: messages are drawn while no request is being answered, or after a short wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: The longest that a message waits for requests to be answered, in seconds.
PATIENCE = 0.1


class Courtesy:
    """Counts the requests being answered; the delivery asks before it takes the processor."""

    def __init__(self) -> None:
        self._answering = 0
        self._changed = threading.Condition()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """A person waits for the answer inside this block."""
        with self._changed:
            self._answering += 1
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                if not self._answering:
                    self._changed.notify_all()

    def wait(self) -> None:
        """Return as soon as nobody waits for an answer, or when patience ends."""
        with self._changed:
            self._changed.wait_for(lambda: not self._answering, PATIENCE)
