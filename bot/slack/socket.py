"""Socket Mode: the same app receives requests over a WebSocket instead of HTTP (slack-platform.md §1.7)."""

import threading
from contextlib import suppress

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from websocket import WebSocketException

log = structlog.get_logger(__name__)
#: Seconds between two attempts to make the first connection.
RECONNECT_SECONDS = 5.0


class Socket:
    """The WebSocket connection to Slack. The client reconnects when it is lost."""

    def __init__(self, app: App, app_token: str, client: WebClient) -> None:
        own = WebClient(token=client.token, base_url=client.base_url)
        self._handler = SocketModeHandler(app, app_token, web_client=own)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Connect and stay connected. If the first attempt fails, a background thread keeps trying."""
        if not self._connects():
            threading.Thread(target=self._try_again, name="socket", daemon=True).start()

    def _connects(self) -> bool:
        try:
            self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        except (SlackClientError, OSError, WebSocketException) as error:
            log.error("socket.not_connected", error=type(error).__name__)
            return False
        return True

    def _try_again(self) -> None:
        while not self._stopping.wait(RECONNECT_SECONDS):
            if self._connects():
                return

    def stop(self) -> None:
        """Send a close frame and disconnect.

        The client's own `close` can leave its reader thread blocked for up to ten seconds.
        """
        self._stopping.set()
        client = self._handler.client
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        reader = client.current_session_runner
        reader.event.set()  # otherwise its thread would open the connection again
        connection = client.current_session and client.current_session.sock
        if connection:
            with suppress(OSError, WebSocketException):
                connection.send_close()
            reader.shutdown()  # type: ignore[no-untyped-call]
            connection.shutdown()  # type: ignore[no-untyped-call]
        self._handler.close()  # type: ignore[no-untyped-call]  # Bolt and the client leave these untyped
