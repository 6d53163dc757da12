"""Sends ephemeral answers through response URLs (slack-platform.md §1.5)."""

from concurrent.futures import ThreadPoolExecutor

import structlog
from slack_sdk.webhook import WebhookClient

from bot.slack.views.message import Message

log = structlog.get_logger(__name__)
#: Answers sent at the same time.
RESPONDER_THREADS = 8


class Responder:
    """Sends answers in its own threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESPONDER_THREADS, "respond")

    def respond(self, url: str, message: Message, *, replace: bool = False) -> None:
        """Queue an answer that only the person who pressed sees, and return at once.

        `replace` replaces the message whose button was pressed. If Slack cannot be reached, the answer is lost.
        """
        self._threads.submit(self._respond, url, message, replace)

    def stop(self) -> None:
        """Wait until the queued answers are sent."""
        self._threads.shutdown()

    def _respond(self, url: str, message: Message, replace: bool) -> None:
        body = {"text": message.text, "blocks": message.blocks, "replace_original": replace}
        try:
            WebhookClient(url, timeout=10).send_dict({**body, "response_type": "ephemeral"})
        except OSError as error:
            log.info("respond.lost", error=type(error).__name__)
