"""The transport of requests to the app: over a WebSocket if one is open, else as signed HTTP."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import urllib3

from bot.sandbox.client.signing import signature
from bot.sandbox.client.sockets import Sockets
from bot.sandbox.errors import NotConnected
from bot.sandbox.workspace.deliveries import Answer, Delivery
from bot.sandbox.workspace.workspace import Workspace

TIMED_OUT = "operation_timeout"
UNREACHABLE = "dispatch_failed"
EVENT_RETRY_SECONDS = (0, 60, 300)
RETRY_REASONS = {
    TIMED_OUT: "http_timeout",
    UNREACHABLE: "connection_failed",
    "too_many_redirects": "too_many_redirects",
}
FOLLOWED_REDIRECTS = 2
#: Apps refuse a request that was signed longer ago than this (slack-platform.md §1.2).
SIGNATURE_LIFETIME_SECONDS = 300


class Transport:
    """The transport of requests from the workspace to the app.

    `last` is the request that was sent last, so that it can be sent again. `stamp` returns the time of the signature
    in Unix seconds. It reads the workspace's clock, because the app checks the signature by the same clock.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._pool = urllib3.PoolManager(maxsize=32)
        self.bot_url: str | None = None
        self.last: Delivery | None = None
        self.sockets = Sockets()
        self.stamp: Callable[[], float] = lambda: workspace.state.now().timestamp()

    @property
    def connected(self) -> bool:
        """Whether an app is connected, over HTTP or a WebSocket."""
        return self.bot_url is not None or self.sockets.count > 0

    def send(self, delivery: Delivery, attempt: int = 0, reason: str = "") -> Answer:
        """Send one request and wait for its acknowledgement, at most `ack_limit` wall-clock seconds.

        Args:
            attempt: the number of the retry; 0 is the first delivery.
            reason: why Slack retries.

        Raises:
            NotConnected: no WebSocket is open and no request URL is set.
        """
        started = time.monotonic()
        self.last = delivery
        answer = (
            self._over_socket(delivery, attempt, reason)
            if self.sockets.count
            else self._over_http(delivery, attempt, reason)
        )
        answer = replace(answer, seconds=time.monotonic() - started)
        shown = answer.body if answer.error is None else {"ok": False, "error": answer.error}
        self.workspace.log.note("to_app", delivery.name, delivery.payload, answer.status, shown, answer.seconds)
        return answer

    def send_event(self, delivery: Delivery, attempt: int = 0, reason: str = "") -> Answer:
        """Send one event. If it fails and there is a scheduler, it is retried up to three times.

        The retries follow at once, after one minute and after five minutes (slack-platform.md §1.6).
        """
        answer = self.send(delivery, attempt, reason)
        scheduler = self.workspace.scheduler
        unwanted = answer.headers.get("x-slack-no-retry") == "1"
        if answer.error and scheduler and attempt < len(EVENT_RETRY_SECONDS) and not unwanted:
            why = RETRY_REASONS.get(answer.error, "http_error")
            scheduler(EVENT_RETRY_SECONDS[attempt], lambda: _discard(self.send_event(delivery, attempt + 1, why)))
        return answer

    def _over_socket(self, delivery: Delivery, attempt: int, reason: str) -> Answer:
        try:
            body = self.sockets.deliver(delivery, self.workspace.ack_limit, attempt, reason and "timeout")
        except TimeoutError:
            return Answer(delivery, None, 0, error=TIMED_OUT)
        return Answer(delivery, 200, 0, body=body)

    def _over_http(self, delivery: Delivery, attempt: int, reason: str) -> Answer:
        if self.bot_url is None:
            raise NotConnected("no bot is connected: call connect(bot_url=…) or open a socket")
        signed_at = self.stamp()
        answer = self._post(self.bot_url, delivery, signed_at, _retry_headers(attempt, reason))
        if answer.status == HTTPStatus.UNAUTHORIZED and self.stamp() - int(signed_at) > SIGNATURE_LIFETIME_SECONDS:
            # The clock was moved forward between signing and checking, which cannot happen in Slack.
            return self._post(self.bot_url, delivery, self.stamp(), _retry_headers(attempt, reason))
        return answer

    def _post(self, url: str, delivery: Delivery, signed_at: float, more: dict[str, str]) -> Answer:
        retries = urllib3.Retry(total=None, connect=0, read=0, status=0, other=0, redirect=FOLLOWED_REDIRECTS)
        limit = urllib3.Timeout(total=self.workspace.ack_limit)
        body = delivery.body
        headers = self._headers(delivery, body, signed_at) | more
        try:
            response = self._pool.request(
                "POST", url, body=body.encode(), headers=headers, timeout=limit, retries=retries
            )
        except urllib3.exceptions.HTTPError as problem:
            return Answer(delivery, None, 0, error=_failure(problem))
        return _answered(delivery, response)

    def _headers(self, delivery: Delivery, body: str, signed_at: float) -> dict[str, str]:
        timestamp = str(int(signed_at))
        return {
            "Content-Type": delivery.content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.workspace.signing_secret, timestamp, body),
        }


def _discard(answer: Answer) -> None:
    """Drop an answer, which is in the log already."""


def _retry_headers(attempt: int, reason: str) -> dict[str, str]:
    return {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}


def _failure(problem: Exception) -> str:
    reason = getattr(problem, "reason", problem)
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return UNREACHABLE
    if isinstance(reason, urllib3.exceptions.TimeoutError) or isinstance(problem, urllib3.exceptions.TimeoutError):
        return TIMED_OUT
    return "too_many_redirects" if isinstance(problem, urllib3.exceptions.MaxRetryError) else UNREACHABLE


def _answered(delivery: Delivery, response: urllib3.BaseHTTPResponse) -> Answer:
    text = response.data.decode()
    body: Any = text
    if text and "json" in response.headers.get("Content-Type", ""):
        body = json.loads(text)
    headers = {name.lower(): value for name, value in response.headers.items()}
    error = None if 200 <= response.status < 300 else _status_error(response.status)
    return Answer(delivery, response.status, 0, body=body, error=error, headers=headers)


def _status_error(status: int) -> str:
    """Return the error that the person sees. It was observed in Slack, which does not document it."""
    return "http_client_error" if 400 <= status < 500 else "http_service_error"
