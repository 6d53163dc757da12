"""The HTTP server of the process: threads that answer requests, the loop that takes them, and an orderly stop."""

import logging
import threading
import time
from contextlib import suppress
from typing import Any

import structlog
from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from bot.runtime.connections import Connection, Limits, Listener, adjustments
from bot.runtime.web import FOR_OPERATORS, Web

log = structlog.get_logger(__name__)
#: How long stopping waits until what was accepted is answered, in seconds. Slack itself waits for three.
ANSWER_SECONDS = 5.0
#: The longest time between two rounds of the loop, in seconds.
_ROUND_SECONDS = 1


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Answers what needs no database, operators and refusals, in a thread of its own, not behind Slack's requests."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        # its line for each request that waits would let a flood of requests fill the log
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._from_memory = ThreadedTaskDispatcher()
        self._from_memory.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, task: Connection) -> None:
        """Queue a connection whose next request is complete."""
        request = task.requests[0]
        if request.error or request.path in FOR_OPERATORS:  # a malformed request may have no path
            self._from_memory.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Finish the requests in progress."""
        self._from_memory.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))


def _is_busy(connection: Any) -> bool:
    """Return whether a connection has a request that is arriving, waits or is answered, or a response to be sent."""
    return bool(connection.request or connection.requests or connection.total_outbufs_len)


class CannotListen(Exception):
    """The server cannot listen at this address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen at {host}:{port}: {reason}")
        self.port = port


class Server:
    """Serves the web application on a port with several threads. With `port` 0, any free port is used.

    Raises `CannotListen`.
    """

    def __init__(self, web: Web, host: str, port: int, threads: int, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        try:
            given = adjustments(host, port, limits)
        except ValueError:  # what waitress makes of a host that cannot be resolved
            raise CannotListen(host, port, "there is no such host") from None
        self._sockets: dict[int, Any] = {}
        self._dispatcher = Dispatcher(threads)
        named: dict[str, Any] = {
            "map": self._sockets,
            "dispatcher": self._dispatcher,
            "limits": limits,
            "refused": web.refused,
        }
        try:  # a name such as localhost may have several addresses
            self._listeners = [Listener(web, adj=given, sockinfo=address, **named) for address in given.listen]
        except OSError as error:
            self._dispatcher.shutdown()
            self._close()
            raise CannotListen(host, port, str(error.strerror)) from None
        self._thread = threading.Thread(target=self.run, name="web", daemon=True)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._listeners[0].effective_port)

    def run(self) -> None:
        """Serve in the calling thread until stopped."""
        while self._sockets:
            try:
                wasyncore.loop(timeout=_ROUND_SECONDS, use_poll=True, map=self._sockets)
            except Exception as error:  # what nobody expects must not end the loop
                log.error("web.failed", exc_info=error)
                time.sleep(_ROUND_SECONDS)

    def start(self) -> None:
        """Serve in a separate thread."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections, answer the requests that were accepted, and close everything."""
        if not self._thread.is_alive():
            self._dispatcher.shutdown()
            self._close()
            return
        refusing = threading.Event()
        trigger = self._listeners[0].trigger
        trigger.pull_trigger(lambda: self._refuse(refusing))
        until = time.monotonic() + ANSWER_SECONDS
        refusing.wait(ANSWER_SECONDS)
        while time.monotonic() < until and any(map(_is_busy, self._connections())):
            time.sleep(0.005)
        self._dispatcher.shutdown()
        with suppress(OSError):  # the loop, also woken by a worker, may already have closed everything
            trigger.pull_trigger(self._close)
        self._thread.join(timeout=5)

    def _refuse(self, refusing: threading.Event) -> None:
        """Close the listening sockets, in the thread of the loop. `close` of a listener would close its trigger too."""
        for listener in self._listeners:
            wasyncore.dispatcher.close(listener)
        refusing.set()

    def _close(self) -> None:
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _connections(self) -> list[Any]:
        return [connection for listener in self._listeners for connection in list(listener.active_channels.values())]
