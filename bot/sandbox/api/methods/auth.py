"""api.test, auth.test, bots.info, team.info and apps.connections.open: what an app asks about itself."""

from bot.sandbox.api.methods.registry import Arguments, method
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.workspace import Workspace


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


@method("apps.connections.open", token="app", per_minute=50)
def open_connection(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the URL at which the app opens a WebSocket (slack-platform.md §1.7)."""
    if not workspace.manifest.socket_mode:
        raise SlackError("not_allowed_token_type")
    ticket = workspace.socket_tickets.issue()
    address = workspace.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={workspace.app_id}"}
