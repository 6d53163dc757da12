"""Rate limits: one message per second and channel, and each method's calls per minute."""

from datetime import datetime, timedelta

from bot.sandbox.shared_state import Pulse


class Rates:
    """Counts calls in sliding windows."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._calls: dict[str, list[datetime]] = {}

    def wait_for(self, key: str, most: int, window: timedelta) -> int:
        """Count one call, or return how many whole seconds to wait if the window is full (0 if counted)."""
        with self._pulse.change():
            now = self._pulse.now()
            recent = [at for at in self._calls.get(key, ()) if now - at < window]
            self._calls[key] = recent
            if len(recent) >= most:
                return max(1, round((window - (now - recent[0])).total_seconds()))
            recent.append(now)
            return 0
