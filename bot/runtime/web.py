"""What the process serves over HTTP: Slack's requests, health and metrics, over plain WSGI."""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.health import Health, SecurityEvent
from bot.slack.app import RequestGateway
from bot.slack.delivery.request_priority import RequestPriority

#: What operators and their programs ask for. It is answered from memory, whatever Slack's requests wait for.
FOR_OPERATORS = frozenset({"/health", "/health/own", "/metrics"})
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to a request."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


_NOT_FOUND = Answer(404, "text/plain", b"not found")
_UNAUTHORIZED = Answer(401, "text/plain", b"needs the token of FAULT_METRICS_TOKEN", (("WWW-Authenticate", "Bearer"),))


class OperatorPages:
    """Health, of all processes or of this one alone, and metrics, which may need a token."""

    def __init__(self, health: Health, metrics_token: str = "") -> None:
        self.health = health
        self._metrics_token = metrics_token
        #: Whether the process is about to stop, so that others should get the requests.
        self.stopping = False

    def answer(self, path: str, authorization: str) -> Answer:
        """Answer a GET request. `authorization` is that header of it."""
        match path:
            case "/health" | "/health/own" if self.stopping:
                return Answer(503, "application/json", b'{"process": "stopping"}')
            case "/health" | "/health/own":
                report = self.health.report()
                report = report.own() if path == "/health/own" else report
                body = json.dumps(report.parts, ensure_ascii=False).encode()
                return Answer(200 if report.healthy else 503, "application/json", body)
            case "/metrics" if not self._may_read_metrics(authorization):
                self.health.refused(SecurityEvent.UNAUTHORIZED)
                return _UNAUTHORIZED
            case "/metrics":
                self.health.report()  # updates the metrics
                return Answer(200, CONTENT_TYPE_LATEST, generate_latest(self.health.metrics.registry))
        return _NOT_FOUND

    def _may_read_metrics(self, authorization: str) -> bool:
        wanted = f"Bearer {self._metrics_token}"
        return not self._metrics_token or hmac.compare_digest(authorization.encode("latin-1"), wanted.encode())


class Web:
    """A WSGI application: Slack's requests, if there is a gateway for them, and the pages of operators."""

    def __init__(self, gateway: RequestGateway | None, pages: OperatorPages, priority: RequestPriority) -> None:
        self._gateway = gateway
        self._pages = pages
        self._priority = priority

    def refused(self, reason: SecurityEvent) -> None:
        """Record that the server refused a request before it came here."""
        self._pages.health.refused(reason)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        """Answer one request (PEP 3333). It counts as being answered until the server has sent the response."""
        with self._priority.serving_request():
            answer = self._route(environ)
            length = str(len(answer.body))
            headers = [("Content-Type", answer.content_type), ("Content-Length", length), *answer.headers]
            start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
            yield answer.body

    def _route(self, environ: dict[str, Any]) -> Answer:
        match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
            case "POST", "/slack/events" if self._gateway is not None:
                return _receive(self._gateway, environ)
            case "GET", path:
                return self._pages.answer(path, environ.get("HTTP_AUTHORIZATION", ""))
        return _NOT_FOUND


def _receive(gateway: RequestGateway, environ: dict[str, Any]) -> Answer:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return Answer(*gateway.receive(environ["wsgi.input"].read(), headers))
