"""Exceptions of the stand-in: Slack's error answers to the app, and the errors raised to whoever drives a person."""

from typing import Any


class SlackError(Exception):
    """An `ok: false` answer of the Web API (slack-platform.md §4.1 and §4.2).

    Args:
        error: Slack's error string.
        extra: other top-level keys of the answer, such as `needed` or `response_metadata`.
    """

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def to_json(self) -> dict[str, Any]:
        """Return the body that Slack sends for this error."""
        return {"ok": False, "error": self.error, **self.extra}


class SandboxError(Exception):
    """Base class of the errors raised to whoever drives a person in the stand-in workspace."""


class NotConnected(SandboxError):
    """No app is connected: no request URL is set, and no Socket Mode connection is open."""


class NoSuchButton(SandboxError):
    """This person sees no such control, or using it sends nothing before the view is submitted."""


class NoSuchField(SandboxError):
    """The open view has no field with this block_id."""


class NotOffered(SandboxError):
    """The field or view does not offer, or does not accept, what the person tried."""


class NoView(SandboxError):
    """This person has no such view open."""


class NoSuchCommand(SandboxError):
    """The app's manifest declares no such command or shortcut."""


class NotThere(SandboxError):
    """There is no such person, channel, message or endpoint, or this person has no access to it."""


class AppBug(SandboxError):
    """The app answered an interaction with something that Slack does not accept."""
