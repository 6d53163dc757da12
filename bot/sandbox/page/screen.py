"""Everything that one person's screen shows, as one JSON object."""

from bot.sandbox.channels import Channel
from bot.sandbox.driver import Person
from bot.sandbox.messages import Message
from bot.sandbox.people import User
from bot.sandbox.pulse import Json
from bot.sandbox.views import View
from bot.sandbox.workspace import Workspace

#: The messages of one conversation that are shown, and those looked through for what is unread.
LATEST = 300


def screen(workspace: Workspace, wanted: Json) -> Json:
    """What this person sees now, with the messages of one conversation.

    Args:
        wanted: `user`, and `channel` (the first one if left out).
    """
    person = workspace.person(str(wanted["user"]))
    with workspace.pulse.still():
        if workspace.channels.direct(person.id, workspace.bot_user_id) is None:
            workspace.direct(person.id)
        channels = workspace.channels.of_member(person.id)
        shown = next((one for one in channels if one.id == wanted.get("channel")), channels[0])
        seen = person.sees()
        return {
            "changes": workspace.pulse.changes,
            "now": workspace.pulse.now().isoformat(),
            "me": _user(workspace.people.known(person.id)),
            "people": [_user(user) for user in workspace.people.all()],
            "groups": [{"id": group.id, "handle": group.handle} for group in workspace.people.groups()],
            "channels": [_channel(channel, person, seen) for channel in channels],
            "channel": shown.id,
            "messages": [message_of(workspace, one) for one in seen if one.channel == shown.id][-LATEST:],
            "views": [view_of(workspace, view) for view in person.views],
            "home": view_of(workspace, person.home) if person.home else None,
            "commands": workspace.manifest.commands,
            "shortcuts": workspace.manifest.shortcuts,
            "home_enabled": workspace.manifest.home_enabled,
            "troubles": workspace.bad_days.ahead,
        }


def message_of(workspace: Workspace, message: Message) -> Json:
    """A message as the page draws it: Slack's object, and who alone sees it."""
    only = {"ephemeral": True} if message.ephemeral_to else {}
    return message.to_payload(workspace.team_id, with_metadata=False) | {"channel": message.channel} | only


def view_of(workspace: Workspace, view: View) -> Json:
    """A modal or home as the page draws it: Slack's object, and what it complains of."""
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
        "stranger": user.stranger,
        "deleted": user.deleted,
    }


def _channel(channel: Channel, person: Person, seen: list[Message]) -> Json:
    """A conversation, with when others wrote in it: the page counts those that its reader has not looked at."""
    others = [one.ts for one in seen if one.channel == channel.id and one.user != person.id]
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "shared": channel.shared,
        "members": sorted(channel.members),
        "others": others[-LATEST:],
    }
