"""The rows of the product fault record table, compared with their cases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.casework.records.fault_records import RecordRow, record_rows_of
from storage import people, record_rows
from storage.people import Profile
from storage.record_rows import Wanted
from storage.vocabulary import Basis, Severity, State, Step
from tests.casework.conftest import Hand
from tests.support.case_builder import GENERAL, SEVERE, Doing
from tests.support.tampering import tamper
from tests.support.team import CHEN, HUANG, WU

Rows = Callable[..., list[RecordRow]]


@pytest.fixture
def rows(doing: Doing, hand: Hand) -> Rows:
    """A function that reads the record rows of the wanted faults at the present moment."""

    def read(**wanted: Any) -> list[RecordRow]:
        with doing.database.read() as session:
            return list(record_rows_of(session, Wanted(**wanted), hand.now))

    return read


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def move_deadline(doing: Doing, case: int, to: datetime, reason: str = "They agreed") -> None:
    agreed = {"deadline_contact": "Sun Li", "deadline_agreed_at": seconds(doing.clock()), "deadline_evidence": "Mail"}
    doing.take(Step.CHANGE_DEADLINE, HUANG, case, deadline_at=seconds(to), reason=reason, **agreed)


def test_a_fault_has_no_row_before_its_analysis(doing: Doing, rows: Rows) -> None:
    doing.report()
    doing.fault(State.ANALYSIS)
    assert rows() == []


def test_the_row_holds_what_was_published(doing: Doing, hand: Hand, rows: Rows) -> None:
    reported_at = hand.now
    case = doing.report()
    hand.move(hours=1)
    doing.onward(case, State.DECISION)
    [row] = rows()
    card = doing.card(case)
    assert (row.number, row.version, row.current) == (card.number, 1, True)
    for name in ("summary", "customer", "product", "product_version", "module", "deadline_at", "first_deadline_at"):
        assert getattr(row, name) == getattr(card, name), name
    assert (row.severity, row.severity_reason) == (Severity.VERY_SEVERE, "No bills are made")
    assert (row.deadline_basis, row.deadline_contact) == (Basis.CUSTOMER_STIPULATED, "Sun Li")
    assert (row.deadline_agreed_at, row.deadline_evidence) == (hand.now - timedelta(seconds=60), "Phone call")
    assert (row.reported_at, row.written_at, row.author) == (reported_at, hand.now, WU)
    assert row.deadline_at == hand.now + doing.deadline
    assert row.standing is not None
    assert (row.standing.state, row.standing.on_time, row.standing.resolved_at) == (State.DECISION, None, None)


def test_the_author_of_a_row_is_called_by_name(doing: Doing, hand: Hand, rows: Rows) -> None:
    with doing.database.write() as session:
        people.keep(session, Profile(WU, "Wu Gang 吴刚", None, None, True), hand.now)
    doing.fault()
    assert [row.author for row in rows()] == ["Wu Gang 吴刚"]


def test_a_moved_deadline_makes_a_new_version_and_keeps_the_first_deadline(
    doing: Doing, hand: Hand, rows: Rows
) -> None:
    case = doing.fault(State.DECISION, **SEVERE)
    first = hand.now + doing.deadline
    hand.move(hours=2)
    moved = hand.now + timedelta(days=2)
    move_deadline(doing, case, moved, reason="They wait for parts")
    before, after = rows()
    assert (before.version, before.current, before.deadline_at, before.deadline_reason) == (1, False, first, None)
    assert before.standing is None
    assert (after.version, after.current, after.deadline_at) == (2, True, moved)
    assert (after.first_deadline_at, after.deadline_reason, after.author) == (first, "They wait for parts", HUANG)
    assert after.standing is not None
    assert after.standing.moved_count == 1


def test_on_time_is_judged_against_the_deadline_in_force_and_against_the_first_one(
    doing: Doing, hand: Hand, rows: Rows
) -> None:
    case = doing.fault(State.DECISION, **SEVERE)
    move_deadline(doing, case, hand.now + timedelta(days=2))
    hand.move(hours=11)
    [_, open_] = rows()
    assert open_.standing is not None
    assert (open_.standing.on_time, open_.standing.on_time_at_first) == (None, False), "past the first one already"
    resolved_at = hand.now
    doing.onward(case, State.FIX_CONFIRMING)
    hand.move(hours=1)
    doing.onward(case, State.CLOSED)
    *_, closed = rows()
    standing = closed.standing
    assert standing is not None
    assert (standing.state, standing.resolved_at, standing.closed_at) == (State.CLOSED, resolved_at, hand.now)
    assert (standing.on_time, standing.on_time_at_first) == (True, False)
    assert (standing.fixed_version, standing.reopen_count) == ("V3.2.1", 0)


def test_an_open_fault_past_its_deadline_is_not_on_time(doing: Doing, hand: Hand, rows: Rows) -> None:
    doing.fault(State.DECISION, **SEVERE)
    hand.move(hours=10)
    assert [row.standing and row.standing.on_time for row in rows()] == [None], "the very moment still is in time"
    hand.move(seconds=1)
    assert [row.standing and row.standing.on_time for row in rows()] == [False]


def test_a_fault_without_a_deadline_is_not_judged(doing: Doing, rows: Rows) -> None:
    doing.fault(State.CLOSED, **GENERAL)
    for row in rows():
        assert (row.deadline_basis, row.deadline_at, row.first_deadline_at) == (Basis.NONE, None, None)
    assert [row.standing and row.standing.on_time for row in rows()] == [None, None]


def test_the_row_that_closed_a_fault_keeps_its_content_after_reopening(doing: Doing, hand: Hand, rows: Rows) -> None:
    case = doing.fault(State.CLOSED)
    closed_at = hand.now
    hand.move(hours=1)
    doing.take(Step.REOPEN, CHEN, case, reason="It exits again")
    doing.usual(Step.PUBLISH_ANALYSIS, case)
    hand.move(hours=1)
    move_deadline(doing, case, hand.now + timedelta(days=3))
    published, closed, again, moved = rows()
    assert [row.current for row in (published, closed, again, moved)] == [False, False, False, True]
    assert (published.standing, again.standing) == (None, None), "the words carried on are not its own"
    assert closed.standing is not None
    assert (closed.standing.closed_at, closed.standing.fixed_version) == (closed_at, "V3.2.1")
    assert moved.standing is not None
    assert (moved.standing.state, moved.standing.closed_at, moved.standing.reopen_count) == (State.DECISION, None, 1)


def test_a_case_that_is_no_longer_a_fault_has_no_current_row(doing: Doing, rows: Rows) -> None:
    case = doing.fault()
    doing.take(Step.REANALYZE, WU, case, reason="Not sure")
    doing.take(Step.RECLASSIFY, HUANG, case, reason="It is a question")
    assert [(row.current, row.standing) for row in rows()] == [(False, None)]


def test_duplicates_are_listed_in_the_row_of_their_master(doing: Doing, rows: Rows) -> None:
    master, one, other = doing.fault(), doing.report(), doing.report()
    doing.take(Step.MERGE_DUPLICATE, CHEN, one, master=f"F-{master}", reason="The same")
    doing.take(Step.MERGE_DUPLICATE, CHEN, other, master=f"F-{master}", reason="The same")
    assert [row.duplicates for row in rows()] == [(f"F-{one}", f"F-{other}")]
    doing.take(Step.UNDO_MERGE, HUANG, one, reason="Another")
    assert [row.duplicates for row in rows()] == [(f"F-{other}",)]


def test_rows_are_selected_by_period_customer_product_and_case(doing: Doing, hand: Hand, rows: Rows) -> None:
    since = hand.move(minutes=1)
    first = doing.fault()
    until = hand.move(days=1)
    second = doing.fault()
    third = doing.report(customer="Nanling Mobile 南岭移动", product="Customer Care 客户关怀系统", version="V2.5")
    doing.onward(third, State.DECISION)

    def cases(**wanted: Any) -> list[int]:
        return [int(row.number.removeprefix("F-")) for row in rows(**wanted)]

    assert cases() == [first, second, third]
    assert cases(since=since, until=until) == [first], "the first moment is in, the last is not"
    assert cases(since=until) == [second, third]
    assert cases(customer_id=2) == [third]
    assert cases(product_id=1) == [first, second]
    assert cases(case_id=second) == [second]
    assert cases(product_id=1, customer_id=2) == []


def test_rows_are_ordered_by_case_and_version_across_batches(
    doing: Doing, hand: Hand, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_rows, "BATCH", 2)
    first, second = doing.fault(), doing.fault()
    for hours in (20, 30):
        move_deadline(doing, first, hand.now + timedelta(hours=hours))
    third = doing.report()
    doing.take(Step.MERGE_DUPLICATE, CHEN, third, master=f"F-{first}", reason="The same")
    found = [(row.number, row.version, row.current, row.duplicates) for row in rows()]
    assert found == [
        (f"F-{first}", 1, False, ()),
        (f"F-{first}", 2, False, ()),
        (f"F-{first}", 3, True, (f"F-{third}",)),
        (f"F-{second}", 1, True, ()),
    ]


#: Contents that no step writes.
BROKEN = ("", "{", "[1]", "null", "{}", '{"severity": "awful"}', '{"severity": "general", "deadline_at": 7.5e99}')


@pytest.mark.parametrize("content", [*BROKEN, "[" * 200_000])
def test_an_unreadable_record_becomes_a_row_with_the_data_of_its_case(doing: Doing, rows: Rows, content: str) -> None:
    broken, whole = doing.fault(State.CLOSED), doing.fault()
    before, card = rows(), doing.card(broken)
    tamper(doing.database, f"UPDATE documents SET content = '{content}' WHERE paper = 'T05' AND case_id = {broken}")
    earlier, current, other = rows()
    assert other == before[2]
    assert (earlier.number, earlier.version, earlier.current, earlier.standing) == (f"F-{broken}", 1, False, None)
    assert (current.severity, current.deadline_basis, current.severity_reason) == (None, None, None)
    assert (current.current, current.deadline_at, current.summary) == (True, card.deadline_at, card.summary)
    assert current.standing == before[1].standing
    assert other.number == f"F-{whole}"
