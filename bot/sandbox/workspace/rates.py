"""Rate limits: messages per second in a channel, and calls per minute of a method (slack-platform.md §4.3)."""

from datetime import datetime, timedelta

from bot.sandbox.shared_state import SharedState


class Rates:
    """Counts calls in sliding windows."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        self._calls: dict[str, list[datetime]] = {}

    def wait_for(self, key: str, most: int, window: timedelta) -> int:
        """Count one call unless the window is full.

        Args:
            key: what is limited, such as a method or a channel.
            most: calls allowed within `window`.

        Returns:
            0 if the call was counted, else the whole seconds to wait.
        """
        with self._state.change():
            now = self._state.now()
            recent = [at for at in self._calls.get(key, ()) if now - at < window]
            self._calls[key] = recent
            if len(recent) >= most:
                return max(1, round((window - (now - recent[0])).total_seconds()))
            recent.append(now)
            return 0
