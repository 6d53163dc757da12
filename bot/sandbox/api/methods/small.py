"""The methods of small families: api.*, auth.*, bots.*, team.*, reactions.*, pins.* and apps.connections.*."""

import re

from bot.sandbox.api.methods.access import posted_message, seen_channel
from bot.sandbox.api.methods.registry import Arguments, method
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.workspace import Workspace

EMOJI = re.compile(r"[\w+\-]+(::skin-tone-[2-6])?")


@method("api.test", token="none", per_minute=100)
def api_test(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the arguments that were sent, or the error that was asked for."""
    if "error" in arguments:
        raise SlackError(arguments.text("error"), args=arguments.values)
    return {"args": arguments.values}


@method("auth.test", per_minute=600)
def auth_test(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the workspace and the bot that the token belongs to."""
    return {
        "url": f"https://{workspace.team_domain}.slack.com/",
        "team": workspace.team_domain,
        "user": workspace.users.known(workspace.bot_user_id).name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    } | ({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {})


@method("bots.info", scopes=("users:read",), per_minute=50)
def bots_info(workspace: Workspace, arguments: Arguments) -> Json:
    """Return one bot, with the app that it belongs to. `auth.test` of most workspaces does not name the app."""
    bot = arguments.text("bot")
    user = next((user for user in workspace.users.all() if user.bot_id and user.bot_id == bot), None)
    if user is None:
        raise SlackError("bot_not_found")
    app = workspace.app_id if bot == workspace.bot_id else f"A0{bot}"
    return {"bot": {"id": bot, "app_id": app, "user_id": user.id, "name": user.name, "deleted": user.deleted}}


@method("team.info", scopes=("team:read",))
def team_info(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the workspace."""
    domain = workspace.team_domain
    return {"team": {"id": workspace.team_id, "name": domain, "domain": domain, "email_domain": "", "icon": {}}}


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


@method("apps.connections.open", token="app", per_minute=50)
def open_connection(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the URL at which the app opens a WebSocket (slack-platform.md §1.7)."""
    if not workspace.manifest.socket_mode:
        raise SlackError("not_allowed_token_type")
    ticket = workspace.socket_tickets.issue()
    address = workspace.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={workspace.app_id}"}
