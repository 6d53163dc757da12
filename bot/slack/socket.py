"""Socket Mode: the same app behind a WebSocket instead of HTTP (slack-platform.md §1.7)."""

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient


class Socket:
    """A connection that is opened anew when it is cut."""

    def __init__(self, app: App, app_token: str, client: WebClient) -> None:
        own = WebClient(token=client.token, base_url=client.base_url)
        self._handler = SocketModeHandler(app, app_token, web_client=own)

    def start(self) -> None:
        """Connect, and stay connected."""
        self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped

    def stop(self) -> None:
        """Hang up."""
        self._handler.close()  # type: ignore[no-untyped-call]
