"""What was there before this desk: brought in whole, once, told apart from what happened here, and nothing invented."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import func, select

from bot.casework.cards import load_card
from bot.casework.import_columns import plainly
from bot.casework.importing import COLUMNS, Bad, Import, Refused, Table, Tally, What, bring_in
from bot.casework.office import Office
from bot.casework.periods import parse
from bot.casework.record_rows import record_rows_of
from bot.casework.statistics import Asked, statistics
from bot.casework.verify import verify
from bot.i18n import translator
from storage import audit, registers
from storage.record_rows import Wanted
from storage.tables import Case, Customer, Outgoing, Product, ProductVersion, Reminder
from storage.vocabulary import Basis, CauseClass, Channel, Kind, Paper, Severity, Source, State, SymptomKind
from tests.casework.conftest import Hand
from tests.casework.doing import Doing
from tests.team import ADMIN, SHANGHAI

BringIn = Callable[..., Tally]
FAULT: dict[str, Any] = {
    "reference": "HD-2024-17",
    "customer": "Huadong Telecom Anhui 华东电信安徽分公司",
    "contact": "Sun Li 孙丽",
    "contact_way": "138 0000 0000",
    "product": "Billing Suite 计费账务系统",
    "version": "V3.1",
    "module": "Rating 批价",
    "summary": "Rating process exits 批价进程异常退出",
    "description": "It exits at night.\n夜间退出。",
    "channel": "phone",
    "found_at": "2024-03-01 08:50",
    "reported_at": "2024-03-01 09:10",
    "symptom_kind": "exit",
    "severity": "very_severe",
    "severity_reason": "No bills are made",
    "cause_class": "code",
    "direct_cause": "Overflow",
    "measure": "Widen the column",
    "deadline_at": "2024-03-02 14:00",
    "first_deadline_at": "2024-03-01 14:00",
    "moved_count": "1",
    "deadline_basis": "customer_stipulated",
    "deadline_contact": "Sun Li",
    "deadline_agreed_at": "2024-03-01 10:00",
    "deadline_evidence": "Phone call",
    "reply": "Fixed with V3.1.1",
    "resolved_at": "2024-03-02 13:20",
    "closed_at": "2024-03-03 10:00",
    "fixed_version": "V3.1.1",
    "reopen_count": "0",
}
LEAST = {code: FAULT[code] for code in ("reference", "product", "version", "summary", "channel")} | {
    "reported_at": "2024-03-01",
    "severity": "general",
    "closed_at": "2024-03-09",
}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2024, from Shanghai's clock."""
    return datetime(2024, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def bring(doing: Doing, hand: Hand) -> BringIn:
    """Brings rows in; a row maps headings to cells."""

    def write(what: What, *rows: dict[str, Any], office: Office = doing.office) -> Tally:
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        cells = [(line, [row.get(heading) for heading in headings]) for line, row in enumerate(rows, start=2)]
        with doing.database.write() as session:
            return bring_in(what, Table(headings, cells), Import(session, office, ADMIN, hand.now))

    return write


def refused(bring: BringIn, what: What, *rows: dict[str, Any], **more: Any) -> list[Bad]:
    with pytest.raises(Refused) as caught:
        bring(what, *rows, **more)
    return list(caught.value.bad)


def count(doing: Doing, table: type[Any]) -> int:
    with doing.database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


# ---- Customers and products ----------------------------------------------------------------------------------


def test_customers_come_in_once(doing: Doing, bring: BringIn) -> None:
    rows = (
        {"customer": "  Nanling \n Mobile "},
        {"customer": "华东电信"},
        {"customer": "Nanling Mobile"},
        {"customer": ""},
    )
    first = bring(What.CUSTOMERS, *rows)
    assert (first.added["customer"], first.there["customer"]) == (2, 1)
    again = bring(What.CUSTOMERS, *rows)
    assert (again.added["customer"], again.there["customer"]) == (0, 3)
    with doing.database.read() as session:
        assert set(session.exec(select(Customer.name))) == {"Nanling Mobile", "华东电信"}


def test_products_come_with_versions_modules_and_their_default(doing: Doing, bring: BringIn) -> None:
    rows = (
        {"product": "Billing", "version": "V3.2", "module": "Rating", "default_days": 10.0},
        {"product": "Billing", "version": "V3.3", "module": "Rating", "default_days": ""},
        {"product": "Care", "version": 2.5},
    )
    tally = bring(What.PRODUCTS, *rows)
    assert dict(tally.added) == {"product": 2, "version": 3, "module": 1}
    with doing.database.read() as session:
        billing = registers.find_product(session, "Billing")
        assert billing is not None
        assert billing.default_days == 10
        assert registers.parts_like(session, ProductVersion, "Billing", "", 9) == ["V3.2", "V3.3"]
        assert registers.parts_like(session, ProductVersion, "Care", "", 9) == ["2.5"]
    assert sum(bring(What.PRODUCTS, *rows).added.values()) == 0


def test_a_default_once_set_is_not_changed(doing: Doing, bring: BringIn) -> None:
    bring(What.PRODUCTS, {"product": "Billing", "default_days": "10"})
    bad = refused(bring, What.PRODUCTS, {"product": "Care"}, {"product": "Billing", "default_days": "20"})
    assert bad == [Bad(3, "default_days", "is 20, but 10 for this product already")]
    assert count(doing, Product) == 1, "all or nothing"


# ---- A historic fault ----------------------------------------------------------------------------------------


def test_a_historic_fault_is_a_closed_case(doing: Doing, hand: Hand, bring: BringIn) -> None:
    tally = bring(What.FAULTS, FAULT)
    assert dict(tally.added) == {"fault": 1}
    card = doing.card(1)
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


def test_its_history_says_who_brought_it_in_and_when_and_holds(doing: Doing, hand: Hand, bring: BringIn) -> None:
    bring(What.FAULTS, FAULT)
    with doing.database.read() as session:
        [entry] = audit.entries(session, 1)
        assert (entry.at, entry.person_id, entry.to_state) == (hand.now, ADMIN, State.CLOSED)
        last = load_card(session, 1, hand.now).last
        assert (last.data["imported"], last.data["reference"]) == (True, "HD-2024-17")
        found = verify(session, 1)
    assert (found.entries, found.papers, found.findings) == (1, 4, ())


def test_it_stands_in_the_product_fault_record_table(doing: Doing, hand: Hand, bring: BringIn) -> None:
    bring(What.FAULTS, FAULT)
    with doing.database.read() as session:
        [row] = record_rows_of(session, Wanted(), hand.now)
    assert (row.current, row.severity_reason, row.deadline_contact) == (True, "No bills are made", "Sun Li")
    assert row.standing is not None
    assert (row.standing.on_time, row.standing.on_time_at_first) == (True, False)
    assert (row.standing.resolved_at, row.standing.closed_at) == (at(2, 13, 20), at(3, 10))


def test_of_little_that_is_known_nothing_more_is_made(doing: Doing, hand: Hand, bring: BringIn) -> None:
    bring(What.FAULTS, LEAST)
    card = doing.card(1)
    assert (card.customer, card.source, card.contact) == (None, Source.INTERNAL, "")
    assert (card.resolved_at, card.deadline_at, card.deadline_basis) == (None, None, Basis.NONE)
    assert (card.reported_at, card.found_at) == (at(1, 0), at(1, 0))
    assert {paper.paper for paper in card.papers} == {Paper.CASE, Paper.FAULT_RECORD}
    assert card.description == f"[HD-2024-17] {FAULT['summary']}"
    with doing.database.read() as session:
        [row] = record_rows_of(session, Wanted(), hand.now)
    assert row.standing is not None
    assert row.standing.on_time is None


def test_nobody_is_told_or_reminded(doing: Doing, hand: Hand, bring: BringIn) -> None:
    bring(What.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    assert (count(doing, Outgoing), count(doing, Reminder)) == (0, 0)
    hand.move(days=30)
    assert doing.sweep() == 0


def test_a_second_time_adds_nothing(doing: Doing, bring: BringIn) -> None:
    bring(What.FAULTS, FAULT)
    tally = bring(What.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    assert (tally.added["fault"], tally.there["fault"], count(doing, Case)) == (1, 1, 2)


def test_no_measure_counts_it(doing: Doing, hand: Hand, bring: BringIn) -> None:
    """What is not known of its steps would be invented: see docs/operations.md."""
    doing.fault(State.CLOSED)

    def measured(words: str) -> Any:
        period = parse(words, doing.office, hand.now)
        assert period is not None
        with doing.database.read() as session:
            return statistics(session, Asked(period), hand.now)

    before = [measured(words) for words in ("2024-03", "2026-11", "2026")]
    bring(What.FAULTS, FAULT, {**LEAST, "reference": "HD-2"})
    assert [measured(words) for words in ("2024-03", "2026-11", "2026")] == before


# ---- What is wrong -------------------------------------------------------------------------------------------


def test_every_wrong_cell_is_told_and_nothing_written(doing: Doing, bring: BringIn) -> None:
    good = {**LEAST, "reference": "HD-1"}
    rows = (
        good,
        {**good, "reference": "", "severity": "awful", "closed_at": "yesterday"},
        {**good, "reference": "HD-3", "reported_at": "2027-01-01", "summary": "x" * 141},
        {**good, "reference": "HD-4", "reported_at": "2024-02-30", "moved_count": "-1"},
        good,
    )
    assert refused(bring, What.FAULTS, *rows) == [
        Bad(3, "reference", "is empty"),
        Bad(3, "severity", "is none of: very_severe, severe, general"),
        Bad(3, "closed_at", "is no date and time; for example 2026-03-01 14:30"),
        Bad(4, "summary", "is 141 characters long; 140 are the most"),
        Bad(4, "reported_at", "lies in the future"),
        Bad(5, "reported_at", "is no date and time; for example 2026-03-01 14:30"),
        Bad(5, "moved_count", "is no whole number from 0 to 1000"),
        Bad(6, "reference", "is that of line 2 as well"),
    ]
    assert count(doing, Case) == 0


@pytest.mark.parametrize(
    ("changed", "column", "why"),
    [
        ({"closed_at": "2024-02-01"}, "closed_at", "lies before resolved_at"),
        ({"resolved_at": "2024-02-27"}, "resolved_at", "lies before reported_at"),
        ({"deadline_at": ""}, "deadline_at", "is empty, but deadline_basis is customer_stipulated"),
        ({"deadline_basis": ""}, "deadline_basis", "does not say who set the deadline"),
        ({"deadline_basis": "none"}, "deadline_basis", "does not say who set the deadline"),
        ({"deadline_at": "2024-02-28 08:00"}, "deadline_at", "lies before reported_at"),
        (
            {"deadline_basis": "negotiating"},
            "deadline_basis",
            "is none of: customer_stipulated, negotiated, default, internal, none",
        ),
    ],
)
def test_what_does_not_fit_together(bring: BringIn, changed: dict[str, str], column: str, why: str) -> None:
    assert Bad(2, column, why) in refused(bring, What.FAULTS, {**FAULT, **changed})


def test_names_must_be_known_where_reporters_may_bring_no_new_ones(doing: Doing, bring: BringIn) -> None:
    strict = replace(doing.office, new_names=False)
    bad = refused(bring, What.FAULTS, FAULT, office=strict)
    assert [one.column for one in bad] == ["customer", "product", "version", "module"]
    assert "import customers and products first" in bad[0].why
    bring(What.CUSTOMERS, {"customer": FAULT["customer"]})
    bring(What.PRODUCTS, {code: FAULT[code] for code in ("product", "version", "module")})
    assert bring(What.FAULTS, FAULT, office=strict).added["fault"] == 1


def test_headings_are_judged_first(bring: BringIn) -> None:
    bad = refused(bring, What.FAULTS, {"reference": "1", "Colour": "red", "原编号": "2"})
    told = {(one.column, one.why) for one in bad}
    assert ("Colour", "is no column of this import") in told
    assert ("reference", "is there more than once") in told
    assert ("closed_at", "is missing") in told
    assert {one.line for one in bad} == {1}


def test_a_cell_beyond_the_last_column(doing: Doing, hand: Hand) -> None:
    table = Table(["customer"], [(2, ["Nanling", "Mobile"])])
    with doing.database.write() as session, pytest.raises(Refused) as caught:
        bring_in(What.CUSTOMERS, table, Import(session, doing.office, ADMIN, hand.now))
    assert caught.value.bad == (Bad(2, None, "has a cell beyond the last column: Mobile"),)


# ---- Words ---------------------------------------------------------------------------------------------------


def test_in_chinese_words(doing: Doing, bring: BringIn) -> None:
    words = {
        **{"原编号": "HD-1", "客户": "华东电信", "产品": "计费账务系统", "版本": "V3.2", "模块": "批价"},
        **{"标题": "批价异常退出", "服务方式": "电话", "提出时间": "2024年3月1日 9:10", "严重性": "非常严重"},
        **{"解决期限": "2024/3/2", "期限依据": "客户规定", "解决时间": "2024/3/2 13:20:05"},
        **{"关闭时间": datetime(2024, 3, 3, 10), "修复版本": "V3.2.1"},  # noqa: DTZ001 - as Excel has it
    }
    bring(What.FAULTS, words)
    card = doing.card(1)
    assert (card.severity, card.channel) == (Severity.VERY_SEVERE, Channel.PHONE)
    assert card.deadline_basis is Basis.CUSTOMER_STIPULATED
    assert card.deadline_at == at(2, 23, 59), "a deadline's day is its last minute"
    assert (card.reported_at, card.resolved_at) == (at(1, 9, 10), at(2, 13, 20).replace(second=5))
    assert card.closed_at == at(3, 10), "Excel's own moments are the desk's"


def test_a_moment_may_name_its_zone(doing: Doing, bring: BringIn) -> None:
    bring(What.FAULTS, {**LEAST, "reported_at": "2024-03-01T09:10:00+01:00", "closed_at": "2024-03-09T00:00Z"})
    assert doing.card(1).reported_at == datetime(2024, 3, 1, 8, 10, tzinfo=UTC)


@pytest.mark.parametrize("what", What)
def test_no_heading_means_two_columns(what: What) -> None:
    headings = [heading for column in COLUMNS[what] for heading in column.headings]
    assert len(headings) == len(set(headings))


def test_the_record_tables_own_headings_are_understood() -> None:
    from bot.documents.record_table import COLUMNS as EXPORTED

    known = {heading for column in COLUMNS[What.FAULTS] for heading in column.headings}
    shared = {"Summary", "Customer", "Product", "Module", "Severity", "Deadline", "First deadline", "Reported"}
    for t in (translator("en", None), translator("zh-CN", None)):
        for column in EXPORTED:
            if column.title(translator("en", None)) in shared | {"Resolved", "Closed", "Fixed in", "Reopened (times)"}:
                assert plainly(column.title(t)) in known


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai"])
@pytest.mark.parametrize(
    "written", ["9999-12-31", "0001-01-01", "2200-01-01", "1969-12-31 23:59", "9999-12-31T23:59:59-12:00", date.max]
)
def test_moments_that_not_every_zone_can_say_are_refused(
    doing: Doing, bring: BringIn, zone: str, written: str | date
) -> None:
    there = replace(doing.office, zone=ZoneInfo(zone))
    why = "lies outside the years 1970 to 2199"
    found = refused(bring, What.FAULTS, {**FAULT, "reported_at": written, "deadline_at": written}, office=there)
    assert found[:2] == [Bad(2, "reported_at", why), Bad(2, "deadline_at", why)]
