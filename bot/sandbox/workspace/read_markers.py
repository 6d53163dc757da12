"""What each person has looked at, as Slack keeps it: up to which message, in each conversation."""

from bot.sandbox.shared_state import Pulse
from bot.sandbox.workspace.messages import Message

Kept = dict[str, dict[str, str]]


class Looks:
    """The timestamp of the newest message that each person has seen, by conversation."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._seen: Kept = {}

    def look(self, user: str, channel: str, ts: str) -> None:
        """Let a person have seen a conversation up to this message; what was seen stays so."""
        if ts > self._up_to(user, channel):
            with self._pulse.change():
                self._seen.setdefault(user, {})[channel] = ts

    def is_new(self, user: str, message: Message) -> bool:
        """Whether this is somebody else's message that the person, who can see it, has not looked at."""
        return message.user != user and message.ts > self._up_to(user, message.channel)

    def kept(self) -> Kept:
        """Return it all, to be written down."""
        with self._pulse.still():
            return {user: dict(seen) for user, seen in self._seen.items()}

    def put_back(self, kept: Kept) -> None:
        """Take up what was written down."""
        self._seen = kept

    def _up_to(self, user: str, channel: str) -> str:
        return self._seen.get(user, {}).get(channel, "")
