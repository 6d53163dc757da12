"""Listeners of `/fault admin outbox`: send messages again that Slack rejected, or discard them."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from slack_bolt import Ack, App

from bot.casework import dead_letters
from bot.slack.identity import Reader
from bot.slack.listener_context import ListenerContext, reporting_errors
from bot.slack.views.message import Message
from bot.slack.views.operators import outbox as views
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused

log = structlog.get_logger(__name__)


class Outbox:
    """Listeners of the outbox buttons, which only admins may use."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.action(views.SEND_AGAIN)(self.send_again)
        app.action(views.DISCARD)(self.discard)

    def send_again(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Queue the rejected messages of one cause again."""
        self._do(body, reader, dead_letters.send_again, views.sent_again)
        ack()

    def discard(self, ack: Ack, body: dict[str, Any], reader: Reader) -> None:
        """Discard the rejected messages of one cause."""
        self._do(body, reader, dead_letters.discard, views.discarded)
        ack()

    def overview(self, reader: Reader, done: str = "") -> Message:
        """Return the message that shows the outbox as it is now.

        `done` is the result of the button just pressed. Raises `Refused` unless the reader is an admin.
        """
        context = self._context
        with context.database.read() as session:
            found = dead_letters.overview(session, reader.id, context.company.of(session), context.clock.now())
        return views.overview(found, reader.t, done)

    def _do(self, body: dict[str, Any], reader: Reader, act: Callable[..., int], words: Callable[..., str]) -> None:
        context = self._context
        with reporting_errors(context, body, reader):
            error, target = _cause_of(body["actions"][0])
            with context.database.write() as session:
                count = act(session, reader.id, error, target, context.company.of(session), context.clock.now())
            log.info("outbox.changed", by=reader.id, what=body["actions"][0]["action_id"], error=error, count=count)
            context.responder.replace(body["response_url"], partial(self._drawn, body, reader, words(count, reader.t)))

    def _drawn(self, body: dict[str, Any], reader: Reader, done: str) -> Message | None:
        with reporting_errors(self._context, body, reader):
            return self.overview(reader, done)
        return None


def _cause_of(action: dict[str, Any]) -> tuple[str, str]:
    try:
        carried = json.loads(action["value"])
        return str(carried["error"]), str(carried["target"])
    except (KeyError, TypeError, ValueError):
        raise Refused(Problem(no.NotOffered())) from None
