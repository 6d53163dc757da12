"""The client of Slack's Web API. It marks what people can press, and hears from each answer the time at Slack."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.clock import CheckedClock, Reference
from bot.slack.http_client import HttpClient

#: Seconds after which a call without an answer has failed.
TIMEOUT_SECONDS = 10
Marked = Callable[[Mapping[str, Any]], dict[str, Any]]


class SlackClient(WebClient):
    """A client that does not retry, and compares a clock with Slack's by the `Date` of every answer, refusals included.

    It marks what it sends (`EpochMarks`), unless its user does that, as delivery does.
    A listener's call is useful only while the person waits; the outbox retries messages itself.
    """

    def __init__(self, http: HttpClient, token: str, api_url: str, clock: CheckedClock, marked: Marked = dict) -> None:
        super().__init__(token=token, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        #: What the client sends with, also for addresses outside the Web API.
        self.http = http
        self._clock = clock
        self._marked = marked

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Call a method of the Web API. Raises `SlackClientError`, `OSError`, and what `marked` raises."""
        if arguments.get("json"):
            arguments["json"] = self._marked(arguments["json"])
        asked_at = self._clock.ticks()
        try:
            answer = super().api_call(api_method, **arguments)
        except SlackApiError as error:
            self._read(error.response, asked_at)
            raise
        self._read(answer, asked_at)
        return answer

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """Make the one request of a call. The library takes the answer apart, whatever its status is."""
        answer = self.http.send(req, self.timeout)
        return {"status": answer.status, "headers": answer.headers, "body": answer.text}

    def _read(self, answer: SlackResponse, asked_at: float) -> None:
        if isinstance(answer.data, dict) and "ok" in answer.data:  # a page of a proxy has the clock of the proxy
            moment = date_of(answer.headers)
            if moment is not None:
                self._clock.heard(Reference.SLACK, moment, asked_at)


def date_of(headers: Mapping[str, Any]) -> datetime | None:
    """Return the moment (aware) of the `Date` header (RFC 9110, in whole seconds); None without a readable one."""
    values = [value for name, value in headers.items() if name.lower() == "date"]
    text = values[0][0] if values and isinstance(values[0], list) else "".join(values)
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
