"""The connections of the HTTP server: how much time and memory a request may take, whoever sends it.

Of itself waitress renews its time-out with every byte, and a connection keeps its place until it ends. Here a request
has ten seconds in all, and so has its answer to be taken, and a connection that waits for its client gives way to a new
one, so that a request of Slack always finds a place.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask
from waitress.utilities import BadRequest, Error

from bot.health import SecurityEvent

#: The largest accepted request body in bytes, well above what Slack sends.
MAX_REQUEST_BYTES = 4_000_000
#: The largest accepted request line with all headers, in bytes.
MAX_HEADER_BYTES = 32_768
#: A request with a smaller body counts for nothing in `Limits.held_bytes`, so no flood of large ones can displace it.
_SMALL_BYTES = 65_536
#: Seconds between two looks for requests and answers that take too long.
_LOOK_SECONDS = 1.0
#: Why a request was refused, by the status of the answer. Every other one below 500 is malformed.
_REASONS = {408: SecurityEvent.TOO_SLOW, 413: SecurityEvent.TOO_LARGE, 431: SecurityEvent.TOO_LARGE}


@dataclass(frozen=True, slots=True)
class Limits:
    """What all connections of a server may take together, and each request."""

    #: Seconds from the first byte of a request to its last, and from its answer until the client has taken that.
    request_seconds: float = 10.0
    connections: int = 500
    #: Bytes of large bodies that are held at the same time.
    held_bytes: int = 64_000_000


class RequestTimeout(Error):  # type: ignore[misc]  # waitress has no types
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


class Request(HTTPRequestParser):  # type: ignore[misc]
    """One request that arrives. What cannot be parsed is refused with a status below 500."""

    def received(self, data: bytes) -> int:
        """Take the next bytes; return how many belong to this request."""
        try:
            taken = int(super().received(data))
        except Exception:  # noqa: BLE001 - whatever the parser stumbles over, the request is malformed
            self.error, self.completed, taken = BadRequest("malformed"), True, 0
        if self.completed and self.error is None and data[taken:].strip(b"\r\n"):
            # a client that sends the next request before it has the answer could have any number of answers made
            self.error = BadRequest("more than one request")
        if self.error is not None:
            self.expect_continue, taken = False, len(data)  # nothing more of a refused request is wanted
            if self.error.code >= 500:  # a transfer coding that does not exist
                self.error = BadRequest("malformed")
        return taken


class Refusal(ErrorTask):  # type: ignore[misc]
    """Answers a request that the server refuses by itself."""

    def execute(self) -> None:
        """Send the answer. An error of our own, which has its line already, is sent in the same way."""
        code = self.request.error.code
        if code < 500:
            self.channel.server.refused(_REASONS.get(code, SecurityEvent.MALFORMED))
        super().execute()


class Connection(HTTPChannel):  # type: ignore[misc]
    """One connection with its requests."""

    request: Request | None
    parser_class = Request
    error_task_class = Refusal

    def __init__(self, *args: Any, **named: Any) -> None:
        self.since = time.monotonic()
        self.was_answered = False
        super().__init__(*args, **named)

    def received(self, data: bytes) -> bool:
        """Take bytes that have arrived."""
        if self.request is None:
            self.since = time.monotonic()
        was_open = bool(super().received(data))
        if self.held_bytes:
            self.server.limit_held_bytes()
        return was_open

    def service(self) -> None:
        """Answer the next request."""
        super().service()
        self.since, self.was_answered = time.monotonic(), True

    def handle_close(self) -> None:
        """Close the connection. A client that is still sending reads the answer before it notices."""
        if self.socket is not None:  # waitress may close a broken connection twice
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        super().handle_close()

    def handle_expt(self) -> None:
        """Close a connection that brings urgent data, which HTTP does not know and nobody would ever read."""
        self.server.refused(SecurityEvent.MALFORMED)
        self.handle_close()

    @property
    def is_waiting(self) -> bool:
        """Whether the connection waits for its client since the moment `since`.

        It waits for a request, for the rest of one, or until the client has taken the answer.
        """
        return not (self.requests or self.will_close)

    def give_up(self) -> None:
        """Close the connection in the next round of the loop, also if the client takes nothing that is sent to it."""
        self.will_close = True
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    @property
    def held_bytes(self) -> int:
        """How many bytes of large bodies are held until they are answered."""
        held = (request.body_bytes_received for request in (*self.requests, self.request) if request is not None)
        return sum(length for length in held if length > _SMALL_BYTES)

    def end_late(self, limit: float) -> None:
        """End what takes the client longer than `limit` seconds: the request that is arriving, or taking the answer."""
        if not self.is_waiting or time.monotonic() - self.since <= limit:
            return
        if self.total_outbufs_len:
            self.handle_write()  # the client may have taken everything before
        if self.total_outbufs_len:
            self.server.refused(SecurityEvent.TOO_SLOW)
            self.give_up()
        elif not self.close_when_flushed:
            self._refuse_late()

    def _refuse_late(self) -> None:
        with self.requests_lock:
            request = self.request
            if request is not None:
                request.error, request.completed = RequestTimeout("too slow"), True
                self.request = None
                self.requests.append(request)
                self.server.add_task(self)


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """Accepts the connections of one address and keeps them within the limits. Its methods run in the server's loop."""

    channel_class = Connection

    def __init__(
        self, *args: Any, limits: Limits, refused: Callable[[SecurityEvent], None], adj: Adjustments, **named: Any
    ) -> None:
        self.limits, self.refused = limits, refused
        self._looks_at = 0.0
        super().__init__(*args, adj=adj, **named)

    def readable(self) -> bool:
        """Return whether connections can be accepted; before, end requests and answers that take too long.

        The `maintenance` of waitress goes by the time of day, which somebody may put back.
        """
        now = time.monotonic()
        if now >= self._looks_at:
            self._looks_at = now + _LOOK_SECONDS
            for connection in self._connections():
                connection.end_late(self.limits.request_seconds)
        return bool(super().readable())

    def handle_accept(self) -> None:
        """Accept a connection. Above the limit, another one that waits is closed for it.

        This is the one that has waited for longest among those that have never had an answer, if there are any.
        """
        super().handle_accept()
        if len(self.active_channels) > self.limits.connections:
            *others, _accepted = self._connections()
            waiting = [one for one in others if one.is_waiting]
            self._close(min(waiting, key=lambda one: (one.was_answered, one.since), default=None))

    def limit_held_bytes(self) -> None:
        """Close the connection with the largest body that is arriving, if all large bodies together are too large."""
        large = [one for one in self._connections() if one.held_bytes and not one.will_close]
        if sum(one.held_bytes for one in large) > self.limits.held_bytes:
            arriving = (one for one in large if one.is_waiting)
            self._close(max(arriving, key=lambda one: one.held_bytes, default=None))

    def _connections(self) -> list[Connection]:
        return list(self.active_channels.values())

    def _close(self, connection: Connection | None) -> None:
        if connection is not None:
            connection.give_up()
            self.refused(SecurityEvent.CROWDED)


def adjustments(host: str, port: int, limits: Limits) -> Adjustments:
    """Return the settings of waitress. Raises `ValueError` for a host that cannot be resolved."""
    return Adjustments(
        host=host,
        port=port,
        ident="faultdesk",
        clear_untrusted_proxy_headers=True,
        max_request_body_size=MAX_REQUEST_BYTES + 1,  # waitress refuses what is as long as this
        max_request_header_size=MAX_HEADER_BYTES,
        inbuf_overflow=MAX_REQUEST_BYTES + 1,  # bodies stay in memory, where they are counted
        outbuf_overflow=2**30,  # answers stay in memory as well, of which a connection has one
        recv_bytes=_SMALL_BYTES,
        connection_limit=limits.connections + 100,  # reached only if all of them are being answered
        asyncore_use_poll=True,  # `select` fails above 1,024 files
        log_socket_errors=False,  # a client that breaks its connection is no error of ours
    )
