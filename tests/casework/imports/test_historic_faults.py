"""Faults from before this service desk are imported completely and only once, and are kept apart from the desk's own
cases.
"""

from datetime import timedelta

import pytest

from bot.casework.imports.import_table import ImportKind
from bot.casework.reading.read_models import load_card
from bot.casework.records.fault_records import record_rows_of
from bot.casework.records.verify import verify
from bot.casework.statistics.measures import Measure, StatisticsQuery, behind, statistics
from bot.casework.statistics.periods import Period, parse
from storage import audit
from storage.record_rows import RecordFilter
from storage.statistics import Side, settle
from storage.tables import Case, Outgoing, Reminder
from storage.vocabulary import Basis, CauseClass, Channel, Kind, Paper, Severity, Source, State, Step, SymptomKind
from tests.support.case_builder import CaseBuilder
from tests.support.imported_tables import FAULT, LEAST, BringIn, at, bring, count
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, CHEN

__all__ = ["bring"]


def test_a_historic_fault_is_imported_as_a_closed_case(
    builder: CaseBuilder, clock: ManualClock, bring: BringIn
) -> None:
    tally = bring(ImportKind.FAULTS, FAULT)
    assert dict(tally.added) == {"fault": 1}
    card = builder.card(1)
    assert (card.state, card.kind, card.source) == (State.CLOSED, Kind.FAULT, Source.CUSTOMER)
    for code in ("customer", "contact", "contact_way", "product", "module", "summary", "fixed_version"):
        assert getattr(card, code) == FAULT[code], code
    assert card.description == "[HD-2024-17] It exits at night.\n夜间退出。"
    assert (card.product_version, card.channel, card.symptom_kind) == ("V3.1", Channel.PHONE, SymptomKind.EXIT)
    assert (card.found_at, card.reported_at) == (at(1, 8, 50), at(1, 9, 10))
    assert (card.resolved_at, card.closed_at) == (at(2, 13, 20), at(3, 10))
    assert (card.severity, card.deadline_basis) == (Severity.VERY_SEVERE, Basis.CUSTOMER_STIPULATED)
    assert (card.deadline_at, card.first_deadline_at, card.moved_count) == (at(2, 14), at(1, 14), 1)
    report, reply = card.paper(Paper.ANALYSIS_REPORT), card.paper(Paper.REPLY)
    assert report is not None
    assert reply is not None
    assert (report.content["cause_class"], report.content["measure"]) == (CauseClass.CODE, "Widen the column")
    assert reply.content["reply"] == "Fixed with V3.1.1"


def test_the_history_of_an_imported_fault_says_who_imported_it_and_when_and_verifies(
    builder: CaseBuilder, clock: ManualClock, bring: BringIn
) -> None:
    bring(ImportKind.FAULTS, FAULT)
    with builder.database.read() as session:
        [entry] = audit.entries(session, 1)
        assert (entry.at, entry.person_id, entry.to_state) == (clock.now(), ADMIN, State.CLOSED)
        last = load_card(session, 1, builder.company.policy, clock.now()).last
        assert last is not None
        assert (last.data["imported"], last.data["reference"]) == (True, "HD-2024-17")
        found = verify(session, 1)
    assert (found.entries, found.papers, found.findings) == (1, 4, ())


def test_an_imported_fault_has_a_row_in_the_product_fault_record_table(
    builder: CaseBuilder, clock: ManualClock, bring: BringIn
) -> None:
    bring(ImportKind.FAULTS, FAULT)
    with builder.database.read() as session:
        [row] = record_rows_of(session, RecordFilter(), builder.company.policy, clock.now())
    assert (row.current, row.severity_reason, row.deadline_contact) == (True, "No bills are made", "Sun Li")
    assert row.reference == FAULT["reference"]
    assert row.outcome is not None
    assert (row.outcome.on_time, row.outcome.on_time_at_first) == (True, False)
    assert (row.outcome.resolved_at, row.outcome.closed_at) == (at(2, 13, 20), at(3, 10))


def test_a_fault_with_few_known_fields_gets_no_invented_ones(
    builder: CaseBuilder, clock: ManualClock, bring: BringIn
) -> None:
    bring(ImportKind.FAULTS, LEAST)
    card = builder.card(1)
    assert (card.customer, card.source, card.contact) == (None, Source.INTERNAL, "")
    assert (card.resolved_at, card.deadline_at, card.deadline_basis) == (None, None, Basis.NONE)
    assert (card.reported_at, card.found_at) == (at(1, 0), at(1, 0))
    assert {paper.paper for paper in card.papers} == {Paper.CASE, Paper.FAULT_RECORD}
    assert card.description == f"[HD-2024-17] {FAULT['summary']}"
    with builder.database.read() as session:
        [row] = record_rows_of(session, RecordFilter(), builder.company.policy, clock.now())
    assert row.outcome is not None
    assert row.outcome.on_time is None


def test_an_import_notifies_and_reminds_nobody(builder: CaseBuilder, clock: ManualClock, bring: BringIn) -> None:
    bring(ImportKind.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    assert (count(builder, Outgoing), count(builder, Reminder)) == (0, 0)
    clock.move(days=30)
    assert builder.sweep() == 0


def test_importing_the_same_fault_again_adds_nothing(builder: CaseBuilder, bring: BringIn) -> None:
    bring(ImportKind.FAULTS, FAULT)
    tally = bring(ImportKind.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    assert (tally.added["fault"], tally.there["fault"], count(builder, Case)) == (1, 1, 2)


@pytest.mark.parametrize("settled", [False, True])
def test_an_imported_fault_is_counted_apart_and_in_no_other_measure(
    builder: CaseBuilder, clock: ManualClock, bring: BringIn, settled: bool
) -> None:
    """The other measures would need steps that nobody recorded: see docs/operations.md."""
    builder.fault(State.CLOSED)

    def measured(words: str, **only: str) -> list[Measure]:
        query = StatisticsQuery(_period(builder, clock, words), **only)
        with builder.database.read() as session:
            return list(statistics(session, query, builder.company, clock.now()))

    months = ("2024-03", "2024-03-01 to 2024-03-02", "2024-02", "2024-04", "2026-11", "2026")
    before = [measured(month) for month in months]
    bring(ImportKind.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    if settled:
        with builder.database.write() as session:
            assert settle(session, 100).count == 3
    after = [measured(month) for month in months]
    assert [counted.pop().value for counted in after] == [2, 2, 0, 0, 0, 0]
    assert after == [counted[:-1] for counted in before]
    assert measured("2024-03", customer=FAULT["customer"]).pop().value == 1


@pytest.mark.parametrize("settled", [False, True])
def test_a_reopened_imported_fault_counts_by_its_steps_from_then_on(
    builder: CaseBuilder, clock: ManualClock, bring: BringIn, settled: bool
) -> None:
    week = timedelta(days=7)
    reported, closed = clock.now() - 6 * week, clock.now() - week
    bring(ImportKind.FAULTS, {**LEAST, "reported_at": f"{reported:%Y-%m-%d}", "closed_at": f"{closed:%Y-%m-%d}"})
    before = StatisticsQuery(_period(builder, clock, f"{reported:%Y-%m}"))
    builder.take(Step.REOPEN, CHEN, 1, reason="It is back", evidence="Mail")
    clock.move(hours=1)
    if settled:
        builder.take(Step.WITHDRAW, CHEN, 1, reason="By itself", evidence="Mail")
        clock.move(hours=1)
        with builder.database.write() as session:
            assert settle(session, 100).count == 1
    since = StatisticsQuery(_period(builder, clock, f"{reported:%Y-%m-%d} to {clock.now():%Y-%m-%d}"))
    with builder.database.read() as session:
        then, now = (statistics(session, asked, builder.company, clock.now()) for asked in (before, since))
    assert [measure.value for measure in (then[-1], now[-1])] == [1, 0]
    assert [sum(measure.n for measure in all_of if measure.code == "M6") for all_of in (then, now)] == [0, 1]


def test_the_imported_faults_of_a_period_are_listed(builder: CaseBuilder, clock: ManualClock, bring: BringIn) -> None:
    bring(ImportKind.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    asked = StatisticsQuery(_period(builder, clock, "2024-03"))
    with builder.database.read() as session:
        counted = statistics(session, asked, builder.company, clock.now(), "historic")[0]
        assert behind(session, asked, counted, Side.DENOMINATOR, builder.company, clock.now()) == [1, 2]


def _period(builder: CaseBuilder, clock: ManualClock, words: str) -> Period:
    period = parse(words, builder.company, clock.now())
    assert period is not None
    return period
