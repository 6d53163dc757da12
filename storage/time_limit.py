"""How long the database may take to answer.

Work that somebody waits for says so: a request of a person, a round of a loop, a check. Work that may take minutes,
such as an export or a migration, has no limit.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Let all that this thread asks the database in the block be answered within `seconds` together.

    What takes longer raises `Unavailable`. A limit that ends sooner stays in force. SQLite has no server that could
    hang; its locks are waited for as long as without a limit.
    """
    until, earlier = time.monotonic() + seconds, _until.get()
    token = _until.set(until if earlier is None else min(until, earlier))
    try:
        yield
    finally:
        _until.reset(token)


def seconds_left() -> float | None:
    """Return the seconds that are left to this thread, negative when the limit has passed; None without a limit."""
    until = _until.get()
    return None if until is None else until - time.monotonic()
