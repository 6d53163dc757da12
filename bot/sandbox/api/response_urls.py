"""The endpoint of response URLs, to which an app sends answers to an interaction without a token."""

import json
import time
from functools import partial
from typing import Any

from bot.sandbox.api.gateway import Reply, unless_it_fails
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.message_checks import message_content
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.response_urls import ResponseUrl
from bot.sandbox.workspace.workspace import Workspace

#: How failures and the log name an answer through a response URL.
NAME = "response_url"
GONE = ("expired_url", "used_url")


def answer_response(workspace: Workspace, key: str, body: bytes) -> Reply:
    """Post, replace or delete a message as the JSON body says (slack-platform.md §1.5).

    Slack does not document the status and body of refusals. The stand-in returns the error without details.
    """
    started = time.monotonic()
    content: Any = None
    try:
        content = _parsed(body)
        reply = unless_it_fails(workspace, NAME, content, partial(_answered, workspace, key, content))
    except SlackError as problem:
        reply = Reply(404 if problem.error in GONE else 400, problem.error, {"Content-Type": "text/plain"})
    seconds = time.monotonic() - started
    status = None if reply.broken else reply.status
    workspace.log.note("from_app", NAME, content or {}, status, None if reply.broken else reply.content, seconds)
    return reply


def _answered(workspace: Workspace, key: str, content: Json) -> Reply:
    with workspace.state.change():
        _respond(workspace, workspace.response_urls.spend(key), content)
    return Reply(content="ok", headers={"Content-Type": "text/html"})


def _parsed(body: bytes) -> Json:
    try:
        content = json.loads(body)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(content, dict):
        raise SlackError("invalid_payload")
    return content


def _respond(workspace: Workspace, url: ResponseUrl, content: Json) -> None:
    if content.get("delete_original"):
        workspace.messages.remove(_original(workspace, url))
    elif content.get("replace_original"):
        _replace(workspace, _original(workspace, url), content)
    else:
        _post(workspace, url, content)


def _original(workspace: Workspace, url: ResponseUrl) -> Message:
    """Return the message that holds the control that was used. A command has no such message."""
    found = url.origin and workspace.messages.find(url.origin.channel, url.origin.ts)
    if not found:
        raise SlackError("message_not_found")
    if found.user != workspace.bot_user_id:
        raise SlackError("cant_update_message")
    return found


def _replace(workspace: Workspace, original: Message, content: Json) -> None:
    wanted = content.get("response_type")
    public = original.ephemeral_to is None
    if wanted is not None and (wanted == "in_channel") != public:
        raise SlackError("invalid_response_type")
    workspace.messages.change(workspace.redrafted(original, message_content(content)))


def _post(workspace: Workspace, url: ResponseUrl, content: Json) -> None:
    public = content.get("response_type") == "in_channel"
    if content.get("thread_ts") and not (public and content.get("replace_original") is False):
        raise SlackError("invalid_thread_ts")
    thread_ts = content.get("thread_ts")
    ephemeral_to = None if public else url.user
    draft = message_content(content)
    workspace.post(url.channel, workspace.bot_user_id, draft, thread_ts=thread_ts, ephemeral_to=ephemeral_to)
