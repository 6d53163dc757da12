"""users.* and usergroups.*: people and user groups."""

from datetime import timedelta

from bot.sandbox.api.methods.access import visible_user
from bot.sandbox.api.methods.paging import page
from bot.sandbox.api.methods.registry import Arguments, method
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.user_groups import UserGroup
from bot.sandbox.workspace.users import User
from bot.sandbox.workspace.workspace import Workspace


def user_payload(workspace: Workspace, user: User, with_locale: bool) -> Json:
    """Return the `user` object of a person; it holds the email address only if the bot's scopes allow it."""
    offset = user.zone.utcoffset(workspace.state.now()) or timedelta()
    with_email = workspace.manifest.granted("users:read.email")
    return user.to_payload(int(offset.total_seconds()), with_locale, with_email)


@method("users.info", scopes=("users:read",), required=("user",), per_minute=100)
def info(workspace: Workspace, arguments: Arguments) -> Json:
    """Return one person."""
    user = visible_user(workspace, arguments.text("user"))
    return {"user": user_payload(workspace, user, arguments.flag("include_locale"))}


@method("users.list", scopes=("users:read",), per_minute=20)
def list_users(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the people and bots of this workspace, in pages. People of other workspaces are left out."""
    users, metadata = page([u for u in workspace.users.all() if not u.foreign], arguments, default=1000)
    members = [user_payload(workspace, user, arguments.flag("include_locale")) for user in users]
    return {
        "members": members,
        "cache_ts": int(workspace.state.now().timestamp()),
        "response_metadata": metadata,
    }


@method("users.lookupByEmail", scopes=("users:read.email",), required=("email",))
def lookup_by_email(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the active person with this email address."""
    user = workspace.users.by_email(arguments.text("email"))
    if user is None:
        raise SlackError("users_not_found")
    return {"user": user_payload(workspace, user, with_locale=False)}


@method("usergroups.users.list", scopes=("usergroups:read",), required=("usergroup",), per_minute=20)
def usergroup_users(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the members of a user group."""
    group = workspace.groups.find(arguments.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


@method("usergroups.list", scopes=("usergroups:read",), per_minute=20)
def list_groups(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the user groups, the deactivated ones only if they are asked for."""
    shown = [one for one in workspace.groups.all() if not one.disabled or arguments.flag("include_disabled")]
    return {"usergroups": [_group_payload(workspace, one, arguments) for one in shown]}


def _group_payload(workspace: Workspace, group: UserGroup, arguments: Arguments) -> Json:
    users = {"users": list(group.users)} if arguments.flag("include_users") else {}
    count = {"user_count": len(group.users)} if arguments.flag("include_count") else {}
    return {
        "id": group.id,
        "team_id": workspace.team_id,
        "is_usergroup": True,
        "name": group.handle,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": int(workspace.state.now().timestamp()) if group.disabled else 0,
        **users,
        **count,
    }
