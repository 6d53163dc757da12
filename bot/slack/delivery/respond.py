"""Sends ephemeral answers through response URLs (slack-platform.md §1.5)."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import Request

import structlog
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.slack.http_client import HttpClient
from bot.slack.views.message import Message

log = structlog.get_logger(__name__)
#: Answers sent at the same time.
RESPONDER_THREADS = 8
#: Seconds after which an answer is lost.
TIMEOUT_SECONDS = 10


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

    def __init__(self, http: HttpClient, marked: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        self._http = http
        self._marked = marked
        self._threads = ThreadPoolExecutor(RESPONDER_THREADS, "respond")

    def respond(self, url: str, message: Message, *, replace: bool = False) -> None:
        """Queue an answer that only the person who pressed sees, and return at once.

        `replace` replaces the message whose button was pressed. If Slack cannot be reached, the answer is lost. Raises
        `Unavailable` for an answer with buttons.
        """
        body = {"text": message.text, "blocks": message.blocks, "replace_original": replace}
        self._threads.submit(self._respond, url, self._marked({**body, "response_type": "ephemeral"}))

    def stop(self) -> None:
        """Wait until the queued answers are sent."""
        self._threads.shutdown()

    def _respond(self, url: str, body: dict[str, Any]) -> None:
        try:
            _ResponseUrl(self._http, url).send_dict(body)
        except OSError as error:
            log.info("respond.lost", error=type(error).__name__)
