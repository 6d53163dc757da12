"""Which kinds of events come from Slack, and when each last did.

A listener notes them in memory. The process writes them to the database together with its sign of life, each kind at
most once a minute, so that no request waits for it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.slack.manifest import EVENTS

#: A kind of event is written again when it was seen so long after the time that is stored.
STORED_EVERY = timedelta(minutes=1)


class SeenEvents:
    """The events that this process has seen."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}
        self._stored: dict[str, datetime] = {}

    def note(self, body: Mapping[str, Any], now: datetime) -> None:
        """Note an event of a kind that the manifest subscribes to; any other request is none. `now` is aware UTC."""
        kind = _kind(body)
        if kind in EVENTS:
            self._seen[kind] = now

    def to_store(self) -> dict[str, datetime]:
        """Return the kinds that are to be written, each with when it was last seen."""
        return {kind: at for kind, at in list(self._seen.items()) if self._is_due(kind, at)}

    def stored(self, seen: Mapping[str, datetime]) -> None:
        """Note that these were written."""
        self._stored.update(seen)

    def _is_due(self, kind: str, at: datetime) -> bool:
        stored = self._stored.get(kind)
        return stored is None or abs(at - stored) >= STORED_EVERY


def _kind(body: Mapping[str, Any]) -> str:
    """Return the subscription that an event comes from: of messages one for each kind of conversation."""
    event = body.get("event")
    if body.get("type") != "event_callback" or not isinstance(event, Mapping):
        return ""
    kind = str(event.get("type"))
    return f"message.{event.get('channel_type')}" if kind == "message" else kind
