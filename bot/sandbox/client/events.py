"""Actions of people that Slack reports to the app as events, if the app is subscribed (slack-platform.md §1.6)."""

import secrets

from bot.sandbox.blocks import rich_text
from bot.sandbox.client import composer, payloads
from bot.sandbox.client.transport import Transport
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.channels import Channel
from bot.sandbox.workspace.deliveries import Answer, Delivery
from bot.sandbox.workspace.message_checks import MessageContent
from bot.sandbox.workspace.messages import Message


def home_opened(transport: Transport, user: str, tab: str) -> Answer | None:
    """Notify the app that a person opened its App Home."""
    ws = transport.workspace
    inner: Json = {"type": "app_home_opened", "user": user, "channel": ws.direct(user).id, "tab": tab}
    home = ws.views.home(user)
    if home and tab == "home":
        inner["view"] = home.to_payload(ws.team_id, ws.app_id, ws.bot_id)
    return send_event(transport, "app_home_opened", inner)


def joined(transport: Transport, user: str, channel_id: str) -> Answer | None:
    """Add a person to a channel, and notify the app if the bot is a member."""
    ws = transport.workspace
    channel = ws.channels.join(channel_id, user)
    if ws.bot_user_id not in channel.members:
        return None
    kind = "C" if channel.kind == "public" else "G"
    inner = {"type": "member_joined_channel", "user": user, "channel": channel_id, "channel_type": kind}
    return send_event(transport, "member_joined_channel", inner | {"team": ws.team_id})


def message_written(transport: Transport, user: str, channel: Channel, typed: str, thread_ts: str | None) -> Message:
    """Post what a person wrote, and notify the app if the bot is a member.

    A mention of the bot in a channel causes two events, `app_mention` and `message`, as in Slack.
    """
    ws = transport.workspace
    text = composer.as_message(ws, typed)
    message = ws.post(channel.id, user, MessageContent(text=text, blocks=(rich_text.block(text),)), thread_ts=thread_ts)
    if ws.bot_user_id in channel.members:
        inner = message.to_payload(ws.team_id) | {
            "channel": channel.id,
            "client_msg_id": secrets.token_hex(16),
        }
        if f"<@{ws.bot_user_id}>" in text and channel.kind != "im":
            send_event(transport, "app_mention", inner | {"type": "app_mention"})
        name = f"message.{channel.scope_family}"
        send_event(transport, name, inner | {"channel_type": channel.event_kind})
    return message


def message_edited(transport: Transport, message: Message, typed: str) -> Message:
    """Change what a person wrote, and notify the app with the old and the new message."""
    ws = transport.workspace
    text = composer.as_message(ws, typed)
    content = MessageContent(text=text, blocks=(rich_text.block(text),))
    edited = ws.messages.change(ws.redrafted(message, content), edited_at=ws.state.new_ts())
    before, after = message.to_payload(ws.team_id), edited.to_payload(ws.team_id)
    _changed(transport, message, {"subtype": "message_changed", "message": after, "previous_message": before})
    return edited


def message_deleted(transport: Transport, message: Message) -> None:
    """Delete a message, and notify the app."""
    ws = transport.workspace
    ws.messages.remove(message)
    before = message.to_payload(ws.team_id)
    _changed(transport, message, {"subtype": "message_deleted", "deleted_ts": message.ts, "previous_message": before})


def _changed(transport: Transport, message: Message, change: Json) -> None:
    ws = transport.workspace
    channel = ws.channels.known(message.channel)
    if ws.bot_user_id in channel.members:
        common = {"type": "message", "hidden": True, "channel": channel.id, "ts": ws.state.new_ts()}
        inner = common | {"channel_type": channel.event_kind} | change
        send_event(transport, f"message.{channel.scope_family}", inner)


def channel_moved(transport: Transport, channel_id: str, new_id: str) -> Answer | None:
    """Give a channel another id, as Slack does when a private one becomes shared, and notify the app."""
    ws = transport.workspace
    ws.move_channel(channel_id, new_id)
    inner = {"type": "channel_id_changed", "old_channel_id": channel_id, "new_channel_id": new_id}
    return send_event(transport, "channel_id_changed", inner)


def events_dropped(transport: Transport, minute: int) -> Answer:
    """Tell the app that events of a minute, in Unix seconds, were dropped. Slack does not wrap this as an event."""
    ws = transport.workspace
    body = {"token": payloads.TOKEN, "type": "app_rate_limited", "team_id": ws.team_id, "api_app_id": ws.app_id}
    return transport.send_event(Delivery("events_api", "app_rate_limited", body | {"minute_rate_limited": minute}))


def send_event(transport: Transport, subscription: str, inner: Json) -> Answer | None:
    """Send an event if an app is connected and subscribed to it. Returns None if nothing was sent."""
    ws = transport.workspace
    if not (ws.manifest.subscribed(subscription) and transport.connected):
        return None
    stamped = {"event_ts": inner.get("ts") or ws.state.new_ts()} | inner
    return transport.send_event(payloads.event(ws, stamped))
