"""The HTTP server of the process: Slack's requests, health and metrics, over plain WSGI."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from waitress import wasyncore
from waitress.server import create_server

from bot.health import Health
from bot.slack.app import RequestGateway
from bot.slack.delivery.request_priority import RequestPriority

#: The largest accepted request body in bytes, well above what Slack sends.
MAX_REQUEST_BYTES = 4_000_000
#: How long stopping waits for responses to be sent, in seconds.
FLUSH_SECONDS = 2.0
Answer = tuple[int, str, bytes]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Web:
    """A WSGI application: Slack's requests, health (of all processes, or of this one alone) and metrics."""

    def __init__(self, gateway: RequestGateway | None, health: Health, priority: RequestPriority) -> None:
        self._gateway = gateway
        self._health = health
        self._priority = priority

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
            case "GET", "/health" | "/health/own" as path:
                report = self._health.report()
                report = report.own() if path == "/health/own" else report
                body = json.dumps(report.parts, ensure_ascii=False).encode()
                return 200 if report.healthy else 503, "application/json", body
            case "GET", "/metrics":
                self._health.report()  # updates the metrics
                return 200, CONTENT_TYPE_LATEST, generate_latest(self._health.registry)
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
                threads=threads,
                ident="faultdesk",
                clear_untrusted_proxy_headers=True,
            )
        except OSError:
            self._close()
            raise
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
        """Stop accepting requests, finish those in progress, send their responses, and close everything."""
        self._server.task_dispatcher.shutdown()
        if not self._thread.is_alive():
            self._close()
            return
        until = time.monotonic() + FLUSH_SECONDS
        while time.monotonic() < until and any(one.total_outbufs_len for one in self._channels()):
            time.sleep(0.005)
        with suppress(OSError):  # the loop, also woken by a worker, may already have closed everything
            self._server.trigger.pull_trigger(self._close)
        self._thread.join(timeout=5)

    def _close(self) -> None:
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _channels(self) -> list[Any]:
        return list(self._server.active_channels.values())
