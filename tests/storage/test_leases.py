"""Leases of messages: who holds one, and when a sender counts as gone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.slack.delivery.lease_watch import LeaseWatch
from storage import claims, leases, outbox
from storage.database import Database
from storage.leases import GRACE, LEASE, LeaseLost
from storage.tables import Outgoing
from tests.support.manual_clock import ManualClock

#: Two senders. The second one is never alive.
ME, GONE = 1, 2
SECOND = timedelta(seconds=1)


class Queue:
    """A database with one message, and a sender that watches the leases of others."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, ManualClock()
        self.watch = LeaseWatch(ME, self.clock.ticks)
        with database.write() as session:
            outbox.put(session, "notice", "C1", self.clock.now())

    def claim(self, sender: int = ME) -> Outgoing:
        with self.database.write() as session:
            [row] = claims.claim(session, lambda _session: self.clock.now(), sender, 10).rows
        return row

    def given_back(self, *, under_way: tuple[int, ...] = (), alive: tuple[int, ...] = (ME,)) -> list[int | None]:
        with self.database.write() as session:
            rows = self.watch.left_behind(leases.taken(session, under_way), alive=lambda: alive)
            leases.give_back(session, rows, self.clock.now())
        return [row.id for row in rows]


@pytest.fixture
def queue(fresh_url: str) -> Iterator[Queue]:
    database = Database(fresh_url)
    yield Queue(database)
    database.close()


def test_messages_of_a_dead_sender_are_claimed_again_and_count_as_uncertain(queue: Queue) -> None:
    queue.claim(GONE)
    assert queue.given_back() == [], "the sender may have lost its connection briefly"
    queue.clock.advance(GRACE - SECOND)
    assert queue.given_back() == []
    assert queue.watch.pause == SECOND, "then somebody looks again"
    queue.clock.advance(SECOND)
    assert queue.given_back() == [1]
    again = queue.claim()
    assert (again.id, again.attempts) == (1, 2)
    assert outbox.is_uncertain(again)


def test_a_living_sender_keeps_its_messages_until_it_was_silent_for_a_lease(queue: Queue) -> None:
    queue.claim(GONE)
    assert queue.given_back(alive=(ME, GONE)) == []
    queue.clock.advance(LEASE - SECOND)
    assert queue.given_back(alive=(ME, GONE)) == []
    queue.clock.advance(SECOND)
    assert queue.given_back(alive=(ME, GONE)) == [1]


def test_each_lease_is_watched_anew(queue: Queue) -> None:
    queue.claim(GONE)
    queue.given_back(alive=(ME, GONE))
    queue.clock.advance(LEASE)
    with queue.database.write() as session:
        leases.give_back(session, leases.taken(session, ()), queue.clock.now())
    queue.claim(GONE)
    queue.clock.advance(SECOND)
    assert queue.given_back(alive=(ME, GONE)) == []


def test_messages_that_this_sender_left_behind_are_given_back_at_once(queue: Queue) -> None:
    queue.claim()
    assert queue.given_back(under_way=(1,)) == []
    assert queue.given_back() == [1]


@pytest.mark.parametrize("by", [timedelta(days=-1), timedelta(seconds=-61), timedelta(days=365)])
def test_a_clock_that_jumps_ends_no_lease(queue: Queue, by: timedelta) -> None:
    queue.claim(GONE)
    queue.given_back()
    queue.clock._moment += by
    assert queue.given_back() == []
    queue.clock.advance(GRACE)
    assert queue.given_back() == [1]


def test_who_was_given_up_may_neither_send_nor_record(queue: Queue) -> None:
    held = queue.claim(GONE)
    with queue.database.write() as session:
        leases.check(session, held)
        leases.give_back(session, [held], queue.clock.now())
        with pytest.raises(LeaseLost):
            leases.check(session, held)
    newer = queue.claim()
    with queue.database.write() as session:
        with pytest.raises(LeaseLost):
            leases.leased(session, held)
        assert leases.leased(session, newer).leased_by == ME


def test_a_lease_that_was_given_back_once_is_not_given_back_again(queue: Queue) -> None:
    """Two workers notice at the same time that a sender is dead; the second one is slower than the next claim."""
    held = queue.claim(GONE)
    with queue.database.write() as session:
        leases.give_back(session, [held], queue.clock.now())
    newer = queue.claim()
    with queue.database.write() as session:
        leases.give_back(session, [held], queue.clock.now())
        leases.check(session, newer)
