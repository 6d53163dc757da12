"""Response URLs: each accepts five answers within 30 minutes (slack-platform.md §1.5)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Pulse
from bot.sandbox.workspace.messages import Message

LIFETIME = timedelta(minutes=30)
MOST_USES = 5


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

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._urls: dict[str, ResponseUrl] = {}
        self._uses: dict[str, int] = {}

    def issue(self, user: str, channel: str, origin: Message | None) -> ResponseUrl:
        """Issue a response URL and return it."""
        with self._pulse.change():
            url = ResponseUrl(secrets.token_urlsafe(18), user, channel, origin, self._pulse.now())
            self._urls[url.key] = url
            return url

    def spend(self, key: str) -> ResponseUrl:
        """Use a response URL once, and return it.

        Raises:
            SlackError: `expired_url` (also for an unknown key) or `used_url`. Slack does not document these errors.
        """
        with self._pulse.change():
            url = self._urls.get(key)
            if url is None or self._pulse.now() - url.issued_at > LIFETIME:
                raise SlackError("expired_url")
            self._uses[key] = self._uses.get(key, 0) + 1
            if self._uses[key] > MOST_USES:
                raise SlackError("used_url")
            return url
