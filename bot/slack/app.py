"""The Bolt app, and the one door through which requests of both transports reach it.

The door (`Door`) verifies and reads requests in front of Bolt: Bolt mistakes a command with the word "payload"
for an interaction, answers a broken timestamp with 500 and logs raw bodies (house.md, traps 4, 5 and 8).
"""

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any
from urllib.parse import parse_qsl

import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.logs import reference
from bot.slack.listener_context import Face
from bot.slack.listeners.cases import Cases
from bot.slack.listeners.command import Command
from bot.slack.listeners.export import Exports
from bot.slack.listeners.home import Home
from bot.slack.listeners.outbox import Outbox
from bot.slack.listeners.report import Reporting
from bot.slack.listeners.reports import Reports
from bot.slack.listeners.statistics import Statistics
from bot.slack.listeners.steps import Steps
from bot.slack.listeners.unexpected import Unexpected
from bot.slack.listeners.workspace import WorkspaceEvents

log = structlog.get_logger(__name__)


def _worth_a_line(record: logging.LogRecord) -> bool:
    """Bolt finds the token in the environment and says, at every start, that it will not use it."""
    return "will be unused" not in record.getMessage()


def make_app(face: Face, token: str, executor: Executor) -> App:
    """The Bolt app with every listener. `executor` runs the lazy ones (opening views)."""
    logging.getLogger("slack_bolt.App").addFilter(_worth_a_line)
    app = App(
        name="faultdesk",  # else Bolt looks through the whole stack for one
        client=WebClient(base_url=face.client.base_url),  # listeners use the face's, which has the token
        authorize=_authorize(token),
        process_before_response=True,
        request_verification_enabled=False,  # done by the door
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        raise_error_for_unhandled_request=True,  # to be answered by `Unexpected`
        listener_executor=executor,
    )
    reporting = Reporting(face)
    outbox = Outbox(face)
    exports = Exports(face)
    statistics = Statistics(face)
    command = Command(face, reporting, outbox, exports, statistics)
    own = (Cases(face), Steps(face), reporting, command, outbox, exports, statistics, Home(face, reporting))
    for listeners in (*own, Reports(face), WorkspaceEvents(face), Unexpected(face)):
        listeners.register(app)
    return app


def _authorize(token: str) -> Any:
    """One workspace, one token; no call to Slack on the way of a request."""

    def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token)

    return authorize


class _Seconds(SignatureClock):
    """Our clock as the verifier of signatures reads it: in seconds since 1970."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class Door:
    """Signed HTTP in, Bolt's answer out. A request that nobody understands gets a calm 200."""

    def __init__(self, app: App, signing_secret: str, clock: Clock) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret, _Seconds(clock))

    def receive(self, raw: bytes, headers: Mapping[str, str]) -> tuple[int, str, str]:
        """Answer one request: status, content type, body. Header names are in lower case."""
        if not self._is_from_slack(raw, headers):
            return 401, "application/json", '{"error":"invalid request"}'
        body = read_body(raw, headers.get("content-type", ""))
        if body is None:
            return self._not_understood("unreadable")
        if body.get("ssl_check") == "1":
            return 200, "text/plain", ""
        if body.get("type") == "url_verification":
            return 200, "text/plain", str(body.get("challenge", ""))
        return self._dispatch(body, headers)

    def _is_from_slack(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        try:
            return timestamp.isascii() and timestamp.isdigit() and self._verifier.is_valid(raw, timestamp, signature)
        except (TypeError, ValueError):
            return False

    def _dispatch(self, body: dict[str, Any], headers: Mapping[str, str]) -> tuple[int, str, str]:
        """`socket_mode` is Bolt's word for a body that is verified and read already."""
        kept: dict[str, str | Sequence[str]] = {
            name: [value] for name, value in headers.items() if name.startswith("x-slack-retry")
        }
        try:
            answer: BoltResponse = self._app.dispatch(BoltRequest(body=body, mode="socket_mode", headers=kept))
        except Exception as error:  # noqa: BLE001 - a malformed payload must not reach a person as a traceback
            return self._not_understood(type(error).__name__)
        content_type = answer.headers.get("content-type", ["text/plain"])[0]
        return answer.status, content_type, answer.body

    def _not_understood(self, kind: str) -> tuple[int, str, str]:
        log.warning("request.not_understood", kind=kind[:80], reference=reference())
        return 200, "text/plain", ""


def read_body(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """The request as data: JSON, or a form with everything (a command) or with one field `payload`."""
    try:
        if "json" in content_type:
            body = json.loads(raw)
        else:
            form = dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True))
            body = json.loads(form["payload"]) if set(form) == {"payload"} else form
    except (ValueError, KeyError):
        return None
    return body if isinstance(body, dict) else None


def web_client(token: str, api_url: str) -> WebClient:
    """A client without retries of its own: single calls are short-lived, the outbox retries the rest."""
    return WebClient(token=token, base_url=api_url, timeout=10, retry_handlers=[])
