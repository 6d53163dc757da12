"""Trigger ids: each opens one view within three seconds (slack-platform.md §1.5)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import SharedState

LIFETIME = timedelta(seconds=3)


@dataclass(frozen=True)
class Trigger:
    """One trigger id: whose screen it opens a view on, and the view it was issued in, if any."""

    id: str
    app_id: str
    user: str
    view_id: str | None
    issued_at: datetime


class Triggers:
    """All trigger ids that were issued. `lifetime` is how long each is valid."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._triggers: dict[str, Trigger] = {}
        self._used: set[str] = set()
        self.lifetime = LIFETIME

    def issue(self, app_id: str, user: str, view_id: str | None = None) -> str:
        """Issue a trigger id for this app and this person's screen, and return it."""
        with self._state.change():
            new_id = f"{int(self._state.new_id(''), 16)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
            self._triggers[new_id] = Trigger(new_id, app_id, user, view_id, self._state.now())
            return new_id

    def spend(self, trigger_id: str, app_id: str) -> Trigger:
        """Use a trigger id, and return what it stands for.

        Raises:
            SlackError: `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        with self._state.change():
            trigger = self._triggers.get(trigger_id)
            if trigger is None or trigger.app_id != app_id:
                raise SlackError("invalid_trigger_id")
            if trigger_id in self._used:
                raise SlackError("exchanged_trigger_id")
            if self._state.now() - trigger.issued_at > self.lifetime:
                raise SlackError("expired_trigger_id")
            self._used.add(trigger_id)
            return trigger
