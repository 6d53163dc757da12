"""`faultdesk` for a Slack that takes many messages a second in each channel.

With it, a chaos run of a minute has thousands of messages. Otherwise it is the command as people run it. It ends
with the process that started it, because its standard input is closed then.
"""

import os
import sys
import threading
from datetime import timedelta
from unittest.mock import patch

from bot.cli import main
from bot.runtime import bootstrap
from bot.slack.delivery.pace import Pace

INTERVAL = timedelta(milliseconds=20)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with patch.object(bootstrap, "Pace", lambda _spacing, ticks: Pace(INTERVAL, ticks)):
        main.main()
