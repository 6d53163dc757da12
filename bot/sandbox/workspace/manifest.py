"""What the app's manifest allows (slack-platform.md §5). Without a manifest everything is allowed."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.shared_state import Json


@dataclass(frozen=True)
class Manifest:
    """Read access to an app manifest, version 2. `content` is None if there is no manifest."""

    content: Json | None

    def _at(self, *path: str) -> Any:
        found: Any = self.content or {}
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    @property
    def scopes(self) -> frozenset[str] | None:
        """The bot's scopes; None means all scopes."""
        return None if self.content is None else frozenset(self._at("oauth_config", "scopes", "bot") or ())

    def lacking(self, needed: tuple[str, ...]) -> str | None:
        """Return the scope to report as missing, or None if the bot has one of the `needed` scopes."""
        if self.scopes is None or not needed or self.scopes & set(needed):
            return None
        return needed[0]

    def granted(self, scope: str) -> bool:
        """Return whether the bot has this scope."""
        return self.scopes is None or scope in self.scopes

    def command(self, name: str) -> Json | None:
        """Return the declaration of a slash command, or None if the app does not declare it."""
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
        """Return whether the app declares this shortcut; `kind` is `global` or `message`."""
        declared = any(s["callback_id"] == callback_id and s["type"] == kind for s in self.shortcuts)
        return self.content is None or declared

    def subscribed(self, event: str) -> bool:
        """Return whether the app is subscribed to this event, such as `message.im` or `app_home_opened`."""
        return self.content is None or event in (self._at("settings", "event_subscriptions", "bot_events") or ())

    @property
    def bot_name(self) -> str:
        """The display name of the bot user."""
        return str(self._at("features", "bot_user", "display_name") or "bot")

    @property
    def home_enabled(self) -> bool:
        """Whether the app has an App Home tab."""
        return self.content is None or bool(self._at("features", "app_home", "home_tab_enabled"))

    @property
    def messages_enabled(self) -> bool:
        """Whether the app can send direct messages: its Messages tab is not disabled."""
        return self._at("features", "app_home", "messages_tab_enabled") is not False

    @property
    def interactive(self) -> bool:
        """Whether the app receives interaction payloads."""
        return self.content is None or bool(self._at("settings", "interactivity", "is_enabled"))

    @property
    def socket_mode(self) -> bool:
        """Whether the app may connect by Socket Mode."""
        return self.content is None or bool(self._at("settings", "socket_mode_enabled"))
