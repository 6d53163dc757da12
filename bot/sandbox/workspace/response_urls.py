"""Response URLs: each accepts five answers within 30 minutes (slack-platform.md §1.5)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import SharedState
from bot.sandbox.workspace.messages import Message

LIFETIME = timedelta(minutes=30)
MAX_USES = 5


@dataclass(frozen=True)
class ResponseUrl:
    """One response URL. `origin` is the message with the control that was used, or None for a command or modal."""

    key: str
    user: str
    channel: str
    origin: Message | None
    issued_at: datetime


class ResponseUrls:
    """All response URLs that were issued."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._urls: dict[str, ResponseUrl] = {}
        self._uses: dict[str, int] = {}

    def issue(self, user: str, channel: str, origin: Message | None) -> ResponseUrl:
        """Issue a response URL and return it."""
        with self._state.change():
            url = ResponseUrl(secrets.token_urlsafe(18), user, channel, origin, self._state.now())
            self._urls[url.key] = url
            return url

    def spend(self, key: str) -> ResponseUrl:
        """Use a response URL once, and return it.

        Raises:
            SlackError: `expired_url` (also for an unknown key) or `used_url`. Slack does not document these errors.
        """
        with self._state.change():
            url = self._urls.get(key)
            if url is None or self._state.now() - url.issued_at > LIFETIME:
                raise SlackError("expired_url")
            self._uses[key] = self._uses.get(key, 0) + 1
            if self._uses[key] > MAX_USES:
                raise SlackError("used_url")
            return url
