"""The HTTP face of the process: Slack's requests, health and metrics, over plain WSGI."""

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
from bot.slack.app import Door
from bot.slack.delivery.request_priority import Courtesy

#: The longest request that Slack could send, in bytes, with room to spare.
LONGEST = 4_000_000
#: How long the end waits for answers to leave, in seconds.
FLUSH = 2.0
Answer = tuple[int, str, bytes]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Web:
    """A WSGI application: Slack's requests, health (of everything, or of this process alone), metrics."""

    def __init__(self, door: Door | None, health: Health, courtesy: Courtesy) -> None:
        self._door = door
        self._health = health
        self._courtesy = courtesy

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        """Answer one request (PEP 3333); the person waits until the server has sent what is yielded."""
        with self._courtesy.answering():
            status, content_type, body = self._route(environ)
            headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
            start_response(f"{status} {HTTPStatus(status).phrase}", headers)
            yield body

    def _route(self, environ: dict[str, Any]) -> Answer:
        match environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""):
            case "POST", "/slack/events" if self._door is not None:
                return _receive(self._door, environ)
            case "GET", "/health" | "/health/own" as path:
                report = self._health.report()
                report = report.own() if path == "/health/own" else report
                body = json.dumps(report.parts, ensure_ascii=False).encode()
                return 200 if report.healthy else 503, "application/json", body
            case "GET", "/metrics":
                self._health.report()  # looks at everything now
                return 200, CONTENT_TYPE_LATEST, generate_latest(self._health.registry)
        return 404, "text/plain", b"not here"


def _receive(door: Door, environ: dict[str, Any]) -> Answer:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LONGEST:
        return 413, "text/plain", b"too long"
    raw = environ["wsgi.input"].read(int(length))
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    status, content_type, body = door.receive(raw, headers)
    return status, content_type, body.encode()


class Server:
    """The web application on a port, served by threads. `port` 0 takes any free one."""

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
        """The port in use, also when any free one was asked for."""
        return int(self._server.effective_port)

    def run(self) -> None:
        """Serve in this thread until stopped."""
        self._server.run()

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, and close everything; those being answered are finished, and their answers sent."""
        self._server.task_dispatcher.shutdown()
        if not self._thread.is_alive():
            self._close()
            return
        until = time.monotonic() + FLUSH
        while time.monotonic() < until and any(one.total_outbufs_len for one in self._channels()):
            time.sleep(0.005)
        with suppress(OSError):  # the loop, woken by a worker as well, may have closed everything already
            self._server.trigger.pull_trigger(self._close)
        self._thread.join(timeout=5)

    def _close(self) -> None:
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _channels(self) -> list[Any]:
        return list(self._server.active_channels.values())
