"""Waits until a call whose answer is missing can no longer have an effect, before its message is posted anew.

Slack may take a message long after we stopped waiting for its answer. A message that is posted anew before that appears
twice, so it is first looked for, again and again, until a late effect is improbable.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.slack.failures import may_come_late, may_have_arrived
from storage.tables import Outgoing

#: An effect later than this after the beginning of the call is improbable.
LATE_EFFECT = timedelta(seconds=60)
#: The same for an urgent message, which is rather read twice than a minute late.
LATE_EFFECT_URGENT = timedelta(seconds=20)
_FIRST_PAUSE = timedelta(seconds=1)
#: Messages that other processes have sent meanwhile are forgotten after so many seconds.
_KEPT_SECONDS = 3600.0


class LateEffects:
    """Measures for how long messages have been uncertain. `ticks` returns the seconds of a monotonic clock.

    No clock that can be put forward is trusted: what another process made uncertain, or this one before it was started
    again, counts from when this process sees it first.
    """

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._known: dict[int | None, tuple[datetime, float]] = {}  # row id -> uncertain since, by both clocks

    @contextmanager
    def uncertain_from(self, row: Outgoing, began: datetime) -> Iterator[None]:
        """Make the row uncertain from `began` on (shared time), unless an error of the block says that nothing arrived.

        If it says that nothing can arrive any more, the message is looked for, but nobody waits for it.
        """
        earlier, at = row.uncertain_since, self._ticks()
        row.uncertain_since = began
        try:
            yield
        except Exception as error:
            if not may_have_arrived(error):
                row.uncertain_since = earlier
            elif may_come_late(error):
                self._know(row, at)
            elif earlier:
                row.uncertain_since = earlier
            else:
                self._know(row, at - LATE_EFFECT.total_seconds())
            raise

    def pause(self, row: Outgoing, *, is_costly: bool) -> timedelta:
        """Return how long to wait until an uncertain message is looked for again; zero if it may be posted anew.

        The pauses grow, each as long as the message has been uncertain. One that is costly to make again is looked for
        only once more, at the end.
        """
        passed = self._passed(row)
        left = (LATE_EFFECT_URGENT if row.urgent else LATE_EFFECT) - passed
        return max(timedelta(), left if is_costly else min(left, max(_FIRST_PAUSE, passed)))

    def forget(self, row: Outgoing) -> None:
        """Forget a message that is sent."""
        self._known.pop(row.id, None)

    def _passed(self, row: Outgoing) -> timedelta:
        moment, at = self._known.get(row.id, (None, 0.0))
        if moment != row.uncertain_since:
            at = self._know(row, self._ticks())
        return timedelta(seconds=self._ticks() - at)

    def _know(self, row: Outgoing, at: float) -> float:
        oldest = self._ticks() - _KEPT_SECONDS
        for other, (_moment, seen) in self._known.copy().items():  # item access is atomic
            if seen < oldest:
                self._known.pop(other, None)
        if row.uncertain_since is not None:
            self._known[row.id] = row.uncertain_since, at
        return at
