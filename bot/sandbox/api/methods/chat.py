"""chat.*: posting, editing and deleting messages."""

from typing import Any

from bot.sandbox.api.methods.access import joined_channel, posted_message, posting_channel, seen_channel
from bot.sandbox.api.methods.registry import Arguments, method, need_scope
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.message_checks import MessageContent, message_content
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.workspace import Workspace

MAX_EDIT_LENGTH = 4_000
MAX_EPHEMERAL_BYTES = 4_000


def content_of(arguments: Arguments) -> Json:
    """Return the arguments that make up the content of a message, with JSON strings parsed."""
    return {
        "text": arguments.text("text"),
        "markdown_text": arguments.text("markdown_text"),
        "blocks": arguments.parsed("blocks", "invalid_blocks_format"),
        "attachments": arguments.parsed("attachments", "invalid_attachments"),
        "metadata": arguments.parsed("metadata", "invalid_metadata_format"),
        "link_names": arguments.flag("link_names"),
    }


@method("chat.postMessage", scopes=("chat:write",), required=("channel",), per_minute=300)
def post_message(workspace: Workspace, arguments: Arguments) -> Json:
    """Post a message to a channel, a thread or a person."""
    channel = posting_channel(workspace, arguments.text("channel"))
    if "username" in arguments or "icon_emoji" in arguments or "icon_url" in arguments:
        need_scope(workspace, "chat:write.customize")
    draft = message_content(content_of(arguments))
    thread_ts, own_id = _thread(workspace, channel, arguments), arguments.text("client_msg_id") or None
    if workspace.knows_repeats and own_id and (first := workspace.messages.repeated(channel.id, own_id)):
        return _answer(workspace, first)
    message = workspace.post(channel.id, workspace.bot_user_id, draft, thread_ts=thread_ts, client_msg_id=own_id)
    return _answer(workspace, message)


@method("chat.postEphemeral", scopes=("chat:write",), required=("channel", "user"), per_minute=100)
def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Json:
    """Show a message to one person in a channel."""
    channel = joined_channel(workspace, arguments.text("channel"))
    user = arguments.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    if len(arguments.text("text").encode()) > MAX_EPHEMERAL_BYTES:
        raise SlackError("msg_too_long")
    draft = message_content(content_of(arguments))
    thread_ts = _thread(workspace, channel, arguments)
    message = workspace.post(channel.id, workspace.bot_user_id, draft, thread_ts=thread_ts, ephemeral_to=user)
    return {"message_ts": message.ts}


@method("chat.update", scopes=("chat:write",), required=("channel", "ts"))
def update(workspace: Workspace, arguments: Arguments) -> Json:
    """Edit one of the bot's own messages. A text without blocks removes the blocks."""
    message = posted_message(workspace, arguments.text("channel"), arguments.text("ts"))
    if message.user != workspace.bot_user_id:
        raise SlackError("cant_update_message")
    if len(arguments.text("text")) > MAX_EDIT_LENGTH:
        raise SlackError("msg_too_long")
    edited = workspace.redrafted(message, _edit(message, arguments))
    edited_at = message.edited_at if edited.blocks else workspace.state.new_ts()
    return _answer(workspace, workspace.messages.change(edited, edited_at=edited_at)) | {"text": edited.text}


@method("chat.delete", scopes=("chat:write",), required=("channel", "ts"))
def delete(workspace: Workspace, arguments: Arguments) -> Json:
    """Delete one of the bot's own messages."""
    message = posted_message(workspace, arguments.text("channel"), arguments.text("ts"))
    if message.user != workspace.bot_user_id:
        raise SlackError("cant_delete_message")
    workspace.messages.remove(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink", required=("channel", "message_ts"), per_minute=300)
def get_permalink(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the permalink of a message."""
    channel = seen_channel(workspace, arguments.text("channel"))
    message = posted_message(workspace, channel.id, arguments.text("message_ts"))
    address = f"https://{workspace.team_domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": address + thread}


def _edit(message: Message, arguments: Arguments) -> MessageContent:
    content: dict[str, Any] = content_of(arguments)
    if "attachments" not in arguments.values:
        content["attachments"] = list(message.attachments)
    if "metadata" not in arguments.values:
        content["metadata"] = message.metadata
    if "text" not in arguments and "blocks" in arguments:
        content["text"] = message.text
    return message_content(content)


def _thread(workspace: Workspace, channel: Channel, arguments: Arguments) -> str | None:
    if "thread_ts" not in arguments:
        return None
    parent = workspace.messages.find(channel.id, arguments.text("thread_ts"))
    if parent is None or parent.ephemeral_to:
        raise SlackError("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


def _answer(workspace: Workspace, message: Message) -> Json:
    payload = message.to_payload(workspace.team_id) | {"app_id": workspace.app_id}
    return {"channel": message.channel, "ts": message.ts, "message": payload}
