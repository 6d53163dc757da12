"""Channels and direct conversations, and their members."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.sandbox.errors import NotThere
from bot.sandbox.shared_state import Json, SharedState

Kind = Literal["public", "private", "im", "mpim"]
EVENT_KIND = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
SCOPE_FAMILY = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass(frozen=True)
class Channel:
    """One conversation. A direct one (`im`, `mpim`) has no name; an `im` has exactly two members."""

    id: str
    name: str
    kind: Kind = "public"
    members: frozenset[str] = field(default_factory=frozenset)
    archived: bool = False
    shared: bool = False
    creator: str = ""

    @property
    def event_kind(self) -> str:
        """The `channel_type` of a message event (slack-platform.md §1.6)."""
        return EVENT_KIND[self.kind]

    @property
    def scope_family(self) -> str:
        """The first part of the scopes for this conversation, such as `channels` in `channels:read`."""
        return SCOPE_FAMILY[self.kind]

    def to_payload(self, viewer: str) -> Json:
        """Return the `channel` object of conversations.info as this user sees it."""
        payload: Json = {
            "id": self.id,
            "is_channel": self.kind == "public",
            "is_group": False,
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
            "is_archived": self.archived,
            "is_ext_shared": self.shared,
            "is_shared": self.shared,
            "is_member": viewer in self.members,
            "creator": self.creator,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }
        if self.kind == "im":
            return payload | {"user": next(iter(self.members - {viewer}), viewer)}
        return payload | {"name": self.name, "name_normalized": self.name}


class Channels:
    """Every conversation of the workspace."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._channels: dict[str, Channel] = {}

    def add(self, channel: Channel) -> Channel:
        """Add a conversation, or replace the one with the same id."""
        with self._state.change():
            self._channels[channel.id] = channel
            return channel

    def change(self, channel_id: str, **changes: Any) -> Channel:
        """Replace fields of a conversation, such as `archived=True` or `members`."""
        return self.add(replace(self.known(channel_id), **changes))

    def rename_id(self, channel_id: str, new_id: str) -> Channel:
        """Give a conversation another id."""
        with self._state.change():
            moved = replace(self._channels.pop(channel_id), id=new_id)
            return self.add(moved)

    def join(self, channel_id: str, *users: str) -> Channel:
        """Add these users to the members."""
        return self.change(channel_id, members=self.known(channel_id).members | set(users))

    def leave(self, channel_id: str, *users: str) -> Channel:
        """Remove these users from the members."""
        return self.change(channel_id, members=self.known(channel_id).members - set(users))

    def find(self, channel_id: str) -> Channel | None:
        """Return the conversation with this id, or None."""
        return self._channels.get(channel_id)

    def known(self, channel_id: str) -> Channel:
        """Return the conversation with this id.

        Raises:
            NotThere: there is none.
        """
        if channel := self.find(channel_id):
            return channel
        raise NotThere(f"no channel is {channel_id}; there are {', '.join(self._channels)}")

    def named(self, name: str) -> Channel | None:
        """Return the channel with this name, or None."""
        return next((c for c in self.all() if c.name == name and c.kind != "im"), None)

    def all(self) -> list[Channel]:
        """Return every conversation."""
        return list(self._channels.values())

    def of_member(self, user_id: str) -> list[Channel]:
        """Return the conversations that this person is a member of."""
        return [channel for channel in self.all() if user_id in channel.members]

    def direct(self, *users: str) -> Channel | None:
        """Return the direct conversation of exactly these users, or None if it was never opened."""
        direct = (c for c in self.all() if c.kind in ("im", "mpim"))
        return next((c for c in direct if c.members == frozenset(users)), None)

    def open_direct(self, *users: str) -> Channel:
        """Return the direct conversation of exactly these users. It is opened if there is none."""
        with self._state.change():
            if found := self.direct(*users):
                return found
            kind: Kind = "im" if len(users) == 2 else "mpim"
            new_id = self._state.new_id("D" if kind == "im" else "G")
            return self.add(Channel(new_id, "", kind, frozenset(users)))
