"""conversations.*: channels and direct conversations."""

import math
import re
from collections.abc import Callable

from bot.sandbox.api.methods.access import joined_channel, readable_channel, seen_channel
from bot.sandbox.api.methods.paging import page
from bot.sandbox.api.methods.registry import Arguments, method, need_scope
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.workspace import Workspace

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
MANAGE = ("channels:manage", "groups:write")
NAME = re.compile(r"[\w\-]+")
MAX_NAME_LENGTH = 80
MAX_PEOPLE = 8


@method("conversations.open", scopes=("im:write", "mpim:write"))
def open_conversation(workspace: Workspace, arguments: Arguments) -> Json:
    """Open or find the direct conversation with one to eight people."""
    if "channel" in arguments:
        return _opened(workspace, seen_channel(workspace, arguments.text("channel")), arguments, known=True)
    users = arguments.listed("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > MAX_PEOPLE:
        raise SlackError("too_many_users")
    need_scope(workspace, "im:write" if len(users) == 1 else "mpim:write")
    for user_id in users:
        _can_be_written_to(workspace, user_id)
    known = workspace.channels.direct(*users, workspace.bot_user_id) is not None
    channel = workspace.channels.open_direct(*users, workspace.bot_user_id)
    return _opened(workspace, channel, arguments, known)


@method("conversations.info", scopes=READ, required=("channel",))
def info(workspace: Workspace, arguments: Arguments) -> Json:
    """Return one conversation."""
    channel = seen_channel(workspace, arguments.text("channel"))
    need_scope(workspace, f"{channel.scope_family}:read")
    payload = channel.to_payload(workspace.bot_user_id)
    count = {"num_members": len(channel.members)} if arguments.flag("include_num_members") else {}
    return {"channel": payload | count}


@method("conversations.members", scopes=READ, required=("channel",), per_minute=100)
def members(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the members of a conversation, in pages."""
    channel = seen_channel(workspace, arguments.text("channel"))
    need_scope(workspace, f"{channel.scope_family}:read")
    found, metadata = page(sorted(channel.members), arguments)
    return {"members": found, "response_metadata": metadata}


@method("conversations.history", scopes=HISTORY, required=("channel",))
def history(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the messages of a channel, newest first, without thread replies."""
    channel = readable_channel(workspace, arguments.text("channel"))
    top = [m for m in workspace.history(channel.id) if m.thread_ts in (None, m.ts)]
    return _messages(workspace, list(filter(_within(arguments), reversed(top))), arguments)


@method("conversations.replies", scopes=HISTORY, required=("channel", "ts"))
def replies(workspace: Workspace, arguments: Arguments) -> Json:
    """Return a thread, oldest first.

    Slack's documentation contradicts itself on bot tokens in channels; the stand-in accepts them.
    """
    channel = readable_channel(workspace, arguments.text("channel"))
    thread = workspace.thread(channel.id, arguments.text("ts"))
    if not thread:
        raise SlackError("thread_not_found")
    first, *answers = thread
    return _messages(workspace, [first, *filter(_within(arguments), answers)], arguments)


@method("conversations.join", scopes=("channels:join",), required=("channel",))
def join(workspace: Workspace, arguments: Arguments) -> Json:
    """Make the bot a member of a public channel."""
    channel = seen_channel(workspace, arguments.text("channel"))
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if workspace.bot_user_id in channel.members:
        warned = {"warnings": ["already_in_channel"]}
        return _shown(workspace, channel) | {"warning": "already_in_channel", "response_metadata": warned}
    return _shown(workspace, workspace.channels.join(channel.id, workspace.bot_user_id))


@method("conversations.create", scopes=MANAGE, required=("name",), per_minute=20)
def create(workspace: Workspace, arguments: Arguments) -> Json:
    """Create a channel whose only member is the bot."""
    name, private = arguments.text("name"), arguments.flag("is_private")
    need_scope(workspace, "groups:write" if private else "channels:manage")
    if len(name) > MAX_NAME_LENGTH:
        raise SlackError("invalid_name_maxlength")
    if not NAME.fullmatch(name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if workspace.channels.named(name):
        raise SlackError("name_taken")
    channel = workspace.add_channel(workspace.state.new_id("C"), name, private=private)
    return _shown(workspace, channel)


@method(
    "conversations.invite",
    scopes=(*MANAGE, "channels:write.invites", "groups:write.invites"),
    required=("channel",),
)
def invite(workspace: Workspace, arguments: Arguments) -> Json:
    """Add people to a channel. Unless `force` is given, one person who cannot be added prevents all others."""
    channel = joined_channel(workspace, arguments.text("channel"))
    users = arguments.listed("users")
    if not users:
        raise SlackError("no_user")
    refused = {user: error for user in users if (error := _invite_error(workspace, channel, user))}
    errors = [{"user": user, "ok": False, "error": error} for user, error in refused.items()]
    if errors and (not arguments.flag("force") or len(errors) == len(users)):
        raise SlackError(str(errors[0]["error"]), errors=errors)
    welcome = [user for user in users if user not in refused]
    return _shown(workspace, workspace.channels.join(channel.id, *welcome)) | ({"errors": errors} if errors else {})


def _invite_error(workspace: Workspace, channel: Channel, user_id: str) -> str | None:
    user = workspace.users.find(user_id)
    if user_id == workspace.bot_user_id:
        return "cant_invite_self"
    if user is None or user.deleted:
        return "user_not_found"
    if user_id in channel.members:
        return "already_in_channel"
    if user.foreign and not channel.shared:
        return "cant_invite"
    return "user_is_restricted" if user.is_restricted else None


def _can_be_written_to(workspace: Workspace, user_id: str) -> None:
    user = workspace.users.find(user_id)
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.stranger:
        raise SlackError("user_not_visible")
    if user.is_bot:
        raise SlackError("cannot_dm_bot")


def _opened(workspace: Workspace, channel: Channel, arguments: Arguments, known: bool) -> Json:
    full = channel.to_payload(workspace.bot_user_id) if arguments.flag("return_im") else {"id": channel.id}
    return {"channel": full} | ({"no_op": True, "already_open": True} if known else {})


def _shown(workspace: Workspace, channel: Channel) -> Json:
    return {"channel": channel.to_payload(workspace.bot_user_id)}


def _within(arguments: Arguments) -> Callable[[Message], bool]:
    """Return a filter for messages between `oldest` and `latest`; `inclusive` includes these two."""
    oldest, latest = _moment(arguments, "oldest", 0), _moment(arguments, "latest", math.inf)
    inclusive = arguments.flag("inclusive")

    def within(message: Message) -> bool:
        ts = float(message.ts)
        return oldest < ts < latest or (inclusive and ts in (oldest, latest))

    return within


def _moment(arguments: Arguments, name: str, default: float) -> float:
    try:
        return float(arguments.text(name)) if name in arguments else default
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _messages(workspace: Workspace, found: list[Message], arguments: Arguments) -> Json:
    shown, metadata = page(found, arguments)
    with_metadata = arguments.flag("include_all_metadata")
    payloads = [m.to_payload(workspace.team_id, with_metadata) for m in shown]
    return {"messages": payloads, "has_more": bool(metadata["next_cursor"]), "response_metadata": metadata}
