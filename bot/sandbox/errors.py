"""What can go wrong in the stand-in: what Slack answers to the app, and what the driver tells a test."""

from typing import Any


class SlackError(Exception):
    """An `ok: false` answer of the Web API.

    Args:
        error: Slack's error string.
        extra: further top-level keys of the answer, such as `needed` or `response_metadata`.
    """

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def to_json(self) -> dict[str, Any]:
        """Return the body that Slack sends for this error."""
        return {"ok": False, "error": self.error, **self.extra}


class SandboxError(Exception):
    """Something a person in the stand-in tried that Slack's own screen would not let them do."""


class NotConnected(SandboxError):
    """No bot is connected: neither an address was given nor is a socket open."""


class NoSuchButton(SandboxError):
    """Nothing this person sees has the control they wanted to press."""


class NoSuchField(SandboxError):
    """The open view has no field of this block_id."""


class NotOffered(SandboxError):
    """The field does not offer, or does not accept, what the person wanted to enter."""


class NoView(SandboxError):
    """This person has no view open."""


class NoSuchCommand(SandboxError):
    """The app's manifest names no such command or shortcut."""


class NotThere(SandboxError):
    """No such person, channel or message in this workspace."""


class AppBug(SandboxError):
    """The app answered an interaction with something Slack does not understand."""
