"""The table of Web API methods, and access to the arguments of a call."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json
from bot.sandbox.workspace.workspace import Workspace

TokenKind = Literal["bot", "app", "none"]


class Arguments:
    """The arguments of one call: strings from a form or query, any JSON values from a JSON body."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as a string."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Return an argument as a boolean; `1` and `true` are true, as forms and queries carry strings."""
        return str(self.values.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        """Return an argument as an integer.

        Raises:
            SlackError: `invalid_arguments` if it is not a number.
        """
        try:
            return int(self.values.get(name) or default)
        except (TypeError, ValueError):
            raise bad_arguments(f"must be a number [json-pointer:/{name}]") from None

    def parsed(self, name: str, error: str = "invalid_arguments") -> Any:
        """Return an argument as JSON, parsing it if it is a string. Returns None if it is missing or empty.

        Raises:
            SlackError: `error` if the string is not JSON.
        """
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def listed(self, name: str) -> list[str]:
        """Return a comma-separated argument, or a JSON list, as a list of strings."""
        value = self.values.get(name) or ""
        items = value if isinstance(value, list) else str(value).split(",")
        return [str(item).strip() for item in items if str(item).strip()]


Run = Callable[[Workspace, Arguments], Json]


@dataclass(frozen=True)
class Method:
    """One Web API method.

    `scopes` are alternatives: the bot needs one of them. `per_minute` is the number of calls that the method's
    rate-limit tier allows (slack-platform.md §4.3).
    """

    name: str
    run: Run
    scopes: tuple[str, ...]
    required: tuple[str, ...]
    per_minute: int
    token: TokenKind


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    scopes: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    per_minute: int = 50,
    token: TokenKind = "bot",
) -> Callable[[Run], Run]:
    """Return a decorator that registers a function as a Web API method."""

    def enter(run: Run) -> Run:
        METHODS[name] = Method(name, run, scopes, required, per_minute, token)
        return run

    return enter


def bad_arguments(*problems: str) -> SlackError:
    """Return the error `invalid_arguments` with its details."""
    listed = [f"[ERROR] {problem}" for problem in problems]
    return SlackError("invalid_arguments", response_metadata={"messages": listed})


def need_scope(workspace: Workspace, *scopes: str) -> None:
    """Check that the bot has at least one of these scopes.

    Raises:
        SlackError: `missing_scope` with `needed` and `provided`.
    """
    if needed := workspace.manifest.lacking(scopes):
        provided = ",".join(sorted(workspace.manifest.scopes or ()))
        raise SlackError("missing_scope", needed=needed, provided=provided)
