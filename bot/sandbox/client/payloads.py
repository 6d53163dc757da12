"""The complete payloads that Slack sends to an app (slack-platform.md §1.3, §1.4 and §1.6)."""

import uuid
from typing import Any

from bot.sandbox.blocks.structure import interactive, state_of
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.deliveries import Delivery
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace

TOKEN = "deprecated-verification-token"


def command(ws: Workspace, user: str, channel: Channel, name: str, text: str) -> Delivery:
    """Return the request of a slash command."""
    form = {
        "token": TOKEN,
        "team_id": ws.team_id,
        "team_domain": ws.team_domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user,
        "user_name": ws.users.known(user).name,
        "command": name,
        "text": text,
        "api_app_id": ws.app_id,
        "is_enterprise_install": "false",
        "response_url": _response_url(ws, user, channel.id, None),
        "trigger_id": ws.triggers.issue(ws.app_id, user),
    }
    organization = {"enterprise_id": ws.enterprise_id, "enterprise_name": ws.team_domain} if ws.enterprise_id else {}
    return Delivery("slash_commands", name, form | organization)


def message_press(ws: Workspace, user: str, message: Message, action: Json) -> Delivery:
    """Return the block_actions payload of a control in a message."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    extra: Json = {
        "container": container,
        "channel": _channel(ws, message.channel),
        "state": {"values": state_of(message.all_blocks)},
        "response_url": _response_url(ws, user, message.channel, message),
        "trigger_id": ws.triggers.issue(ws.app_id, user),
        "actions": [action],
    }
    if message.ephemeral_to is None:
        extra["message"] = message.to_payload(ws.team_id)
    return _interactive(ws, user, "block_actions", extra)


def view_press(ws: Workspace, user: str, view: View, action: Json) -> Delivery:
    """Return the block_actions payload of a control in a modal or the App Home."""
    extra = {
        "container": {"type": "view", "view_id": view.id},
        "view": _view(ws, view),
        "trigger_id": ws.triggers.issue(ws.app_id, user, view.id),
        "actions": [action],
    }
    return _interactive(ws, user, "block_actions", extra)


def view_submission(ws: Workspace, user: str, view: View) -> Delivery:
    """Return the view_submission payload of a modal."""
    extra = {
        "view": _view(ws, view),
        "trigger_id": ws.triggers.issue(ws.app_id, user, view.id),
        "response_urls": _chosen_response_urls(ws, user, view),
    }
    return _interactive(ws, user, "view_submission", extra)


def view_closed(ws: Workspace, user: str, view: View, is_cleared: bool) -> Delivery:
    """Return the view_closed payload of a modal; `is_cleared` says that the whole stack was closed."""
    return _interactive(ws, user, "view_closed", {"view": _view(ws, view), "is_cleared": is_cleared})


def shortcut(ws: Workspace, user: str, callback_id: str) -> Delivery:
    """Return the payload of a global shortcut."""
    extra = {
        "callback_id": callback_id,
        "trigger_id": ws.triggers.issue(ws.app_id, user),
        "action_ts": ws.state.new_ts(),
    }
    return _interactive(ws, user, "shortcut", extra)


def message_shortcut(ws: Workspace, user: str, callback_id: str, message: Message) -> Delivery:
    """Return the payload of a message shortcut."""
    extra = {
        "callback_id": callback_id,
        "trigger_id": ws.triggers.issue(ws.app_id, user),
        "action_ts": ws.state.new_ts(),
        "response_url": _response_url(ws, user, message.channel, message),
        "message_ts": message.ts,
        "message": message.to_payload(ws.team_id),
        "channel": _channel(ws, message.channel),
    }
    return _interactive(ws, user, "message_action", extra)


def block_suggestion(ws: Workspace, user: str, view: View, block_id: str, element: Json, typed: str) -> Delivery:
    """Return the block_suggestion payload, which requests the options of an external select."""
    extra = {
        "action_id": element["action_id"],
        "block_id": block_id,
        "value": typed,
        "container": {"type": "view", "view_id": view.id},
        "view": _view(ws, view),
    }
    return _interactive(ws, user, "block_suggestion", extra)


def event(ws: Workspace, inner: Json) -> Delivery:
    """Return an event in its envelope."""
    event_id = ws.state.new_id("Ev")
    authorization = {
        "enterprise_id": None,
        "team_id": ws.team_id,
        "user_id": ws.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    envelope = {
        "token": TOKEN,
        "team_id": ws.team_id,
        "context_team_id": ws.team_id,
        "context_enterprise_id": None,
        "api_app_id": ws.app_id,
        "event": inner,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(ws.state.now().timestamp()),
        "event_context": f"4-{uuid.uuid4().hex}",
        "authorizations": [authorization],
        "is_ext_shared_channel": _is_shared(ws, inner),
    }
    return Delivery("events_api", str(inner["type"]), envelope)


def channel_name(channel: Channel) -> str:
    """Return the name of a conversation in payloads. Slack does not document those of direct conversations."""
    return channel.name or {"im": "directmessage", "mpim": "privategroup"}.get(channel.kind, "")


def _interactive(ws: Workspace, user: str, kind: str, extra: Json) -> Delivery:
    person = ws.users.known(user)
    common: Json = {
        "type": kind,
        "team": {"id": ws.team_id, "domain": ws.team_domain},
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": ws.app_id,
        "token": TOKEN,
        "enterprise": {"id": ws.enterprise_id, "name": ws.team_domain} if ws.enterprise_id else None,
        "is_enterprise_install": False,
    }
    return Delivery("interactive", kind, common | extra)


def _view(ws: Workspace, view: View) -> Json:
    return view.to_payload(ws.team_id, ws.app_id, ws.bot_id)


def _channel(ws: Workspace, channel_id: str) -> Json:
    return {"id": channel_id, "name": channel_name(ws.channels.known(channel_id))}


def _response_url(ws: Workspace, user: str, channel: str, origin: Message | None) -> str:
    return f"{ws.base_url}/response/{ws.response_urls.issue(user, channel, origin).key}"


def _chosen_response_urls(ws: Workspace, user: str, view: View) -> list[Json]:
    found: list[Json] = []
    for block, element in interactive(view.blocks):
        held: Any = view.state.get(block["block_id"], {}).get(element["action_id"], {})
        channel = held.get("selected_channel") or held.get("selected_conversation")
        if element.get("response_url_enabled") and channel:
            url = _response_url(ws, user, channel, None)
            place = {"block_id": block["block_id"], "action_id": element["action_id"]}
            found.append({"response_url": url, "channel_id": channel, **place})
    return found


def _is_shared(ws: Workspace, inner: Json) -> bool:
    channel = ws.channels.find(str(inner.get("channel", "")))
    return channel is not None and channel.shared
