"""The body of a request of Slack: how it is parsed, and what it must have, over HTTP and in Socket Mode."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from bot.slack.listener_context import EVENTS_DROPPED
from bot.workflow.answers import AFTER_LAST_MOMENT, FIRST_MOMENT

#: The most fields of a form, well above those of a command.
_MAX_FIELDS = 100


def read_body(raw: bytes, content_type: str) -> dict[str, Any]:
    """Parse a request body (slack-platform.md §1.1): JSON, or form data.

    An interaction is a form whose only field is `payload`, which holds JSON. A command is any other form. Raises an
    exception of any kind if the body is neither.
    """
    match content_type.partition(";")[0].strip().lower():
        case "application/json":
            body = json.loads(raw)
        case "application/x-www-form-urlencoded":
            pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
            form = dict(pairs)
            body = json.loads(form["payload"]) if set(form) == {"payload"} else form
        case _:
            raise ValueError("neither JSON nor a form")
    if not isinstance(body, dict):
        raise ValueError("not an object")
    return body


def check_envelope(body: Mapping[str, Any]) -> None:
    """Check that a body has what every request of its kind has. Raises an exception of any kind if it has not."""
    named: tuple[Any, ...]
    match body.get("type"):
        case "event_callback":
            named = (body["event"]["type"],)
        case kind if kind == EVENTS_DROPPED:
            named = body["team_id"], body["api_app_id"]
            if not FIRST_MOMENT <= datetime.fromtimestamp(body["minute_rate_limited"], UTC) < AFTER_LAST_MOMENT:
                raise ValueError("far away")
        case None:
            named = body["command"], body["user_id"]
        case kind:
            named = kind, body["user"]["id"]
    if not all(isinstance(one, str) and one for one in named):
        raise ValueError("empty or not a text")
