"""Handling of one Web API call: token, rate limits, injected failures, scopes, arguments, the method, and the log."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.sandbox.api.methods import METHODS
from bot.sandbox.api.methods.registry import Arguments, Method, bad_arguments, need_scope
from bot.sandbox.api.request_parsing import Request, token_and_arguments
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.failures import Failure
from bot.sandbox.workspace.workspace import Workspace

#: Failures of the answer alone: the call is performed.
AFTER_ALL = ("lost_answer", "cut_answer")
POSTING = ("chat.postMessage", "chat.postEphemeral")


@dataclass(frozen=True)
class Reply:
    """The answer to a request.

    If `broken`, the connection breaks instead, after `hold` wall-clock seconds; if `cut`, in the middle of the answer.
    """

    status: int = 200
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    cut: bool = False
    hold: float = 0.0


def answer_call(workspace: Workspace, name: str, request: Request) -> Reply:
    """Answer one Web API call and log it (slack-platform.md §4.1 to §4.3)."""
    started = time.monotonic()
    arguments: Json = {}
    try:
        token, arguments = token_and_arguments(request)
        reply = _answer(workspace, _authorized(workspace, name, token), Arguments(arguments))
    except SlackError as problem:
        reply = Reply(content=problem.to_json())
    seconds = time.monotonic() - started
    shown = None if reply.broken else reply.content
    workspace.log.note("from_app", name, arguments, None if reply.broken else reply.status, shown, seconds)
    return reply


def _authorized(workspace: Workspace, name: str, token: str) -> Method:
    method = METHODS.get(name)
    if method is None:
        raise SlackError("unknown_method", req_method=name)
    if method.token == "none":
        return method
    if not token:
        raise SlackError("not_authed")
    if token not in (workspace.bot_token, workspace.app_token):
        raise SlackError("invalid_auth")
    if (token == workspace.app_token) != (method.token == "app"):
        raise SlackError("not_allowed_token_type")
    return method


def _answer(workspace: Workspace, method: Method, arguments: Arguments) -> Reply:
    if wait := _wait(workspace, method, arguments):
        return _slow_down(wait)
    reply = partial(_performed, workspace, method, arguments)
    return unless_it_fails(workspace, method.name, _facts(workspace, arguments), reply)


def unless_it_fails(workspace: Workspace, name: str, facts: Json, perform: Callable[[], Reply]) -> Reply:
    """Return the reply of a call, or what an injected failure makes of it. Raises `SlackError` if it is refused."""
    failure = workspace.failures.next(name, facts)
    if failure is None:
        return perform()
    if failure.kind in AFTER_ALL:
        return replace(perform(), broken=failure.kind == "lost_answer", cut=failure.kind == "cut_answer")
    if failure.kind == "late":
        workspace.state.later(failure.seconds, partial(_unseen, perform))
    return failed_reply(failure)


def _performed(workspace: Workspace, method: Method, arguments: Arguments) -> Reply:
    return Reply(content=_perform(workspace, method, arguments), headers=_scopes(workspace, method))


def _scopes(workspace: Workspace, method: Method) -> dict[str, str]:
    """Return the header with the scopes of the token, if there is one and the manifest says what they are."""
    granted = workspace.manifest.scopes
    if granted is None or method.token != "bot":
        return {}
    return {"x-oauth-scopes": ",".join(sorted(granted))}


def _perform(workspace: Workspace, method: Method, arguments: Arguments) -> Json:
    with workspace.state.change():
        need_scope(workspace, *method.scopes)
        if missing := [name for name in method.required if name not in arguments]:
            raise bad_arguments(*(f"missing required field: {name}" for name in missing))
        return {"ok": True, **method.run(workspace, arguments)}


def _unseen(perform: Callable[[], Reply]) -> None:
    """Perform a call whose answer nobody reads any more."""
    with suppress(SlackError):
        perform()


def _wait(workspace: Workspace, method: Method, arguments: Arguments) -> int:
    if not workspace.enforce_rates:
        return 0
    if method.name in POSTING:
        key = f"post {arguments.text('channel')}"
        if wait := workspace.rates.wait_for(key, 1, timedelta(seconds=1)):
            return wait
    return workspace.rates.wait_for(method.name, method.per_minute, timedelta(minutes=1))


def _slow_down(seconds: float) -> Reply:
    return Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": f"{seconds:.0f}"})


def _facts(workspace: Workspace, arguments: Arguments) -> Json:
    """Return the arguments, and as `user` the person whom the call concerns, to match them with failures."""
    place = arguments.text("channel")
    channel = workspace.channels.find(place)
    people = (channel.members - {workspace.bot_user_id}) if channel and channel.kind == "im" else set()
    person = next(iter(people), place if workspace.users.find(place) else arguments.text("user_id"))
    return {"user": person} | arguments.values


def failed_reply(failure: Failure) -> Reply:
    """Return the answer to a call that an injected failure stops. Raises `SlackError` for one that is refused."""
    match failure.kind:
        case "rate_limit":
            return _slow_down(failure.seconds)
        case "outage":
            page = "<html><body>Our services aren't available right now</body></html>"
            return Reply(failure.status, page, {"Content-Type": "text/html"})
        case "refuse":
            raise SlackError(failure.error)
        case "hang":
            return Reply(broken=True, hold=failure.seconds)
        case _:
            return Reply(broken=True)
