"""A proxy as companies have it between their servers and the internet: it relays HTTP, and TLS through `CONNECT`."""

import select
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class ForwardProxy(ThreadingHTTPServer):
    """A proxy that records what it was asked for, as `CONNECT host:port` or `POST http://…`.

    With `login` (`name:password`) it refuses whoever does not give it. It connects to another port instead of one in
    `forwarded`, so that what goes by the one where nobody listens is reached through the proxy alone.
    """

    daemon_threads = True

    def __init__(self, login: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.forwarded: dict[int, int] = {}
        self.credentials = f"Basic {b64encode(login.encode()).decode()}" if login else None
        self.asked: list[str] = []
        #: Its host and port.
        self.address = f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that break."""


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    server: ForwardProxy

    def do_CONNECT(self) -> None:
        """Connect to the target and relay everything in both directions."""
        if not self._is_admitted():
            return
        host, _colon, port = self.path.rpartition(":")
        with socket.create_connection((host, self.server.forwarded.get(int(port), int(port)))) as target:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                _relay(self.connection, target)

    def do_POST(self) -> None:
        """Forward one request to the server that its address names."""
        if not self._is_admitted():
            return
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        onward = HTTPConnection(url.netloc)
        onward.request(self.command, url.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815

    def _is_admitted(self) -> bool:
        self.server.asked.append(f"{self.command} {self.path}")
        known = self.server.credentials
        if known and self.headers.get("Proxy-Authorization") != known:
            self.send_error(407)
            return False
        return True

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def forward_proxy(login: str = "") -> Iterator[ForwardProxy]:
    """A running proxy."""
    with ForwardProxy(login) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        yield proxy
        proxy.shutdown()


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Pass on what either side sends, until one of them closes."""
    ends = {one: other, other: one}
    while True:
        for ready in select.select(list(ends), [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            ends[ready].sendall(data)
