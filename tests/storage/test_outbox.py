"""The messages that wait for Slack: order in a lane, coalescing, leases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from storage import outbox
from storage.database import Database
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
LEASE = NOW + timedelta(seconds=60)
LATER = LEASE + timedelta(seconds=1)


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    made = Database(fresh_url)
    yield made
    made.close()


def put(database: Database, target: str, *, topic: str | None = None, urgent: bool = False) -> None:
    with database.write() as session:
        outbox.put(session, "notice", target, NOW, topic=topic, urgent=urgent)


def claim(database: Database, now: datetime = NOW, limit: int = 10) -> list[Outgoing]:
    with database.write() as session:
        outbox.release_expired(session, now)
        return outbox.claim(session, now, now + timedelta(seconds=60), limit)


def settle(database: Database, row: Outgoing, state: OutboxState) -> None:
    with database.write() as session:
        outbox.get(session, row.id or 0).state = state


def targets(rows: list[Outgoing]) -> list[str]:
    return [row.target for row in rows]


def next_due(database: Database) -> datetime | None:
    with database.read() as session:
        return outbox.next_due(session)


def test_one_of_each_lane_at_a_time_in_order(database: Database) -> None:
    for target in ("C1", "C1", "U1", "C1"):
        put(database, target)
    first = claim(database)
    assert targets(first) == ["C1", "U1"]
    assert claim(database) == [], "the second of C1 waits until the first stands"
    settle(database, first[0], OutboxState.SENT)
    assert [row.id for row in claim(database)] == [2]


@pytest.mark.parametrize("state", [OutboxState.DEAD, OutboxState.DROPPED])
def test_one_that_is_given_up_holds_nobody_up(database: Database, state: OutboxState) -> None:
    put(database, "C1")
    put(database, "C1")
    settle(database, claim(database)[0], state)
    assert [row.id for row in claim(database)] == [2]


def test_one_that_waits_for_its_time_holds_its_lane(database: Database) -> None:
    put(database, "C1")
    put(database, "C1")
    with database.write() as session:
        outbox.get(session, 1).due_at = NOW + timedelta(seconds=30)
    assert claim(database) == []
    assert [row.id for row in claim(database, LATER)] == [1]


def test_urgent_ones_come_first_and_the_limit_holds(database: Database) -> None:
    for number in range(5):
        put(database, f"U{number}", urgent=number == 4)
    assert targets(claim(database, limit=3)) == ["U4", "U0", "U1"]


def test_one_waiting_row_serves_for_a_topic(database: Database) -> None:
    for _ in range(3):
        put(database, "C1", topic="card:1")
    put(database, "C1", topic="card:2")
    with database.read() as session:
        assert len(session.exec(select(Outgoing)).all()) == 2


def test_a_row_that_is_on_its_way_does_not_serve_for_what_comes_after(database: Database) -> None:
    put(database, "C1", topic="card:1")
    claim(database)
    put(database, "C1", topic="card:1")
    with database.read() as session:
        states = session.exec(select(Outgoing.state).order_by(col(Outgoing.id))).all()
    assert states == [OutboxState.SENDING, OutboxState.WAITING]


def test_what_a_dead_sender_had_is_taken_up_again_and_is_uncertain(database: Database) -> None:
    put(database, "C1")
    assert len(claim(database)) == 1
    assert claim(database, LEASE) == [], "the sender may still live"
    again = claim(database, LATER)
    assert [(row.id, row.attempts) for row in again] == [(1, 2)]
    assert (again[0].error or "").startswith(outbox.UNCERTAIN)


def test_the_next_moment_to_look(database: Database) -> None:
    assert next_due(database) is None
    put(database, "C1")
    assert next_due(database) == NOW
    row = claim(database)[0]
    assert next_due(database) == LEASE, "nothing else waits, yet the lease must be looked after"
    settle(database, row, OutboxState.SENT)
    assert next_due(database) is None


def test_counts(database: Database) -> None:
    put(database, "C1")
    with database.read() as session:
        assert outbox.count(session, OutboxState.WAITING) == 1
        assert outbox.count(session, OutboxState.DEAD) == 0
