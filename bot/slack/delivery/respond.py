"""Answers to a press through its response URL, for the person who pressed alone."""

from concurrent.futures import ThreadPoolExecutor

import structlog
from slack_sdk.webhook import WebhookClient

from bot.slack.views.message import Message

log = structlog.get_logger(__name__)
#: Answers on their way at the same time.
RESPONDERS = 8


class Responder:
    """Sends answers in threads of its own; `stop` waits for those on their way."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESPONDERS, "respond")

    def respond(self, url: str, message: Message, *, replace: bool = False) -> None:
        """Answer a press where it was made, for that person alone; lost if Slack is away."""
        self._threads.submit(self._respond, url, message, replace)

    def stop(self) -> None:
        """Wait for the answers that are on their way."""
        self._threads.shutdown()

    def _respond(self, url: str, message: Message, replace: bool) -> None:
        body = {"text": message.text, "blocks": message.blocks, "replace_original": replace}
        try:
            WebhookClient(url, timeout=10).send_dict({**body, "response_type": "ephemeral"})
        except OSError as error:
            log.info("respond.lost", error=type(error).__name__)
