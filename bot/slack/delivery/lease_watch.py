"""Finds the messages that their senders left behind."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from storage.leases import GRACE, LEASE
from storage.tables import Outgoing

#: How often somebody looks for leases of others. One that is seen is looked at again when it may be over.
LOOK_EVERY = timedelta(seconds=5)


class LeaseWatch:
    """Watches the leases of all senders. `ticks` returns the seconds of a monotonic clock.

    No clock of another process is trusted: a lease is over when this process has seen it unchanged for long enough.
    """

    def __init__(self, sender: int, ticks: Callable[[], float]) -> None:
        """`sender` is the number of this process."""
        self._sender = sender
        self._ticks = ticks
        self._first_seen: dict[tuple[int | None, int], float] = {}
        self._look_at = ticks()

    @property
    def pause(self) -> timedelta:
        """How long nobody need look, zero if somebody must."""
        return timedelta(seconds=max(0.0, self._look_at - self._ticks()))

    def left_behind(self, taken: Sequence[Outgoing], alive: Callable[[], Collection[int]]) -> list[Outgoing]:
        """Return those of the leased rows whose senders are gone: not among `alive`, or silent for too long.

        `taken` are all that this process is not sending; those of its own were left behind by a failure. `alive` is
        called only if needed.
        """
        now = self._ticks()
        self._first_seen = {_lease(row): self._first_seen.get(_lease(row), now) for row in taken}
        present = alive() if taken else ()
        left = [timedelta(seconds=self._first_seen[_lease(row)] - now) + self._limit(row, present) for row in taken]
        soonest = min([LOOK_EVERY, *(wait for wait in left if wait > timedelta())])
        self._look_at = now + soonest.total_seconds()
        return [row for row, wait in zip(taken, left, strict=True) if wait <= timedelta()]

    def _limit(self, row: Outgoing, present: Collection[int]) -> timedelta:
        if row.leased_by == self._sender:
            return timedelta()
        return LEASE if row.leased_by in present else GRACE


def _lease(row: Outgoing) -> tuple[int | None, int]:
    return row.id, row.lease
