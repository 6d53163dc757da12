"""The request log: every call the app made and every request Slack sent to the app."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.sandbox.shared_state import Json, SharedState

Direction = Literal["from_app", "to_app"]
#: How many requests are kept; older ones are dropped.
MAX_ENTRIES = 5000


@dataclass(frozen=True)
class Entry:
    """One request. `name` is the Web API method or the kind of request to the app; `seconds` is wall-clock time."""

    at: datetime
    direction: Direction
    name: str
    request: Json
    status: int | None
    answer: Any
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the request succeeded."""
        return self.status == 200 and not (isinstance(self.answer, dict) and self.answer.get("ok") is False)


class RequestLog:
    """The request log of one workspace."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)

    def note(
        self, direction: Direction, name: str, request: Json, status: int | None, answer: Any, seconds: float
    ) -> None:
        """Add one request to the log."""
        with self._state.change():
            self._entries.append(Entry(self._state.now(), direction, name, request, status, answer, seconds))

    def __iter__(self) -> Iterator[Entry]:
        with self._state.locked():
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def calls(self, method: str | None = None) -> list[Entry]:
        """Return the app's Web API calls, of one method or of all."""
        return [e for e in self if e.direction == "from_app" and method in (None, e.name)]

    def requests(self, name: str | None = None) -> list[Entry]:
        """Return the requests to the app, of one kind or of all."""
        return [e for e in self if e.direction == "to_app" and name in (None, e.name)]

    def clear(self) -> None:
        """Remove all entries."""
        with self._state.change():
            self._entries.clear()
