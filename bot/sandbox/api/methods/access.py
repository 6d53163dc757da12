"""Access checks: which channels, messages and people the bot can reach, and the errors if it cannot."""

from bot.sandbox.api.methods.registry import need_scope
from bot.sandbox.errors import SlackError
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.users import User
from bot.sandbox.workspace.workspace import Workspace


def seen_channel(workspace: Workspace, channel_id: str) -> Channel:
    """Return a conversation that the bot can see: a public channel, or one that the bot is a member of.

    Raises:
        SlackError: `channel_not_found`.
    """
    channel = workspace.channels.find(channel_id)
    if channel is None or (channel.kind != "public" and workspace.bot_user_id not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def joined_channel(workspace: Workspace, channel_id: str) -> Channel:
    """Return a conversation that the bot is a member of and can write to.

    Raises:
        SlackError: `channel_not_found`, `not_in_channel` or `is_archived`.
    """
    channel = seen_channel(workspace, channel_id)
    if channel.archived:
        raise SlackError("is_archived")
    if workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def posting_channel(workspace: Workspace, channel_id: str) -> Channel:
    """Return the conversation to post to. A user id stands for the direct conversation with that person.

    Raises:
        SlackError: as `joined_channel`, or `messages_tab_disabled`, or `cannot_dm_bot` (not documented by Slack).
    """
    if workspace.users.find(channel_id):
        channel_id = _direct_channel(workspace, channel_id).id
    channel = seen_channel(workspace, channel_id)
    if channel.kind == "im" and not workspace.manifest.messages_enabled:
        raise SlackError("messages_tab_disabled")
    if channel.kind == "public" and workspace.manifest.granted("chat:write.public") and not channel.archived:
        return channel
    return joined_channel(workspace, channel_id)


def _direct_channel(workspace: Workspace, user_id: str) -> Channel:
    user = workspace.users.known(user_id)
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    if user.deleted or user.stranger:
        raise SlackError("channel_not_found")
    return workspace.direct(user_id)


def readable_channel(workspace: Workspace, channel_id: str) -> Channel:
    """Return a conversation whose messages the bot may read.

    Raises:
        SlackError: `channel_not_found`, `missing_scope` or `not_in_channel`.
    """
    channel = seen_channel(workspace, channel_id)
    need_scope(workspace, f"{channel.scope_family}:history")
    if workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def posted_message(workspace: Workspace, channel_id: str, ts: str) -> Message:
    """Return a message that everyone in the channel sees. Ephemeral messages cannot be addressed.

    Raises:
        SlackError: `channel_not_found` or `message_not_found`.
    """
    channel = seen_channel(workspace, channel_id)
    message = workspace.messages.find(channel.id, ts)
    if message is None or message.ephemeral_to:
        raise SlackError("message_not_found")
    return message


def visible_user(workspace: Workspace, user_id: str) -> User:
    """Return a person or bot of the workspace.

    Raises:
        SlackError: `user_not_found`.
    """
    if user := workspace.users.find(user_id):
        return user
    raise SlackError("user_not_found")
