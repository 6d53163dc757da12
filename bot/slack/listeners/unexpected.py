"""Answers requests that match no listener, and errors that no listener caught.

The person gets a reference to quote, which the log also contains.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import App
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from bot.health import Health
from bot.i18n.translator import Translator
from bot.logs import named, reference
from bot.slack.listener_context import UNATTENDED, ListenerContext, person_of, problems_of
from bot.slack.views.refusal import refused
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refusal
from storage.database import Unavailable

log = structlog.get_logger(__name__)


class Unexpected:
    """Bolt's error handler, for requests and errors that no other listener handles."""

    def __init__(self, context: ListenerContext) -> None:
        self._context = context

    def register(self, app: App) -> None:
        """Register these listeners with the Bolt app."""
        app.error(self.answer)

    def answer(self, error: Exception, body: dict[str, Any]) -> BoltResponse:
        """Acknowledge the request and tell the person what went wrong.

        An event that nothing is subscribed to is ignored. Any other is answered with 503 while the database cannot be
        reached, so that Slack sends it again.
        """
        if isinstance(error, BoltUnhandledRequestError) and body.get("type") in UNATTENDED:
            log.debug("event.ignored", event_type=named(body.get("event", {}).get("type")))
            return BoltResponse(status=200)
        refusal = _refusal(error, body, self._context.health)
        if body.get("type") in UNATTENDED:
            return BoltResponse(status=503 if isinstance(error, Unavailable) else 200)
        return self._said(refusal, body, self._translator(body))

    def _translator(self, body: Mapping[str, Any]) -> Translator:
        try:
            return self._context.identity.reader(person_of(body)).t
        except Exception:  # noqa: BLE001 - without a sender or the database, the answer is in the company's language
            return self._context.identity.channel

    def _said(self, refusal: Refusal, body: Mapping[str, Any], t: Translator) -> BoltResponse:
        match body.get("type"):
            case "view_submission":
                return BoltResponse(status=200, body=_at_first_field(body, t.refusal(refusal)))
            case "block_suggestion":
                return BoltResponse(status=200, body={"options": []})
            case None if "command" in body:
                return BoltResponse(status=200, body={"text": t.refusal(refusal)})
        url = body.get("response_url")
        if isinstance(url, str):
            self._context.responder.respond(url, refused(Problem(refusal), t))
        return BoltResponse(status=200)


def _refusal(error: Exception, body: Mapping[str, Any], health: Health) -> Refusal:
    if not isinstance(error, BoltUnhandledRequestError):
        return problems_of(error, health)[0].refusal
    quoted = reference()
    log.warning("request.not_understood", kind=named(body.get("type") or body.get("command")), reference=quoted)
    return no.SomethingBroke(quoted)


def _at_first_field(body: Mapping[str, Any], said: str) -> dict[str, Any] | str:
    """Return the answer to a submission: the text at the first field. A form without a field is closed."""
    view = body.get("view")
    blocks = view.get("blocks", ()) if isinstance(view, dict) else ()
    inputs = [block["block_id"] for block in blocks if block.get("type") == "input" and "block_id" in block]
    return {"response_action": "errors", "errors": {inputs[0]: said}} if inputs else ""
