"""A connection to PostgreSQL that does not wait for a server that hangs.

A server that hangs sends nothing, so only the client can end the wait. Its system answers the keepalives of the network
meanwhile, which detect no more than a machine or a network that is gone.
"""

from typing import Any

import psycopg
import psycopg.errors
from psycopg.abc import PQGen

from storage.time_limit import seconds_left

#: How much longer than the server itself the client waits, in seconds: a statement that the server stops leaves the
#: connection usable.
_GRACE = 0.2
#: How a peer that is gone is detected, by the client and by the server, within half a minute.
_KEEPALIVES = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
_CONNECTING = {
    "connect_timeout": 2,
    "keepalives": 1,
    **{name.removeprefix("tcp_"): value for name, value in _KEEPALIVES.items()},
    "tcp_user_timeout": 10_000,
}


def arguments(**settings: int) -> dict[str, Any]:
    """Return the arguments with which to connect. `settings` are settings of the server for this session."""
    options = " ".join(f"-c {name}={value}" for name, value in {**settings, **_KEEPALIVES}.items())
    return {**_CONNECTING, "options": options}


class LimitedConnection(psycopg.Connection[Any]):
    """A connection that waits as long as `storage.time_limit` allows.

    When the time is over the connection is closed, because an answer that comes later would be taken for that to
    another question. The server rolls back what it had begun.
    """

    @classmethod
    def connect(cls, *arguments: Any, **more: Any) -> "LimitedConnection":
        """Connect. Raises `psycopg.OperationalError`, at once when the time is over."""
        left = seconds_left()
        if left is not None and left <= 0:
            raise psycopg.errors.QueryCanceled("timeout expired before the connection was made")
        return super().connect(*arguments, **more)

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server. Raises `psycopg.errors.QueryCanceled` when the time is over."""
        left = seconds_left()
        if left is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, max(0.0, left + _GRACE))
        except psycopg.OperationalError as error:
            if (seconds_left() or 0.0) > -_GRACE:
                raise
            self.pgconn.finish()
            raise psycopg.errors.QueryCanceled("timeout expired") from error
