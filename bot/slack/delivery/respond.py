"""Sends ephemeral answers through response URLs (slack-platform.md §1.5)."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from slack_sdk.webhook import WebhookClient

from bot.slack.views.message import Message

log = structlog.get_logger(__name__)
#: Answers sent at the same time.
RESPONDER_THREADS = 8


class Responder:
    """Sends answers in its own threads. What people can press in them is `marked` (`EpochMarks`)."""

    def __init__(self, marked: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
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
            WebhookClient(url, timeout=10).send_dict(body)
        except OSError as error:
            log.info("respond.lost", error=type(error).__name__)
