"""Read markers: the newest message that each person has read in each conversation."""

from bot.sandbox.shared_state import SharedState
from bot.sandbox.workspace.messages import Message

Kept = dict[str, dict[str, str]]


class ReadMarkers:
    """The timestamp of the newest message that each person has read, by conversation."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._last_read: Kept = {}

    def mark_read(self, user: str, channel: str, ts: str) -> None:
        """Mark a conversation as read up to this message. A marker never moves back."""
        if ts > self._up_to(user, channel):
            with self._state.change():
                self._last_read.setdefault(user, {})[channel] = ts

    def is_new(self, user: str, message: Message) -> bool:
        """Return whether a message is unread: somebody else wrote it, and it is newer than the read marker.

        The caller ensures that the person can see the message.
        """
        return message.user != user and message.ts > self._up_to(user, message.channel)

    def kept(self) -> Kept:
        """Return all read markers, for saving."""
        with self._state.locked():
            return {user: dict(seen) for user, seen in self._last_read.items()}

    def put_back(self, kept: Kept) -> None:
        """Restore the read markers that `kept` returned."""
        self._last_read = kept

    def _up_to(self, user: str, channel: str) -> str:
        return self._last_read.get(user, {}).get(channel, "")
