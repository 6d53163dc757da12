"""Sends ephemeral answers through response URLs (slack-platform.md §1.5)."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import Request

import structlog
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.slack.delivery.request_priority import RequestPriority
from bot.slack.http_client import HttpClient
from bot.slack.views.message import Message
from storage.database import Unavailable

log = structlog.get_logger(__name__)
#: Answers sent at the same time.
RESPONDER_THREADS = 8
#: How long an answer waits for Slack, in seconds.
TIMEOUT_SECONDS = 10
#: Pauses, in seconds, after which an answer that Slack did not take is sent again. Later it would confuse its reader,
#: who has gone on. Answers that come meanwhile wait, so that Slack is not asked more often while it is away.
_PAUSES = (1.0, 4.0)
#: The statuses of HTTP after which an answer is sent again.
_LATER = (429, *range(500, 600))


class _ResponseUrl(WebhookClient):
    """A response URL, to which our own client sends."""

    def __init__(self, http: HttpClient, url: str) -> None:
        super().__init__(url, TIMEOUT_SECONDS)
        self._http = http

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        answer = self._http.send(req, self.timeout)
        return WebhookResponse(url=url, status_code=answer.status, body=answer.text, headers=dict(answer.headers))


class Responder:
    """Sends answers in its own threads. What people can press in them is `marked` (`EpochMarks`)."""

    def __init__(
        self, http: HttpClient, marked: Callable[[Mapping[str, Any]], dict[str, Any]], priority: RequestPriority
    ) -> None:
        self._http = http
        self._marked = marked
        self._priority = priority
        self._threads = ThreadPoolExecutor(RESPONDER_THREADS, "respond")
        self._stopping = threading.Event()

    def respond(self, url: str, message: Message) -> None:
        """Queue an answer that only the person who pressed sees, and return at once.

        If Slack cannot be reached for several seconds, the answer is lost. Raises `Unavailable` for one with buttons.
        """
        self._threads.submit(self._send, url, self._body(message))

    def replace(self, url: str, drawn: Callable[[], Message | None]) -> None:
        """Queue the replacement of the message whose button was pressed, and return at once.

        It is `drawn` when no request is being answered, because whoever pressed waits for the answer alone. None is not
        sent. `drawn` raises nothing.
        """
        self._threads.submit(self._replace, url, drawn)

    def stop(self) -> None:
        """Wait until the queued answers are sent, each at most once more."""
        self._stopping.set()
        self._threads.shutdown()

    def _body(self, message: Message, *, replaces: bool = False) -> dict[str, Any]:
        told = {"text": message.text, "blocks": message.blocks, "replace_original": replaces}
        return self._marked({**told, "response_type": "ephemeral"})

    def _replace(self, url: str, drawn: Callable[[], Message | None]) -> None:
        self._priority.wait()
        message = drawn()
        try:
            if message:
                self._send(url, self._body(message, replaces=True))
        except Unavailable as error:
            log.info("respond.lost", error=error.reason)

    def _send(self, url: str, body: dict[str, Any]) -> None:
        """Send an answer, which Slack may show twice if its own answer is lost. That only its reader sees."""
        for pause in (*_PAUSES, None):
            reason = self._hindrance(url, body)
            if reason is None:
                return
            if pause is None or self._stopping.wait(pause):
                break
        log.info("respond.lost", error=reason)

    def _hindrance(self, url: str, body: dict[str, Any]) -> str | None:
        """Send an answer and return why Slack may take it later; None if it took it, or never will."""
        try:
            answer = _ResponseUrl(self._http, url).send_dict(body)
        except OSError as error:
            return type(error).__name__
        return f"http_{answer.status_code}" if answer.status_code in _LATER else None
