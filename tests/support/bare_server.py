"""The HTTP server of the bot without the bot: its gateway only records what reaches it."""

from collections.abc import Iterator
from contextlib import contextmanager

import urllib3

from bot.health import Health
from bot.runtime.connections import Limits
from bot.runtime.http_server import Server
from bot.runtime.web import OperatorPages, Web
from bot.slack.app import RequestGateway
from bot.slack.delivery.request_priority import RequestPriority


class Echo(RequestGateway):
    """A gateway that records every request that reaches it."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, dict[str, str]]] = []

    def receive(self, raw: bytes, headers: object) -> tuple[int, str, bytes]:
        self.heard.append((raw, dict(headers)))  # type: ignore[call-overload]
        return 200, "application/json", '{"ok":"好"}'.encode()


def web(gateway: RequestGateway | None, health: Health, token: str = "") -> Web:
    """The web application with this gateway."""
    return Web(gateway, OperatorPages(health, token), RequestPriority())


@contextmanager
def served(web: Web, limits: Limits | None = None) -> Iterator[str]:
    """The URL of a running server of this application."""
    server = Server(web, "127.0.0.1", 0, 2, limits)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


def request(method: str, url: str, **more: object) -> urllib3.BaseHTTPResponse:
    """Send one request over a connection of its own."""
    with urllib3.PoolManager() as pool:
        return pool.request(method, url, retries=False, **more)  # type: ignore[arg-type]
