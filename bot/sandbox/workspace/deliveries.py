"""Requests that Slack sends to the app, and their outcomes."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.messages import Message

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Delivery:
    """One request to the app. A retry sends the same delivery with a new signature.

    `name` identifies the request in the log, such as `block_actions`. `payload` holds the form fields of a slash
    command, else the JSON payload (slack-platform.md §1.3, §1.4 and §1.6).
    """

    kind: Kind
    name: str
    payload: Json

    @property
    def content_type(self) -> str:
        """The content type of the HTTP request (slack-platform.md §1.1)."""
        return "application/json" if self.kind == "events_api" else "application/x-www-form-urlencoded"

    @property
    def body(self) -> str:
        """The body of the HTTP request (slack-platform.md §1.1)."""
        if self.kind == "slash_commands":
            return urlencode(self.payload)
        encoded = json.dumps(self.payload, ensure_ascii=False)
        return encoded if self.kind == "events_api" else urlencode({"payload": encoded})

    @property
    def answerable(self) -> bool:
        """Whether the acknowledgement over Socket Mode may carry a payload (slack-platform.md §1.7)."""
        return self.kind != "events_api" and self.payload.get("type") != "shortcut"


@dataclass(frozen=True)
class Answer:
    """The app's acknowledgement of a request.

    `status` is None if no acknowledgement came. `seconds` is wall-clock time. `body` is parsed if it is JSON.
    `error` is what Slack shows to the person when the acknowledgement failed. `message` is the message that a
    command's acknowledgement posted.
    """

    delivery: Delivery = field(repr=False)
    status: int | None
    seconds: float
    body: Any = None
    error: str | None = None
    message: Message | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged in time and without an error."""
        return self.error is None


@dataclass(frozen=True)
class Submission:
    """The outcome of submitting a modal.

    `errors` are shown at their fields, by block_id. `closed` says whether the modal is closed. `answer` is None
    when Slack's client refused the submission itself, so that the app received no request.
    """

    errors: dict[str, str]
    closed: bool
    answer: Answer | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status of the acknowledgement."""
        return self.answer.status if self.answer else None

    @property
    def seconds(self) -> float:
        """Wall-clock seconds until the acknowledgement, or 0 if the app received no request."""
        return self.answer.seconds if self.answer else 0.0

    @property
    def body(self) -> Any:
        """The body of the acknowledgement."""
        return self.answer.body if self.answer else None

    @property
    def error(self) -> str | None:
        """What Slack shows to the person when the acknowledgement failed."""
        return self.answer.error if self.answer else None
