"""Everything that one person's screen shows, as one JSON object."""

from collections import Counter

from bot.sandbox.client.screen import Screen
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.users import User
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace

#: How many messages of a conversation are shown: the newest ones.
MAX_MESSAGES = 300


def screen(workspace: Workspace, wanted: Json) -> Json:
    """Return everything that a person sees now, with the messages of one conversation.

    The direct conversation with the bot is opened if there is none yet.

    Args:
        wanted: `user`, and `channel`. The person's first conversation is shown if `channel` is missing or unknown.

    Raises:
        NotThere: there is no such person.
    """
    person = Screen(workspace, workspace.users.known(str(wanted["user"])).id)
    with workspace.state.locked():
        if workspace.channels.direct(person.id, workspace.bot_user_id) is None:
            workspace.direct(person.id)
        channels = workspace.channels.of_member(person.id)
        shown = next((one for one in channels if one.id == wanted.get("channel")), channels[0])
        seen, told = person.sees(), _unread_direct_messages(workspace)
        unread = Counter(one.channel for one in seen if workspace.read_markers.is_new(person.id, one))
        return {
            "changes": workspace.state.changes,
            "now": workspace.state.now().isoformat(),
            "me": _user(workspace.users.known(person.id)),
            "people": [_user(user) | {"unread": told[user.id]} for user in workspace.users.all()],
            "groups": [{"id": group.id, "handle": group.handle} for group in workspace.groups.all()],
            "channels": [_channel(channel) | {"unread": unread[channel.id]} for channel in channels],
            "channel_names": _channel_names(workspace, person.id),
            "channel": shown.id,
            "messages": [message_of(workspace, one) for one in seen if one.channel == shown.id][-MAX_MESSAGES:],
            "views": [view_of(workspace, view) for view in person.views],
            "home": view_of(workspace, person.home) if person.home else None,
            "commands": workspace.manifest.commands,
            "shortcuts": workspace.manifest.shortcuts,
            "home_enabled": workspace.manifest.home_enabled,
            "failures": workspace.failures.planned,
        }


def message_of(workspace: Workspace, message: Message) -> Json:
    """Return a message as the page draws it: Slack's object, the channel, and whether the message is ephemeral."""
    only = {"ephemeral": True} if message.ephemeral_to else {}
    return message.to_payload(workspace.team_id, with_metadata=False) | {"channel": message.channel} | only


def view_of(workspace: Workspace, view: View) -> Json:
    """Return a modal or App Home as the page draws it: Slack's object, and the errors at its fields."""
    return view.to_payload(workspace.team_id, workspace.app_id, workspace.bot_id) | {"errors": view.errors}


def _user(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "shown": user.shown,
        "title": user.title,
        "locale": user.locale,
        "tz": user.tz,
        "is_bot": user.is_bot,
        "stranger": user.foreign,
        "deleted": user.deleted,
    }


def _unread_direct_messages(workspace: Workspace) -> Counter[str]:
    """Count the unread direct messages of each person."""
    direct = {channel.id: channel.members for channel in workspace.channels.all() if channel.kind == "im"}
    told: Counter[str] = Counter()
    for message in workspace.messages.all():
        told.update(user for user in direct.get(message.channel, ()) if workspace.read_markers.is_new(user, message))
    return told


def _channel_names(workspace: Workspace, person: str) -> dict[str, str]:
    """Return the names of the channels that Slack names to a person: all public ones, and those they are in."""
    named = [one for one in workspace.channels.all() if one.kind == "public" or person in one.members]
    return {one.id: one.name for one in named if one.name}


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "shared": channel.shared,
        "members": sorted(channel.members),
    }
