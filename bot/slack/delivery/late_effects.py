"""Waits until a call whose answer is missing can no longer have an effect, before its message is posted anew.

Slack may take a message long after we stopped waiting for its answer. A message that is posted anew before that appears
twice, so it is first looked for, again and again, until a late effect is improbable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.slack.delivery.failures import may_come_late, may_have_arrived
from storage.tables import Outgoing

#: An effect later than this after the beginning of the call is improbable.
LATE_EFFECT = timedelta(seconds=60)
#: The same for an urgent message, which is rather read twice than a minute late.
LATE_EFFECT_URGENT = timedelta(seconds=20)
_FIRST_PAUSE = timedelta(seconds=1)


@contextmanager
def uncertain_from(row: Outgoing, began: datetime) -> Iterator[None]:
    """Make the row uncertain from `began` on (shared time), unless an error of the block says that nothing arrived.

    If it says that nothing can arrive any more, the message is looked for, but nobody waits for it.
    """
    earlier, row.uncertain_since = row.uncertain_since, began
    try:
        yield
    except Exception as error:
        if not may_have_arrived(error):
            row.uncertain_since = earlier
        elif not may_come_late(error):
            row.uncertain_since = earlier or began - LATE_EFFECT
        raise


def pause(row: Outgoing, now: datetime, *, is_costly: bool) -> timedelta:
    """Return how long to wait until an uncertain message is looked for again; zero if it may be posted anew.

    `now` is the shared time. The pauses grow, each as long as the message has been uncertain. One that is costly to
    make again is looked for only once more, at the end.
    """
    if row.uncertain_since is None:
        return timedelta()
    passed = now - row.uncertain_since
    left = (LATE_EFFECT_URGENT if row.urgent else LATE_EFFECT) - passed
    return max(timedelta(), left if is_costly else min(left, max(_FIRST_PAUSE, passed)))
