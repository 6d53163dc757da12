"""reactions.add and pins.add: marks on messages."""

import re

from bot.sandbox.api.methods.access import posted_message, seen_channel
from bot.sandbox.api.methods.registry import Arguments, method
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.workspace import Workspace

EMOJI = re.compile(r"[\w+\-]+(::skin-tone-[2-6])?")


@method("reactions.add", scopes=("reactions:write",), required=("channel", "name", "timestamp"))
def add_reaction(workspace: Workspace, arguments: Arguments) -> Json:
    """Add an emoji to a message."""
    if seen_channel(workspace, arguments.text("channel")).archived:
        raise SlackError("is_archived")
    message = posted_message(workspace, arguments.text("channel"), arguments.text("timestamp"))
    if not EMOJI.fullmatch(arguments.text("name")):
        raise SlackError("invalid_name")
    reaction = (arguments.text("name"), workspace.bot_user_id)
    if reaction in message.reactions:
        raise SlackError("already_reacted")
    workspace.messages.change(message, reactions=(*message.reactions, reaction))
    return {}


@method("pins.add", scopes=("pins:write",), required=("channel", "timestamp"), per_minute=20)
def add_pin(workspace: Workspace, arguments: Arguments) -> Json:
    """Pin a message to its channel."""
    message = posted_message(workspace, arguments.text("channel"), arguments.text("timestamp"))
    if message.pinned:
        raise SlackError("already_pinned")
    workspace.messages.change(message, pinned=True)
    return {}
