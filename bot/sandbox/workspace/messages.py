"""Messages: posted, edited, deleted, and the ephemeral ones that only one person sees."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.blocks import mrkdwn, plain_text
from bot.sandbox.blocks.mrkdwn import Reader
from bot.sandbox.blocks.structure import interactive
from bot.sandbox.shared_state import Json, SharedState


@dataclass(frozen=True)
class Button:
    """One control in a message or view that a person can use."""

    action_id: str
    block_id: str
    label: str
    value: str
    element: Json


@dataclass(frozen=True)
class Message:
    """One message at one moment. A copy that a test keeps does not change when the app edits the message."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    thread_ts: str | None = None
    bot_id: str | None = None
    metadata: Json | None = None
    ephemeral_to: str | None = None
    edited_at: str | None = None
    files: tuple[Json, ...] = ()
    reactions: tuple[tuple[str, str], ...] = ()
    pinned: bool = False
    link_names: bool = False
    client_msg_id: str | None = None
    reader: Reader = field(default=Reader(str), compare=False, repr=False)

    @property
    def all_blocks(self) -> tuple[Json, ...]:
        """The blocks of the message and of its attachments."""
        return (*self.blocks, *(block for a in self.attachments for block in a.get("blocks", ())))

    @property
    def controls(self) -> tuple[Button, ...]:
        """Everything in the message that a person can press or choose."""
        return controls_of(self.all_blocks, self.reader)

    @property
    def buttons(self) -> dict[str, str]:
        """The value of each button, by action_id."""
        return {c.action_id: c.value for c in self.controls if c.element["type"] == "button"}

    @property
    def plain(self) -> str:
        """All readable text, with names resolved and dates in UTC."""
        return self.read(self.reader)

    def read(self, reader: Reader) -> str:
        """Return all readable text as this reader sees it."""
        own = plain_text.read_blocks(self.blocks, reader) if self.blocks else mrkdwn.shown(self.text, reader)
        attached = [_read_attachment(attachment, reader) for attachment in self.attachments]
        return "\n".join(part for part in (own, *attached) if part)

    def to_payload(self, team_id: str, with_metadata: bool = True) -> Json:
        """Return the `message` object of the Web API and of interaction payloads."""
        payload: Json = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "team": team_id,
            "text": self.text,
        }
        optional: Json = {
            "bot_id": self.bot_id,
            "thread_ts": self.thread_ts,
            "blocks": list(self.blocks),
            "attachments": list(self.attachments),
            "files": list(self.files),
            "metadata": self.metadata if with_metadata else None,
            "edited": {"user": self.user, "ts": self.edited_at} if self.edited_at else None,
        }
        return payload | {key: value for key, value in optional.items() if value}


def controls_of(blocks: Iterable[Json], reader: Reader) -> tuple[Button, ...]:
    """Return the controls in these blocks that a person can use."""
    return tuple(
        Button(
            element["action_id"],
            block["block_id"],
            plain_text.read_text(element.get("text"), reader),
            str(element.get("value", "")),
            element,
        )
        for block, element in interactive(blocks)
    )


def pings_of(message: Message) -> set[str]:
    """Return whom a message notifies: ids of people and groups, and broadcasts such as `@here`.

    The text, the blocks and the attachments are searched.
    """
    attached = {ping for a in message.attachments for ping in mrkdwn.pings_in(str(a.get("text", "")), parsed=True)}
    in_text = mrkdwn.pings_in(message.text, parsed=message.link_names)
    return in_text | attached | plain_text.pings(message.all_blocks)


def _read_attachment(attachment: Json, reader: Reader) -> str:
    lines = [str(attachment.get(key, "")) for key in ("pretext", "title", "text")]
    blocks = plain_text.read_blocks(attachment.get("blocks", ()), reader)
    return "\n".join(line for line in (*(mrkdwn.shown(line, reader) for line in lines), blocks) if line)


class Messages:
    """All messages of the workspace, in the order of their ts, which is the order of posting."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._messages: dict[tuple[str, str], Message] = {}

    def add(self, message: Message) -> Message:
        """Add a message, or replace the one with the same channel and ts."""
        with self._state.change():
            self._messages[message.channel, message.ts] = message
            return message

    def change(self, message: Message, **changes: Any) -> Message:
        """Replace fields of a message."""
        return self.add(replace(message, **changes))

    def remove(self, message: Message) -> None:
        """Delete a message."""
        with self._state.change():
            self._messages.pop((message.channel, message.ts), None)

    def find(self, channel: str, ts: str) -> Message | None:
        """Return the message with this channel and ts, or None."""
        return self._messages.get((channel, ts))

    def repeated(self, channel: str, client_msg_id: str) -> Message | None:
        """Return the message of a channel that was posted with this id of its sender, or None."""
        return next((m for m in self.all() if (m.channel, m.client_msg_id) == (channel, client_msg_id)), None)

    def of_channel(self, channel: str) -> list[Message]:
        """Return the messages that everyone in the channel sees, including thread replies, oldest first."""
        return [m for m in self.all() if m.channel == channel and m.ephemeral_to is None]

    def of_thread(self, channel: str, ts: str) -> list[Message]:
        """Return the first message of a thread and its replies, oldest first."""
        return [m for m in self.of_channel(channel) if ts in (m.ts, m.thread_ts)]

    def ephemeral(self, user: str, channel: str | None = None) -> list[Message]:
        """Return the messages that only this person sees, in one channel or in all, oldest first."""
        return [m for m in self.all() if m.ephemeral_to == user and channel in (None, m.channel)]

    def visible(self, user: str, channels: set[str]) -> list[Message]:
        """Return the messages of these channels and those that only this person sees, oldest first."""
        return [m for m in self.all() if m.ephemeral_to == user or (not m.ephemeral_to and m.channel in channels)]

    def all(self) -> list[Message]:
        """Return every message, oldest first."""
        with self._state.locked():
            return list(self._messages.values())
