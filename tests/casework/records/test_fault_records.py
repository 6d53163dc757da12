"""The rows of the product fault record table, compared with their cases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.casework.records.fault_records import RecordRow, record_rows_of
from storage import people, record_rows
from storage.people import Profile
from storage.record_rows import RecordFilter
from storage.vocabulary import Basis, Severity, State, Step
from tests.support.case_builder import GENERAL, SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.tampering import tamper
from tests.support.team import CHEN, HUANG, WU

Rows = Callable[..., list[RecordRow]]


@pytest.fixture
def rows(builder: CaseBuilder, clock: ManualClock) -> Rows:
    """A function that reads the record rows of the wanted faults at the present moment."""

    def read(**wanted: Any) -> list[RecordRow]:
        with builder.database.read() as session:
            return list(record_rows_of(session, RecordFilter(**wanted), builder.company.policy, clock.now()))

    return read


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def move_deadline(builder: CaseBuilder, case: int, to: datetime, reason: str = "They agreed") -> None:
    agreed = {"deadline_contact": "Sun Li", "deadline_agreed_at": seconds(builder.clock()), "deadline_evidence": "Mail"}
    builder.take(Step.CHANGE_DEADLINE, HUANG, case, deadline_at=seconds(to), reason=reason, **agreed)


def test_a_fault_has_no_row_before_its_analysis(builder: CaseBuilder, rows: Rows) -> None:
    builder.report()
    builder.fault(State.ANALYSIS)
    assert rows() == []


def test_the_row_holds_what_was_published(builder: CaseBuilder, clock: ManualClock, rows: Rows) -> None:
    reported_at = clock.now()
    case = builder.report()
    clock.move(hours=1)
    builder.onward(case, State.DECISION)
    [row] = rows()
    card = builder.card(case)
    assert (row.number, row.version, row.current) == (card.number, 1, True)
    for name in ("summary", "customer", "product", "product_version", "module", "deadline_at", "first_deadline_at"):
        assert getattr(row, name) == getattr(card, name), name
    assert (row.severity, row.severity_reason) == (Severity.VERY_SEVERE, "No bills are made")
    assert (row.deadline_basis, row.deadline_contact) == (Basis.CUSTOMER_STIPULATED, "Sun Li")
    assert (row.deadline_agreed_at, row.deadline_evidence) == (clock.now() - timedelta(seconds=60), "Phone call")
    assert (row.reported_at, row.written_at, row.author) == (reported_at, clock.now(), WU)
    assert row.deadline_at == clock.now() + builder.deadline
    assert row.outcome is not None
    assert (row.outcome.state, row.outcome.on_time, row.outcome.resolved_at) == (State.DECISION, None, None)


def test_the_author_of_a_row_is_called_by_name(builder: CaseBuilder, clock: ManualClock, rows: Rows) -> None:
    with builder.database.write() as session:
        people.keep(session, [Profile(WU, "Wu Gang 吴刚", None, None, True)], clock.now())
    builder.fault()
    assert [row.author for row in rows()] == ["Wu Gang 吴刚"]


def test_a_moved_deadline_makes_a_new_version_and_keeps_the_first_deadline(
    builder: CaseBuilder, clock: ManualClock, rows: Rows
) -> None:
    case = builder.fault(State.DECISION, **SEVERE)
    first = clock.now() + builder.deadline
    clock.move(hours=2)
    moved = clock.now() + timedelta(days=2)
    move_deadline(builder, case, moved, reason="They wait for parts")
    before, after = rows()
    assert (before.version, before.current, before.deadline_at, before.deadline_reason) == (1, False, first, None)
    assert before.outcome is None
    assert (after.version, after.current, after.deadline_at) == (2, True, moved)
    assert (after.first_deadline_at, after.deadline_reason, after.author) == (first, "They wait for parts", HUANG)
    assert after.outcome is not None
    assert after.outcome.moved_count == 1


def test_a_deadline_that_a_merge_brought_names_the_duplicate_that_records_who_agreed(
    builder: CaseBuilder, clock: ManualClock, rows: Rows
) -> None:
    builder.deadline = timedelta(hours=90)
    master = builder.fault(State.DECISION, **SEVERE)
    builder.deadline = timedelta(hours=30)
    case = builder.fault(State.DECISION, **SEVERE)
    builder.take(Step.MERGE_DUPLICATE, HUANG, case, master=f"F-{master}", reason="The same")
    row, agreed = rows(case_id=master)[-1], rows(case_id=case)[-1]
    assert (row.deadline_at, row.deadline_contact, row.deadline_evidence) == (agreed.deadline_at, None, None)
    assert row.deadline_reason == f"F-{case}: The same"
    assert (agreed.deadline_contact, agreed.deadline_evidence) == ("Sun Li", "Phone call")
    move_deadline(builder, master, clock.now() + timedelta(days=2), reason="They wait for parts")
    assert rows(case_id=master)[-1].deadline_reason == "They wait for parts"


def test_on_time_is_judged_against_the_deadline_in_force_and_against_the_first_one(
    builder: CaseBuilder, clock: ManualClock, rows: Rows
) -> None:
    case = builder.fault(State.DECISION, **SEVERE)
    move_deadline(builder, case, clock.now() + timedelta(days=2))
    clock.move(hours=11)
    [_, open_] = rows()
    assert open_.outcome is not None
    assert (open_.outcome.on_time, open_.outcome.on_time_at_first) == (None, False), (
        "the first deadline is over, the moved one is not"
    )
    resolved_at = clock.now()
    builder.onward(case, State.FIX_CONFIRMING)
    clock.move(hours=1)
    builder.onward(case, State.CLOSED)
    *_, closed = rows()
    outcome = closed.outcome
    assert outcome is not None
    assert (outcome.state, outcome.resolved_at, outcome.closed_at) == (State.CLOSED, resolved_at, clock.now())
    assert (outcome.on_time, outcome.on_time_at_first) == (True, False)
    assert (outcome.fixed_version, outcome.reopen_count) == ("V3.2.1", 0)


def test_an_open_fault_past_its_deadline_is_not_on_time(builder: CaseBuilder, clock: ManualClock, rows: Rows) -> None:
    builder.fault(State.DECISION, **SEVERE)
    clock.move(hours=10)
    assert [row.outcome and row.outcome.on_time for row in rows()] == [None], (
        "a deadline is missed only after its moment"
    )
    clock.move(seconds=1)
    assert [row.outcome and row.outcome.on_time for row in rows()] == [False]


def test_a_fault_without_a_deadline_is_not_judged(builder: CaseBuilder, rows: Rows) -> None:
    builder.fault(State.CLOSED, **GENERAL)
    for row in rows():
        assert (row.deadline_basis, row.deadline_at, row.first_deadline_at) == (Basis.NONE, None, None)
    assert [row.outcome and row.outcome.on_time for row in rows()] == [None, None]


def test_the_row_that_closed_a_fault_keeps_its_content_after_reopening(
    builder: CaseBuilder, clock: ManualClock, rows: Rows
) -> None:
    case = builder.fault(State.CLOSED)
    closed_at = clock.now()
    clock.move(hours=1)
    builder.take(Step.REOPEN, CHEN, case, reason="It exits again")
    builder.usual(Step.PUBLISH_ANALYSIS, case)
    clock.move(hours=1)
    move_deadline(builder, case, clock.now() + timedelta(days=3))
    published, closed, again, moved = rows()
    assert [row.current for row in (published, closed, again, moved)] == [False, False, False, True]
    assert (published.outcome, again.outcome) == (None, None), (
        "an outcome belongs only to the version that closed the fault"
    )
    assert closed.outcome is not None
    assert (closed.outcome.closed_at, closed.outcome.fixed_version) == (closed_at, "V3.2.1")
    assert moved.outcome is not None
    assert (moved.outcome.state, moved.outcome.closed_at, moved.outcome.reopen_count) == (State.DECISION, None, 1)


def test_a_case_that_is_no_longer_a_fault_has_no_current_row(builder: CaseBuilder, rows: Rows) -> None:
    case = builder.fault()
    builder.take(Step.REANALYZE, WU, case, reason="Not sure")
    builder.take(Step.RECLASSIFY, HUANG, case, reason="It is a question")
    assert [(row.current, row.outcome) for row in rows()] == [(False, None)]


def test_duplicates_are_listed_in_the_row_of_their_master(builder: CaseBuilder, rows: Rows) -> None:
    master, one, other = builder.fault(), builder.report(), builder.report()
    builder.take(Step.MERGE_DUPLICATE, CHEN, one, master=f"F-{master}", reason="The same")
    builder.take(Step.MERGE_DUPLICATE, CHEN, other, master=f"F-{master}", reason="The same")
    assert [row.duplicates for row in rows()] == [(f"F-{one}", f"F-{other}")]
    builder.take(Step.UNDO_MERGE, HUANG, one, reason="Another")
    assert [row.duplicates for row in rows()] == [(f"F-{other}",)]


def test_rows_are_selected_by_period_customer_product_and_case(
    builder: CaseBuilder, clock: ManualClock, rows: Rows
) -> None:
    since = clock.move(minutes=1)
    first = builder.fault()
    until = clock.move(days=1)
    second = builder.fault()
    third = builder.report(customer="Nanling Mobile 南岭移动", product="Customer Care 客户关怀系统", version="V2.5")
    builder.onward(third, State.DECISION)

    def cases(**wanted: Any) -> list[int]:
        return [int(row.number.removeprefix("F-")) for row in rows(**wanted)]

    assert cases() == [first, second, third]
    assert cases(since=since, until=until) == [first], "a period includes its first moment and excludes its last"
    assert cases(since=until) == [second, third]
    assert cases(customer_id=2) == [third]
    assert cases(product_id=1) == [first, second]
    assert cases(case_id=second) == [second]
    assert cases(product_id=1, customer_id=2) == []


def test_rows_are_ordered_by_case_and_version_across_batches(
    builder: CaseBuilder, clock: ManualClock, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_rows, "BATCH_SIZE", 2)
    first, second = builder.fault(), builder.fault()
    for hours in (20, 30):
        move_deadline(builder, first, clock.now() + timedelta(hours=hours))
    third = builder.report()
    builder.take(Step.MERGE_DUPLICATE, CHEN, third, master=f"F-{first}", reason="The same")
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
def test_an_unreadable_record_becomes_a_row_with_the_data_of_its_case(
    builder: CaseBuilder, rows: Rows, content: str
) -> None:
    broken, whole = builder.fault(State.CLOSED), builder.fault()
    before, card = rows(), builder.card(broken)
    tamper(builder.database, f"UPDATE documents SET content = '{content}' WHERE paper = 'T05' AND case_id = {broken}")
    earlier, current, other = rows()
    assert other == before[2]
    assert (earlier.number, earlier.version, earlier.current, earlier.outcome) == (f"F-{broken}", 1, False, None)
    assert (current.severity, current.deadline_basis, current.severity_reason) == (None, None, None)
    assert (current.current, current.deadline_at, current.summary) == (True, card.deadline_at, card.summary)
    assert current.outcome == before[1].outcome
    assert other.number == f"F-{whole}"
