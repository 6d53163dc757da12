"""views.*: modals and the App Home."""

import json

from bot.sandbox.api.methods.registry import Arguments, bad_arguments, method
from bot.sandbox.blocks.validation.views import Kind, check_view
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.triggers import Trigger
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace

MAX_VIEW_BYTES = 250_000


def checked_view(view: object, kind: Kind) -> Json:
    """Check a view that an app sent, as Slack does, and return it.

    Raises:
        SlackError: `invalid_arguments` with its details, or `view_too_large`.
    """
    if not isinstance(view, dict):
        raise bad_arguments("must provide an object [json-pointer:/view]")
    if len(json.dumps(view, ensure_ascii=False).encode()) > MAX_VIEW_BYTES:
        raise SlackError("view_too_large")
    if problems := check_view(view, kind):
        raise bad_arguments(*problems)
    return view


@method("views.open", required=("view",), per_minute=100)
def open_view(workspace: Workspace, arguments: Arguments) -> Json:
    """Open a modal for the person to whom the trigger id belongs."""
    view = checked_view(arguments.parsed("view"), "modal")
    trigger = _trigger(workspace, arguments)
    return _answer(workspace, workspace.views.open(trigger.user, view))


@method("views.push", required=("view",), per_minute=100)
def push(workspace: Workspace, arguments: Arguments) -> Json:
    """Open a modal on top of the one in which the trigger id was issued."""
    view = checked_view(arguments.parsed("view"), "modal")
    trigger = _trigger(workspace, arguments)
    if not trigger.view_id or not workspace.views.find(trigger.view_id):
        raise SlackError("not_found")
    return _answer(workspace, workspace.views.push(trigger.user, view))


@method("views.update", required=("view",), per_minute=100)
def update(workspace: Workspace, arguments: Arguments) -> Json:
    """Replace the content of a view, identified by view_id or external_id."""
    if ("view_id" in arguments) == ("external_id" in arguments):
        raise bad_arguments("must provide either `view_id` or `external_id`")
    by_id = workspace.views.find(arguments.text("view_id"))
    target = by_id or workspace.views.by_external_id(arguments.text("external_id"))
    if target is None:
        raise SlackError("not_found")
    view = checked_view(arguments.parsed("view"), "home" if target.type == "home" else "modal")
    _compare_hash(target, arguments)
    return _answer(workspace, workspace.views.update(target, view))


@method("views.publish", required=("user_id", "view"), per_minute=100)
def publish(workspace: Workspace, arguments: Arguments) -> Json:
    """Publish a person's App Home."""
    user = workspace.users.find(arguments.text("user_id"))
    if user is None or user.is_bot or user.deleted:
        raise bad_arguments("invalid `user_id`")
    if not workspace.manifest.home_enabled:
        raise SlackError("not_enabled")
    view = checked_view(arguments.parsed("view"), "home")
    if home := workspace.views.home(user.id):
        _compare_hash(home, arguments)
    return _answer(workspace, workspace.views.publish(user.id, view))


def _trigger(workspace: Workspace, arguments: Arguments) -> Trigger:
    if "trigger_id" not in arguments:
        raise bad_arguments("missing required field: trigger_id")
    return workspace.triggers.spend(arguments.text("trigger_id"), workspace.app_id)


def _compare_hash(view: View, arguments: Arguments) -> None:
    if "hash" in arguments and arguments.text("hash") != view.hash:
        raise SlackError("hash_conflict")


def _answer(workspace: Workspace, view: View) -> Json:
    return {"view": view.to_payload(workspace.team_id, workspace.app_id, workspace.bot_id)}
