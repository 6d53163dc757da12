"""The messages that wait for Slack: order within a lane, coalescing and leases."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, update
from sqlmodel import col, select

from storage import claims, dead_letters, leases, outbox, turns
from storage.database import Database
from storage.tables import Outgoing
from storage.vocabulary import OutboxState

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
#: Two senders. The second one is never alive.
ME, GONE = 1, 2


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    made = Database(fresh_url)
    yield made
    made.close()


def put(database: Database, target: str, *, topic: str | None = None, urgent: bool = False) -> None:
    with database.write() as session:
        outbox.put(session, "notice", target, NOW, topic=topic, urgent=urgent)


def test_of_several_messages_of_one_topic_in_one_call_the_first_is_kept(database: Database) -> None:
    with database.write() as session:
        topics = ("card:1", None, "card:1", "card:2", None)
        messages = [outbox.message("card", f"C{n}", NOW, topic=topic) for n, topic in enumerate(topics)]
        outbox.put_all(session, messages)
        outbox.put_all(session, messages[:1])
    assert sorted(targets(claim(database))) == ["C0", "C1", "C3", "C4"]


def claim(
    database: Database, now: datetime = NOW, limit: int = 10, sender: int = ME, busy: tuple[str, ...] = ()
) -> list[Outgoing]:
    with database.write() as session:
        return claims.claim(session, lambda _session: now, sender, limit, busy).rows


def settle(database: Database, row: Outgoing, state: OutboxState, *, free_at: datetime = NOW) -> None:
    """Record the outcome of a message. Another message may go to its target from `free_at` on."""
    with database.write() as session:
        current = session.get_one(Outgoing, row.id)
        current.state, current.due_at = state, free_at


def targets(rows: list[Outgoing]) -> list[str]:
    return [row.target for row in rows]


def next_due(database: Database) -> datetime | None:
    with database.read() as session:
        return claims.rest(session).due_at


def test_each_lane_sends_one_message_at_a_time_in_order(database: Database) -> None:
    for target in ("C1", "C1", "U1", "C1"):
        put(database, target)
    first = claim(database)
    assert targets(first) == ["C1", "U1"]
    assert claim(database) == [], "the second message to C1 waits until the first is posted"
    settle(database, first[0], OutboxState.SENT)
    assert [row.id for row in claim(database)] == [2]


@pytest.mark.parametrize("state", [OutboxState.DEAD, OutboxState.DROPPED])
def test_a_message_that_is_given_up_does_not_block_its_lane(database: Database, state: OutboxState) -> None:
    put(database, "C1")
    put(database, "C1")
    settle(database, claim(database)[0], state)
    assert [row.id for row in claim(database)] == [2]


def test_a_message_that_waits_for_its_time_blocks_its_lane(database: Database) -> None:
    put(database, "C1")
    put(database, "C1")
    with database.write() as session:
        session.get_one(Outgoing, 1).due_at = NOW + timedelta(seconds=30)
    assert claim(database) == []
    assert [row.id for row in claim(database, LATER)] == [1]


def test_urgent_messages_come_first_within_the_limit(database: Database) -> None:
    for number in range(5):
        put(database, f"U{number}", urgent=number == 4)
    assert targets(claim(database, limit=3)) == ["U4", "U0", "U1"]


def test_an_urgent_message_raises_those_before_it_in_its_lane(database: Database) -> None:
    """It used to wait until the ordinary messages of all other lanes were sent."""
    for number in range(5):
        put(database, f"U{number}")
    put(database, "U4", urgent=True)
    first, second = claim(database, limit=1), claim(database, limit=1)
    assert (targets(first), targets(second)) == (["U4"], ["U0"]), "the order within the lane stays"
    settle(database, first[0], OutboxState.SENT)
    assert [(row.target, row.urgent) for row in claim(database, limit=1)] == [("U4", True)]
    assert targets(claim(database)) == ["U1", "U2", "U3"]


def sent_in_order(database: Database) -> list[str]:
    """Send everything that waits for one target, and return who caused each message."""
    order = list[str]()
    while rows := claim(database):
        order += [row.caused_by for row in rows]
        for row in rows:
            settle(database, row, OutboxState.SENT)
    return order


def test_one_person_who_floods_a_channel_delays_others_by_one_message(database: Database) -> None:
    """Four hundred reports of one person used to put the desk channel seven minutes behind for everybody."""
    flood = [("U1", number) for number in range(40)]
    for person, number in [*flood, ("U2", 40), ("U2", 41), ("U3", 42)]:
        put_in_lane(database, person, f"{number}:C1")
    order = sent_in_order(database)
    assert order[:6] == ["U1", "U2", "U3", "U1", "U2", "U1"]
    assert len(order) == 43


def test_who_writes_again_and_again_gets_every_second_message(database: Database) -> None:
    for number in range(4):
        put_in_lane(database, "U1", f"{number}:C1")
    order = list[str]()
    for number in range(4, 7):
        put_in_lane(database, "U2", f"{number}:C1")
        for row in claim(database, limit=1):
            order.append(row.caused_by)
            settle(database, row, OutboxState.SENT)
    assert order == ["U1", "U2", "U1"]


def test_urgent_messages_are_in_turn_as_well_and_before_all_others(database: Database) -> None:
    for person, number, urgent in (("U1", 1, True), ("U1", 2, True), ("U2", 3, True), ("U3", 4, False)):
        put_in_lane(database, person, f"{number}:C1", urgent=urgent)
    assert sent_in_order(database) == ["U1", "U2", "U1", "U3"]


def put_in_lane(database: Database, person: str, lane: str, *, urgent: bool = False, seq: int | None = None) -> None:
    """Put a message that this person causes into a lane; with `seq` it is a thread line."""
    with database.write() as session:
        turns.caused_by(session, person)
        arguments, deferred = {"seq": seq} if seq else {}, seq is not None
        view, target = "story" if deferred else "notice", lane.partition(":")[2]
        row = outbox.message(view, target, NOW, arguments=arguments, urgent=urgent, deferred=deferred)
        outbox.put_all(session, [{**row, "lane": lane}])


def test_thread_lines_of_a_case_are_joined_and_wait_for_other_messages(database: Database) -> None:
    """The card of a new case used to wait 29 seconds behind 30 comments."""
    for seq in range(1, 13):
        put_in_lane(database, "U1", "1:C1", seq=seq)
    put_in_lane(database, "U1", "1:C1")
    put_in_lane(database, "U1", "1:C1", seq=13)
    put_in_lane(database, "U1", "2:C1")
    told = list[list[int]]()
    while rows := claim(database):
        for row in rows:
            said = json.loads(row.arguments)
            told.append([one["seq"] for one in (said, *said.get("more", ())) if one])
            settle(database, row, OutboxState.SENT)
    assert told == [[], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [11, 12], [], [13]]


def put_back(database: Database, row: Outgoing) -> None:
    """Queue a message again after an attempt that does not count: its end was not recorded, or its card moves."""
    with database.write() as session:
        leases.put_back(session, row, NOW)


def refuse_and_send_again(database: Database, row: Outgoing) -> None:
    settle(database, row, OutboxState.DEAD)
    with database.write() as session:
        dead_letters.send_again(session, "", row.target)


@pytest.mark.parametrize("fail", [put_back, refuse_and_send_again])
def test_a_thread_line_that_was_tried_keeps_what_it_says(
    database: Database, fail: Callable[[Database, Outgoing], None]
) -> None:
    """Slack may have it as it was. What was joined with it is said nowhere else."""
    for seq in (1, 2):
        put_in_lane(database, "U1", "1:C1", seq=seq)
    fail(database, claim(database)[0])
    for seq in (3, 4):
        put_in_lane(database, "U1", "1:C1", seq=seq)
    for expected in ({"seq": 1, "more": [{"seq": 2}]}, {"seq": 3, "more": [{"seq": 4}]}):
        [row] = claim(database)
        assert json.loads(row.arguments) == expected
        settle(database, row, OutboxState.SENT)


def test_a_thread_line_that_was_tried_is_not_joined_with_one_that_was_committed_later(database: Database) -> None:
    """Of two transactions, the one that takes the earlier row id may be the last to commit."""
    put_in_lane(database, "U1", "1:later", seq=1)
    put_in_lane(database, "U1", "1:C1", seq=2)
    [tried] = claim(database, busy=("later",))
    put_back(database, tried)
    with database.write() as session:
        session.connection().execute(update(Outgoing).values(lane="1:C1", target="C1"))
    assert [json.loads(row.arguments) for row in claim(database)] == [{"seq": 1}]


def test_neither_a_claim_nor_a_new_message_reads_the_whole_queue(database: Database) -> None:
    executed = list[tuple[str, Any]]()
    put_in_lane(database, "U1", "1:C1", seq=1)

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        executed.append((statement, values))

    put_in_lane(database, "U1", "2:C1", seq=1)
    claim(database, busy=("C2",))
    event.remove(database.engine, "before_cursor_execute", note)
    with database.read() as session:
        if session.connection().dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans by the number of rows")
        for statement, values in executed:
            if statement.startswith("SELECT"):
                explained = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plan = [row[3] for row in explained]
                assert not [step for step in plan if "SCAN outbox" in step or "TEMP B-TREE" in step], (statement, plan)
    assert len(executed) > 5


def test_an_urgent_message_of_a_topic_that_waits_makes_it_urgent(database: Database) -> None:
    put(database, "U0")
    put(database, "C1", topic="card:1")
    put(database, "C1", topic="card:1", urgent=True)
    assert targets(claim(database, limit=1)) == ["C1"]


def test_an_urgent_message_does_not_make_one_urgent_that_is_being_sent_or_was_given_up(database: Database) -> None:
    put(database, "C1")
    settle(database, claim(database)[0], OutboxState.DEAD)
    put(database, "C1")
    claim(database)
    put(database, "C1", urgent=True)
    with database.read() as session:
        assert session.exec(select(Outgoing.urgent).order_by(col(Outgoing.id))).all() == [False, False, True]


def test_a_topic_has_at_most_one_waiting_row(database: Database) -> None:
    for _ in range(3):
        put(database, "C1", topic="card:1")
    put(database, "C1", topic="card:2")
    with database.read() as session:
        assert len(session.exec(select(Outgoing)).all()) == 2


def test_a_row_that_is_being_sent_does_not_stand_for_later_changes(database: Database) -> None:
    put(database, "C1", topic="card:1")
    claim(database)
    put(database, "C1", topic="card:1")
    with database.read() as session:
        states = session.exec(select(Outgoing.state).order_by(col(Outgoing.id))).all()
    assert states == [OutboxState.SENDING, OutboxState.WAITING]


def test_when_the_clock_was_put_back_every_retry_is_due_and_a_message_that_waits_for_its_time_is_not(
    database: Database,
) -> None:
    for target in ("U1", "U2"):
        put(database, target)
    with database.write() as session:
        for number, attempts in ((1, 1), (2, 0)):
            row = session.get_one(Outgoing, number)
            row.due_at, row.attempts = NOW + timedelta(minutes=30), attempts
        claims.end_waits(session, NOW)
    assert targets(claim(database)) == ["U1"]


def test_a_claim_takes_one_message_for_each_target_that_is_not_busy(database: Database) -> None:
    for case, target in enumerate(("C1", "C1", "C2", "U1")):
        put_of_case(database, case, target)
    assert targets(claim(database, busy=("C2",))) == ["C1", "U1"]
    assert targets(claim(database)) == ["C2"], "a message to C1 is being sent"
    assert targets(claim(database, NOW + outbox.SPACING)) == ["C1"], (
        "after a second C1 is free, whether or not the first message was sent"
    )


def test_each_target_gets_one_message_a_second_whoever_sends(database: Database) -> None:
    for case in range(3):
        put_of_case(database, case, "C1")
    settle(database, claim(database)[0], OutboxState.SENT, free_at=NOW + outbox.SPACING)
    assert claim(database, sender=GONE) == []
    assert held(database) == {"C1": NOW + outbox.SPACING}
    [edit] = claim(database, NOW + outbox.SPACING, sender=GONE)
    settle(database, edit, OutboxState.SENT, free_at=NOW + outbox.SPACING)
    assert targets(claim(database, NOW + outbox.SPACING)) == ["C1"], "an edit does not make the target busy"


def test_a_rate_limit_told_to_one_sender_holds_for_all(database: Database) -> None:
    for case in range(2):
        put_of_case(database, case, "C1")
    [row] = claim(database)
    until = NOW + timedelta(seconds=30)
    with database.write() as session:
        current = session.get_one(Outgoing, row.id)
        current.state, current.due_at, current.error = OutboxState.WAITING, until, outbox.LIMITED
    assert claim(database, until - timedelta(seconds=1), sender=GONE) == []
    assert held(database) == {"C1": until}
    assert [row.id for row in claim(database, until, sender=GONE)] == [1]


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.SENDING])
def test_a_clock_that_was_ahead_does_not_hold_a_target(database: Database, state: OutboxState) -> None:
    for case in range(2):
        put_of_case(database, case, "C1")
    [row] = claim(database, NOW + timedelta(hours=1), sender=GONE)
    settle(database, row, state, free_at=row.due_at)
    assert held(database) == {}
    assert [row.id for row in claim(database)] == [2]


def put_of_case(database: Database, case: int, target: str) -> None:
    """Put a message into a lane of its own."""
    put(database, target, topic=f"{case}")
    with database.write() as session:
        newest = session.exec(select(Outgoing).order_by(col(Outgoing.id).desc())).first()
        assert newest is not None
        newest.lane = f"{case}:{target}"


def held(database: Database) -> dict[str, datetime]:
    with database.read() as session:
        return claims.held(session, NOW)


def test_next_due_is_the_next_moment_to_look(database: Database) -> None:
    assert next_due(database) is None
    put(database, "C1")
    due = next_due(database)
    assert due is not None
    assert due <= NOW, "a new row is due at once"
    with database.read() as session:
        assert claims.rest(session, {"C1"}).due_at is None
    row = claim(database)[0]
    assert next_due(database) is None
    settle(database, row, OutboxState.SENT)
    assert next_due(database) is None


def test_messages_are_counted_by_state(database: Database) -> None:
    put(database, "C1")
    with database.read() as session:
        assert outbox.count(session, OutboxState.WAITING) == 1
        assert outbox.count(session, OutboxState.DEAD) == 0


@pytest.mark.long
def test_ten_thousand_messages_drain_at_slacks_pace_urgent_ones_first(database: Database) -> None:
    """One message a second to each of forty people. A tenth of the messages is urgent. It takes exactly 250 seconds."""
    people, each = 40, 250
    rows = [
        {
            **{"lane": f"{number}:U{number % people}", "target": f"U{number % people}", "view": "notice"},
            **{
                "urgent": number // people % 10 == 9,
                "arguments": "{}",
                "created_at": NOW,
                "due_at": outbox.DUE_AT_ONCE,
            },
            **{"state": OutboxState.WAITING, "attempts": 0},
        }
        for number in range(people * each)
    ]
    with database.write() as session:
        session.execute(insert(Outgoing), rows)
    urgent: list[int] = []
    for second in range(each):
        sent, busy = 0, set[str]()
        while batch := claim(database, NOW + timedelta(seconds=second), people, busy=tuple(busy)):
            assert not busy & {row.target for row in batch}, "a target gets one message a second"
            busy |= {row.target for row in batch}
            sent += len(batch)
            urgent += [second for row in batch if row.urgent]
            mark_sent(database, batch)
        assert sent == people
    assert max(urgent) < each // 10
    assert next_due(database) is None


def mark_sent(database: Database, rows: list[Outgoing]) -> None:
    with database.write() as session:
        ids = [row.id for row in rows]
        session.execute(update(Outgoing).where(col(Outgoing.id).in_(ids)).values(state=OutboxState.SENT))
