"""The Bolt app with all its listeners, and the gateway that receives Slack's HTTP requests.

`RequestGateway` verifies and parses HTTP requests before Bolt sees them, because Bolt has three defects there
(slack-platform.md §6): it parses a command whose text contains "payload" to nothing, it answers a non-numeric
timestamp with 500, and it logs the raw body when a signature is wrong.
"""

import hmac
import logging
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient

from bot.clock import Clock
from bot.health import Health, SecurityEvent
from bot.slack.listener_context import ListenerContext
from bot.slack.listeners.admission import Admission
from bot.slack.listeners.cases import Cases
from bot.slack.listeners.command import Command
from bot.slack.listeners.conversation import Conversation
from bot.slack.listeners.export import Exports
from bot.slack.listeners.home import Home
from bot.slack.listeners.leavers import Leavers
from bot.slack.listeners.outbox import Outbox
from bot.slack.listeners.report import ReportForm
from bot.slack.listeners.reports import MonthlyReports
from bot.slack.listeners.statistics import Statistics
from bot.slack.listeners.steps import Steps
from bot.slack.listeners.unexpected import Unexpected
from bot.slack.listeners.workspace import WorkspaceEvents
from bot.slack.request_body import check_envelope, read_body
from storage.time_limit import answered_within

#: How old or new the timestamp of a request may be (slack-platform.md §1.1), in seconds.
WINDOW_SECONDS = 300
#: How long the database may take to answer a request, in seconds. Slack waits three (slack-platform.md §1.2).
REQUEST_SECONDS = 2.5
#: A timestamp in seconds, with some digits to spare. Python reads many more characters as digits.
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_MALFORMED = 400, "application/json", b'{"error":"malformed request"}'


def _is_worth_logging(record: logging.LogRecord) -> bool:
    """Drop Bolt's warning, at every start, that it ignores the token found in the environment."""
    return "will be unused" not in record.getMessage()


class _PunctualApp(App):
    """Bolt's app, which answers a request before Slack gives up, also while the database hangs."""

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer one request. Lazy listeners go on after the answer, without the limit."""
        with answered_within(REQUEST_SECONDS):
            return super().dispatch(req)


def make_app(context: ListenerContext, token: str, executor: Executor) -> App:
    """Build the Bolt app with every listener registered.

    `token` is the bot token of the workspace. `executor` runs the lazy listeners, which work after the
    acknowledgement, for example to open a view.
    """
    logging.getLogger("slack_bolt.App").addFilter(_is_worth_logging)
    app = _PunctualApp(
        name="faultdesk",  # without a name Bolt inspects the call stack to find one
        client=WebClient(base_url=context.client.base_url),  # listeners use `context.client`, which has the token
        authorize=_authorize(token),
        process_before_response=True,
        request_verification_enabled=False,  # `RequestGateway` verifies signatures
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        raise_error_for_unhandled_request=True,  # `Unexpected` answers it
        listener_executor=executor,
    )
    Admission(context).register(app)
    reporting = ReportForm(context)
    outbox = Outbox(context)
    exports = Exports(context)
    statistics = Statistics(context)
    command = Command(context, reporting, outbox, exports, statistics)
    home = Home(context, reporting)
    own = (
        *(Cases(context), Steps(context, home.publish), reporting, command, outbox, exports, statistics, home),
        *(MonthlyReports(context), Leavers(context), Conversation(context, command, reporting)),
        *(WorkspaceEvents(context), Unexpected(context)),
    )
    for listeners in own:
        listeners.register(app)
    return app


def _authorize(token: str) -> Any:
    """Return Bolt's authorize function for one workspace with one token. It makes no call to Slack."""

    def authorize(enterprise_id: str | None, team_id: str | None, user_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id, bot_token=token)

    return authorize


class RequestGateway:
    """Checks the signature of HTTP requests, dispatches them to Bolt and returns Bolt's answer.

    What is signed and malformed is refused here, whatever fails because of it. What is well formed and unknown is
    answered by the listeners of `Unexpected`, and so is an error of our own.
    """

    def __init__(self, app: App, signing_secret: str, clock: Clock, health: Health) -> None:
        self._app = app
        self._health = health
        self._clock = clock
        self._secret = signing_secret.encode()

    def receive(self, raw: bytes, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        """Answer one request (slack-platform.md §1.1 and §1.2).

        `raw` is the body as received; the names in `headers` are in lower case. Returns the HTTP status, the
        content type and the body.
        """
        if reason := self._why_refused(raw, headers):
            self._health.refused(reason)
            return 401, "application/json", b'{"error":"invalid request"}'
        try:
            status, content_type, text = self._answer(read_body(raw, headers.get("content-type", "")), headers)
            return status, content_type, text.encode()
        except Exception as error:  # noqa: BLE001 - there is no list of what a malformed request can break
            self._health.refused(SecurityEvent.MALFORMED, kind=type(error).__name__)
            return _MALFORMED

    def _why_refused(self, raw: bytes, headers: Mapping[str, str]) -> SecurityEvent | None:
        """Return why a request is not from Slack now: its timestamp is outside the window, or its signature is wrong"""
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not _TIMESTAMP.fullmatch(timestamp):
            return SecurityEvent.BAD_SIGNATURE
        if abs(self._clock.now().timestamp() - int(timestamp)) > WINDOW_SECONDS:
            return SecurityEvent.STALE
        digest = hmac.new(self._secret, f"v0:{timestamp}:".encode(), "sha256")
        digest.update(raw)
        given = headers.get("x-slack-signature", "").encode()
        genuine = hmac.compare_digest(f"v0={digest.hexdigest()}".encode(), given)
        return None if genuine else SecurityEvent.BAD_SIGNATURE

    def _answer(self, body: dict[str, Any], headers: Mapping[str, str]) -> tuple[int, str, str]:
        if body.get("ssl_check") == "1":
            return 200, "text/plain", ""
        if body.get("type") == "url_verification":
            return 200, "text/plain", str(body["challenge"])
        check_envelope(body)
        return self._dispatch(body, headers)

    def _dispatch(self, body: dict[str, Any], headers: Mapping[str, str]) -> tuple[int, str, str]:
        """Pass a parsed body to Bolt. Mode `socket_mode` tells Bolt that it is verified and parsed already."""
        kept: dict[str, str | Sequence[str]] = {
            name: [value] for name, value in headers.items() if name.startswith("x-slack-retry")
        }
        answer: BoltResponse = self._app.dispatch(BoltRequest(body=body, mode="socket_mode", headers=kept))
        content_type = answer.headers.get("content-type", ["text/plain"])[0]
        return answer.status, content_type, answer.body
