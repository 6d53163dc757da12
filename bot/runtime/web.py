"""The HTTP server of the process: Slack's requests, health and metrics, over plain WSGI."""

import errno
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from bot.health import Health
from bot.slack.app import RequestGateway
from bot.slack.delivery.request_priority import RequestPriority

#: The largest accepted request body in bytes, well above what Slack sends.
MAX_REQUEST_BYTES = 4_000_000
#: What operators and their programs ask for. It is answered from memory, whatever Slack's requests wait for.
FOR_OPERATORS = frozenset({"/health", "/health/own", "/metrics"})
#: How long stopping waits until what was accepted is answered, in seconds. Slack itself waits for three.
ANSWER_SECONDS = 5.0
Answer = tuple[int, str, bytes]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Web:
    """A WSGI application: Slack's requests, health (of all processes, or of this one alone) and metrics."""

    def __init__(self, gateway: RequestGateway | None, health: Health, priority: RequestPriority) -> None:
        self._gateway = gateway
        self._health = health
        self._priority = priority
        #: Whether the process is about to stop, so that others should get the requests.
        self.stopping = False

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        """Answer one request (PEP 3333). It counts as being answered until the server has sent the response."""
        with self._priority.serving_request():
            status, content_type, body = self._route(environ)
            headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
            start_response(f"{status} {HTTPStatus(status).phrase}", headers)
            yield body

    def _route(self, environ: dict[str, Any]) -> Answer:
        match environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""):
            case "POST", "/slack/events" if self._gateway is not None:
                return _receive(self._gateway, environ)
            case "GET", "/health" | "/health/own" if self.stopping:
                return 503, "application/json", b'{"process": "stopping"}'
            case "GET", "/health" | "/health/own" as path:
                report = self._health.report()
                report = report.own() if path == "/health/own" else report
                body = json.dumps(report.parts, ensure_ascii=False).encode()
                return 200 if report.healthy else 503, "application/json", body
            case "GET", "/metrics":
                self._health.report()  # updates the metrics
                return 200, CONTENT_TYPE_LATEST, generate_latest(self._health.metrics.registry)
        return 404, "text/plain", b"not found"


def _receive(gateway: RequestGateway, environ: dict[str, Any]) -> Answer:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_REQUEST_BYTES:
        return 413, "text/plain", b"too long"
    raw = environ["wsgi.input"].read(int(length))
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    status, content_type, body = gateway.receive(raw, headers)
    return status, content_type, body.encode()


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Answers the requests of operators in a thread of its own, so that they do not queue behind Slack's."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._for_operators = ThreadedTaskDispatcher()
        self._for_operators.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, task: HTTPChannel) -> None:
        """Queue a connection whose next request is complete."""
        if task.requests[0].path in FOR_OPERATORS:
            self._for_operators.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Finish the requests in progress."""
        self._for_operators.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))


def _is_busy(channel: Any) -> bool:
    """Return whether a connection has a request that is arriving, waits or is answered, or a response to be sent."""
    return bool(channel.request or channel.requests or channel.total_outbufs_len)


class Server:
    """Serves the web application on a port with several threads. With `port` 0, any free port is used."""

    def __init__(self, web: Web, host: str, port: int, threads: int) -> None:
        self._sockets: dict[int, Any] = {}
        try:
            self._server = create_server(
                web,
                map=self._sockets,
                host=host,
                port=port,
                _dispatcher=Dispatcher(threads),  # the only way to have one of our own
                ident="faultdesk",
                clear_untrusted_proxy_headers=True,
            )
        except OSError:
            self._close()
            raise
        except ValueError:  # what waitress makes of a host that cannot be resolved
            raise OSError(errno.EADDRNOTAVAIL, "there is no such host") from None
        self._thread = threading.Thread(target=self.run, name="web", daemon=True)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._server.effective_port)

    def run(self) -> None:
        """Serve in the calling thread until stopped."""
        self._server.run()

    def start(self) -> None:
        """Serve in a separate thread."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections, answer the requests that were accepted, and close everything."""
        if not self._thread.is_alive():
            self._server.task_dispatcher.shutdown()
            self._close()
            return
        refusing = threading.Event()
        self._server.trigger.pull_trigger(lambda: self._refuse(refusing))
        until = time.monotonic() + ANSWER_SECONDS
        refusing.wait(ANSWER_SECONDS)
        while time.monotonic() < until and any(map(_is_busy, self._channels())):
            time.sleep(0.005)
        self._server.task_dispatcher.shutdown()
        with suppress(OSError):  # the loop, also woken by a worker, may already have closed everything
            self._server.trigger.pull_trigger(self._close)
        self._thread.join(timeout=5)

    def _refuse(self, refusing: threading.Event) -> None:
        """Close the listening socket, in the thread of the loop. `close` of the server would close its trigger too."""
        wasyncore.dispatcher.close(self._server)
        refusing.set()

    def _close(self) -> None:
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _channels(self) -> list[Any]:
        return list(self._server.active_channels.values())
