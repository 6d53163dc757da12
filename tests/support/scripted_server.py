"""An HTTP server whose paths say how it answers, and which records what arrives over which connection."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.world import MAX_WAIT_SECONDS


class ScriptedServer(ThreadingHTTPServer):
    """A server that keeps connections open. With a `certificate` it speaks TLS."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_port}"
        #: Each request that arrived with all of its body: the client's port, and the path.
        self.received: list[tuple[int, str]] = []
        #: Ends `/hang`.
        self.ends = threading.Event()
        #: `/together` answers when so many requests wait for it.
        self.meeting = threading.Barrier(2, timeout=MAX_WAIT_SECONDS)
        self._open = 0
        self._changing = threading.Condition()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def connections(self) -> int:
        """Over how many connections requests arrived."""
        return len({port for port, _path in self.received})

    def wait_for(self, connections: int) -> None:
        """Wait until so many connections are open."""
        with self._changing:
            assert self._changing.wait_for(lambda: self._open == connections, MAX_WAIT_SECONDS), self._open

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count a connection that opens."""
        self._count(1)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, and count it afterwards."""
        super().shutdown_request(request)
        self._count(-1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that break."""

    def _count(self, change: int) -> None:
        with self._changing:
            self._open += change
            self._changing.notify_all()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ScriptedServer
    answered = 0

    def do_POST(self) -> None:
        """Answer as the path says."""
        if self.path == "/unread" or (self.path == "/unread-later" and self.answered):
            self.close_connection = True  # with what was not read, so that sending the rest fails
            return
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.client_address[1], self.path))
        answer = getattr(self, f"_{self.path.strip('/').replace('-', '_')}", self._whole)
        answer()
        self.answered += 1

    do_GET = do_POST  # noqa: N815

    def _whole(self) -> None:
        self._send(200, b'{"ok": true}')

    def _together(self) -> None:
        self.server.meeting.wait()
        self._whole()

    def _last(self) -> None:
        """Answer, and close without having announced it."""
        self._whole()
        self.close_connection = True

    def _half(self) -> None:
        self._send(200, b'{"ok"', length=12)
        self.close_connection = True

    def _none(self) -> None:
        self.close_connection = True

    def _nonsense(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        self.close_connection = True

    def _hang(self) -> None:
        self.server.ends.wait()
        self.close_connection = True

    def _moved(self) -> None:
        self._send(302, b"", location="/whole")

    def _page(self) -> None:
        self._send(503, "<html>稍后再试".encode("gbk"))

    def _send(self, status: int, body: bytes, length: int | None = None, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def scripted_server(certificate: Path | None = None) -> Iterator[ScriptedServer]:
    """A running server."""
    with ScriptedServer(certificate) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.ends.set()
        server.shutdown()
