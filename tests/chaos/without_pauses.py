"""`faultdesk` for a Slack that takes many messages a second in each channel, with a clock that can be moved.

With it, a chaos run of a minute has thousands of messages. Otherwise it is the command as people run it; the last
argument says for how many seconds it waits for a late effect. Each line on its standard input says by how many seconds
the machine's clock is wrong from then on. It ends with the process that started it, because its standard input is
closed then.
"""

import os
import sys
import threading
from datetime import datetime, timedelta
from unittest.mock import patch

from bot.cli import main
from bot.clock import ShiftedClock
from bot.runtime import bootstrap, process
from bot.settings.settings import Settings
from bot.slack.delivery import late_effects
from bot.slack.delivery.pace import Pace

INTERVAL = timedelta(milliseconds=20)
#: How long a message that nobody answered is waited for.
_LATE_EFFECT = timedelta(seconds=float(sys.argv.pop()))
_jump = timedelta()


class MovedClock(ShiftedClock):
    """A machine's clock that may be wrong. Neither its monotonic clock nor the clocks of others are."""

    def now(self) -> datetime:
        """Return what the clock shows, aware, in UTC."""
        return super().now() + _jump


def _follow_parent() -> None:
    global _jump
    for line in sys.stdin:
        _jump = timedelta(seconds=float(line))
    os._exit(1)


def _moved_clock(settings: Settings) -> MovedClock:
    return MovedClock(settings.clock_shift)


if __name__ == "__main__":
    threading.Thread(target=_follow_parent, daemon=True).start()
    with (
        patch.object(bootstrap, "Pace", lambda _spacing, ticks: Pace(INTERVAL, ticks)),
        patch.object(process, "clock", _moved_clock),
        patch.multiple(late_effects, LATE_EFFECT=_LATE_EFFECT, LATE_EFFECT_URGENT=_LATE_EFFECT / 3),
    ):
        main.main()
