"""What the stand-in received: every post and edit, by the outbox row that the message names."""

from collections import Counter, defaultdict
from queue import SimpleQueue
from threading import Event
from typing import Any

from bot.sandbox import Message
from bot.sandbox.shared_state import SharedState
from bot.sandbox.workspace.messages import Messages
from bot.slack.delivery.find_posted import EVENT_TYPE


class MessageRecorder(Messages):
    """The messages of a workspace. It also remembers posts whose row a later edit hides."""

    def __init__(self, state: SharedState) -> None:
        super().__init__(state)
        self.posts: dict[int, list[Message]] = defaultdict(list)
        self.edits: Counter[int] = Counter()
        #: Set whenever a message arrives, for a test that waits for that moment.
        self.arrived = Event()
        #: Every post with buttons, for whoever presses them.
        self.offered: SimpleQueue[Message] = SimpleQueue()

    def add(self, message: Message) -> Message:
        """Keep the message, and count it as a post or an edit of its row."""
        with self._state.change():
            row = row_of(message)
            if row is not None and self.find(message.channel, message.ts) is None:
                self.posts[row].append(message)
                if message.buttons:
                    self.offered.put(message)
            elif row is not None:
                self.edits[row] += 1
        self.arrived.set()
        return super().add(message)


def row_of(message: Message) -> int | None:
    """The outbox row that a message names."""
    return row_of_metadata(message.metadata or {})


def row_of_metadata(metadata: dict[str, Any]) -> int | None:
    """The outbox row that the metadata of a message names."""
    row = metadata.get("event_payload", {}).get("row") if metadata.get("event_type") == EVENT_TYPE else None
    return row if isinstance(row, int) else None
