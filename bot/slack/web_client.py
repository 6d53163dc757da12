"""The client of Slack's Web API. It marks what people can press, and hears from each answer the time at Slack."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.clock import CheckedClock, Reference

#: Seconds after which a call without an answer has failed.
TIMEOUT_SECONDS = 10
Marked = Callable[[Mapping[str, Any]], dict[str, Any]]


@contextmanager
def whole_answer() -> Iterator[None]:
    """Raise an `OSError` if an answer breaks off within the block, which is none in Python."""
    try:
        yield
    except HTTPException as error:
        raise ConnectionError(type(error).__name__) from error


def web_client(token: str, api_url: str, clock: CheckedClock, marked: Marked = dict) -> WebClient:
    """Return a Slack client that does not retry, and compares `clock` with Slack's.

    It marks what it sends (`EpochMarks`), unless its user does that, as delivery does.
    A listener's call is useful only while the person waits; the outbox retries messages itself.
    """
    return _OurClient(clock, marked, token=token, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])


class _OurClient(WebClient):
    """Marks what people can press, and reads the `Date` header of every answer of Slack's own, refusals included."""

    def __init__(self, clock: CheckedClock, marked: Marked, **settings: Any) -> None:
        super().__init__(**settings)
        self._clock = clock
        self._marked = marked

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Call a method of the Web API. Raises `SlackClientError`, `OSError`, and what `marked` raises."""
        if arguments.get("json"):
            arguments["json"] = self._marked(arguments["json"])
        asked_at = self._clock.ticks()
        try:
            with whole_answer():
                answer = super().api_call(api_method, **arguments)
        except SlackApiError as error:
            self._read(error.response, asked_at)
            raise
        self._read(answer, asked_at)
        return answer

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
