"""Slack's side of Socket Mode: open WebSockets, and envelopes awaiting acknowledgement (slack-platform.md §1.7)."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.deliveries import Delivery

MAX_SOCKETS = 10


@dataclass(frozen=True, eq=False)
class OpenSocket:
    """A WebSocket that the app has open: `send` sends a frame, `read` says whether what arrives is read."""

    send: Callable[[Json], None]
    read: Callable[[bool], None]


class Sockets:
    """The WebSockets that the app has open. Each envelope goes to one of them, in turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[OpenSocket] = []
        self._waiting: dict[str, Future[Any]] = {}
        self._silent = False

    def enter(self, opened: OpenSocket) -> bool:
        """Add an open WebSocket. Returns False if ten are open already."""
        with self._lock:
            if len(self._open) >= MAX_SOCKETS:
                return False
            self._open.append(opened)
            return True

    def leave(self, closed: OpenSocket) -> None:
        """Remove a closed WebSocket."""
        with self._lock:
            if closed in self._open:
                self._open.remove(closed)

    @property
    def silent(self) -> bool:
        """Whether every WebSocket is open, but nothing comes out of it, not even the answer to a ping."""
        return self._silent

    def be_silent(self, silent: bool) -> None:
        """Fall silent, or speak again."""
        self._silent = silent
        for one in list(self._open):
            one.read(not silent)

    def send(self, receiver: OpenSocket, frame: Json) -> None:
        """Send a frame, unless the WebSockets are silent."""
        if not self._silent:
            receiver.send(frame)

    @property
    def count(self) -> int:
        """The number of open WebSockets."""
        return len(self._open)

    def deliver(self, delivery: Delivery, timeout: float, attempt: int = 0, reason: str = "") -> Any:
        """Send an envelope and return the payload of its acknowledgement, or None if it has none.

        Args:
            timeout: wall-clock seconds to wait.
            attempt: the number of the retry; 0 is the first delivery.
            reason: why Slack retries.

        Raises:
            TimeoutError: no acknowledgement came in time.
        """
        envelope_id = str(uuid.uuid4())
        envelope = {
            "envelope_id": envelope_id,
            "type": delivery.kind,
            "payload": delivery.payload,
            "accepts_response_payload": delivery.answerable,
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        future: Future[Any] = Future()
        with self._lock:
            self._waiting[envelope_id] = future
            self._open.append(self._open.pop(0))
            receiver = self._open[-1]
        try:
            self.send(receiver, envelope)
            return future.result(timeout)
        finally:
            self._waiting.pop(envelope_id, None)

    def acknowledged(self, frame: Json) -> None:
        """Process an acknowledgement. A late or unknown one is dropped."""
        future = self._waiting.get(str(frame.get("envelope_id")))
        if future and not future.done():
            future.set_result(frame.get("payload"))

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to reconnect every WebSocket, as Slack does every few hours."""
        for one in list(self._open):
            self.send(one, {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
