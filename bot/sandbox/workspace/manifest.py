"""What the app's manifest allows. Without a manifest everything is allowed."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.shared_state import Json


@dataclass(frozen=True)
class Manifest:
    """A read-only view of an app manifest (version 2), or of none."""

    content: Json | None

    def _at(self, *path: str) -> Any:
        found: Any = self.content or {}
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    @property
    def scopes(self) -> frozenset[str] | None:
        """The bot's scopes; None means all."""
        return None if self.content is None else frozenset(self._at("oauth_config", "scopes", "bot") or ())

    def lacking(self, needed: tuple[str, ...]) -> str | None:
        """Return the scope to name as needed, if the bot has none of these."""
        if self.scopes is None or not needed or self.scopes & set(needed):
            return None
        return needed[0]

    def granted(self, scope: str) -> bool:
        """Return whether the bot has this scope."""
        return self.scopes is None or scope in self.scopes

    def command(self, name: str) -> Json | None:
        """Return the declaration of a slash command, if the app has it."""
        if self.content is None:
            return {"command": name}
        return next((c for c in self.commands if c["command"] == name), None)

    @property
    def commands(self) -> list[Json]:
        """Every slash command that the app declares."""
        return list(self._at("features", "slash_commands") or ())

    @property
    def shortcuts(self) -> list[Json]:
        """Every shortcut that the app declares."""
        return list(self._at("features", "shortcuts") or ())

    def shortcut(self, callback_id: str, kind: str) -> bool:
        """Return whether the app has this global (`shortcut`) or message (`message`) shortcut."""
        declared = any(s["callback_id"] == callback_id and s["type"] == kind for s in self.shortcuts)
        return self.content is None or declared

    def subscribed(self, event: str) -> bool:
        """Return whether the app receives this event, such as `message.im` or `app_home_opened`."""
        return self.content is None or event in (self._at("settings", "event_subscriptions", "bot_events") or ())

    @property
    def bot_name(self) -> str:
        """The name of the bot user."""
        return str(self._at("features", "bot_user", "display_name") or "bot")

    @property
    def home_enabled(self) -> bool:
        """Whether the app has an App Home tab."""
        return self.content is None or bool(self._at("features", "app_home", "home_tab_enabled"))

    @property
    def messages_enabled(self) -> bool:
        """Whether people can receive direct messages of the app."""
        return self._at("features", "app_home", "messages_tab_enabled") is not False

    @property
    def interactive(self) -> bool:
        """Whether the app receives interactivity."""
        return self.content is None or bool(self._at("settings", "interactivity", "is_enabled"))

    @property
    def socket_mode(self) -> bool:
        """Whether the app may connect by Socket Mode."""
        return self.content is None or bool(self._at("settings", "socket_mode_enabled"))
