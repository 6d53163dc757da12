"""Socket Mode: the same app receives requests over a WebSocket instead of HTTP (slack-platform.md §1.7)."""

import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog
from slack_bolt import App, BoltResponse
from slack_bolt.adapter.socket_mode.internals import run_bolt_app
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from websocket import ABNF, WebSocket, WebSocketException, WebSocketTimeoutException, create_connection

from bot.health import OK, Health, SecurityEvent
from bot.metrics import SocketEnd
from bot.slack.failures import classify
from bot.slack.request_body import check_envelope
from bot.slack.web_client import SlackClient

log = structlog.get_logger(__name__)
#: A connection over which nothing comes for so many seconds, not even the answer to a ping, is given up.
MAX_SILENCE_SECONDS = 30.0
#: Seconds of silence after which Slack is asked for a sign of life.
PING_SECONDS = 10.0
#: Seconds that opening a connection may take.
OPEN_SECONDS = 10.0
#: Seconds between two looks at the clock while nothing comes.
_LOOK_SECONDS = 1.0
#: What a connection fails with, an answer that is not Slack's included.
_NO_CONNECTION = (SlackClientError, OSError, WebSocketException, ValueError, LookupError)
#: Requests handled at the same time.
_HANDLERS = 10


class Socket:
    """The WebSocket connection to Slack, made again whenever it is lost or silent."""

    def __init__(
        self, app: App, app_token: str, client: SlackClient, ticks: Callable[[], float], health: Health
    ) -> None:
        """`ticks` returns the seconds of a monotonic clock."""
        self._app = app
        self._app_token = app_token
        self._client = client
        self._ticks = ticks
        self._health = health
        self._heard_at = ticks()
        self._was_heard = False
        self._problem = "not connected"
        self._attempts = 0  # to connect, since something was heard
        self._pause = 0.0
        self._connection: WebSocket | None = None
        self._stopping = threading.Event()
        self._handlers = ThreadPoolExecutor(_HANDLERS, "socket-request")
        self._thread = threading.Thread(target=self._run, name="socket", daemon=True)

    def start(self) -> None:
        """Connect in a thread that stays connected."""
        self._heard_at = self._ticks()
        self._thread.start()

    def state(self) -> str:
        """Return `ok` while the connection lives, otherwise what is wrong and since how many seconds."""
        silence = self._ticks() - self._heard_at
        if self._was_heard and silence < MAX_SILENCE_SECONDS:
            return OK
        return f"{self._problem} for {int(silence)} s"

    def stop(self) -> None:
        """Take no more requests, answer those that were taken, and disconnect."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._handlers.shutdown()  # their answers go over the connection
        if self._thread.is_alive():
            self._thread.join(timeout=OPEN_SECONDS)
        self._close(self._connection)

    def _run(self) -> None:
        while not self._stopping.wait(self._pause):
            try:
                self._connect()
            except Exception as error:  # what nobody expects must not end the thread
                self._pause = MAX_SILENCE_SECONDS
                log.error("socket.failed", exc_info=error)

    def _connect(self) -> None:
        """Connect and take requests until the connection ends."""
        try:
            connection = self._open()
        except _NO_CONNECTION as error:
            self._not_made(error)
            return
        old, self._connection = self._connection, connection
        self._close(old)
        self._ended(self._listen(connection))

    def _open(self) -> WebSocket:
        self._attempts += 1
        url = self._client.apps_connections_open(app_token=self._app_token)["url"]
        tls = {"context": self._client.http.tls}
        connection = create_connection(url, timeout=OPEN_SECONDS, enable_multithread=True, sslopt=tls)
        connection.settimeout(_LOOK_SECONDS)
        self._problem = "no answer"
        return connection

    def _not_made(self, error: Exception) -> None:
        failure = classify(error, self._attempts)
        self._problem, self._pause = failure.reason, failure.wait.total_seconds()
        self._health.metrics.reconnects.labels(SocketEnd.NOT_MADE).inc()
        log.error("socket.not_connected", reason=failure.reason)

    def _ended(self, end: SocketEnd) -> None:
        """Connect again at once, but after a pause if the connection was of no use."""
        self._pause = min(self._attempts * _LOOK_SECONDS, MAX_SILENCE_SECONDS)
        if not self._stopping.is_set():
            self._health.metrics.reconnects.labels(end).inc()
            log.info("socket.connects_again", reason=end.value)

    def _listen(self, connection: WebSocket) -> SocketEnd:
        """Take requests until the connection ends; return why it did."""
        heard_at = pinged_at = self._ticks()
        try:
            while not self._stopping.is_set():
                try:
                    kind, frame = connection.recv_data_frame(control_frame=True)
                except WebSocketTimeoutException:
                    now = self._ticks()
                    if now - heard_at >= MAX_SILENCE_SECONDS:
                        return SocketEnd.SILENT
                    if now - max(heard_at, pinged_at) >= PING_SECONDS:
                        pinged_at = now
                        connection.ping()
                    continue
                heard_at = self._heard()
                if kind == ABNF.OPCODE_TEXT and self._is_farewell(frame.data):
                    return SocketEnd.REFRESHED
        except _NO_CONNECTION as error:  # it is closed, cannot be written to, or does not speak like Slack
            log.info("socket.lost", error=type(error).__name__)
        return SocketEnd.LOST

    def _heard(self) -> float:
        self._heard_at, self._was_heard, self._attempts = self._ticks(), True, 0
        return self._heard_at

    def _is_farewell(self, text: bytes) -> bool:
        """Hand a request to the handlers; return whether Slack asks to connect again instead.

        What is malformed is refused. Raises `ValueError` for what is not JSON at all, which Slack never sends.
        """
        try:
            message = json.loads(text)
            if message.get("type") == "disconnect":
                return True
            request = SocketModeRequest.from_dict(message)
        except ValueError:
            raise
        except Exception as error:  # noqa: BLE001 - there is no list of what a malformed frame can break
            self._refuse(error)
            return False
        if request:
            with suppress(RuntimeError):  # the handlers stopped just now; Slack sends the request again
                self._handlers.submit(self._handle, request)
        return False

    def _handle(self, request: SocketModeRequest) -> None:
        """Answer a request. One that is malformed is not acknowledged, whatever it breaks, as by `RequestGateway`."""
        try:
            check_envelope(request.payload)
            response = run_bolt_app(self._app, request)
        except Exception as error:  # noqa: BLE001 - as above
            self._refuse(error)
            return
        try:
            self._acknowledge(request, response)
        except Exception as error:  # the next request must find its handler
            log.error("socket.not_acknowledged", exc_info=error)

    def _refuse(self, error: Exception) -> None:
        self._health.refused(SecurityEvent.MALFORMED, kind=type(error).__name__)

    def _acknowledge(self, request: SocketModeRequest, response: BoltResponse) -> None:
        """Answer over the present connection, which may have replaced the one that the request came over."""
        if response.status != 200 or self._connection is None:
            return  # without an acknowledgement Slack says so to the person, or sends the event again
        is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
        payload = (json.loads(response.body) if is_json else {"text": response.body}) if response.body else None
        self._connection.send(json.dumps(SocketModeResponse(request.envelope_id, payload).to_dict()))

    @staticmethod
    def _close(connection: WebSocket | None) -> None:
        """Send a close frame and close without waiting for the answer; whoever reads is woken."""
        if connection and connection.sock:
            with suppress(OSError, WebSocketException):
                connection.send_close()
                connection.sock.shutdown(socket.SHUT_RDWR)
            connection.shutdown()  # type: ignore[no-untyped-call]  # the library leaves it untyped
