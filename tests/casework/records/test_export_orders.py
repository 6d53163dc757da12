"""Export orders: how words become an order, who may place it, and where the file goes."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from bot.casework.records import export_orders
from bot.casework.records.export_orders import FORMS, ExportKind, ExportOrder
from bot.casework.records.export_words import order_of, parse
from bot.casework.statistics.query import UnclearQuery
from bot.workflow.reading_levels import Level
from bot.workflow.refusal import Refused
from storage.database import Database
from storage.tables import Outgoing
from storage.vocabulary import Paper, State
from tests.support.case_builder import CaseBuilder
from tests.support.team import ADMIN, ANNA, CHEN, LIN, VIEWER

HUADONG = "Huadong Telecom Anhui 华东电信安徽分公司"
NOVEMBER: dict[str, Any] = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}


def ordered(builder: CaseBuilder, words: str, asker: str = CHEN) -> ExportOrder | UnclearQuery | None:
    with builder.database.read() as session:
        return order_of(session, parse(words), asker, "en", builder.company, builder.clock())


def an_order(what: ExportKind = ExportKind.PAPER, **more: Any) -> ExportOrder:
    usual: dict[str, Any] = {"asker": CHEN, "form": FORMS[what][0], "language": "en"}
    return ExportOrder(what=what, **{**usual, **more})


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("F-1 T02", {"what": ExportKind.PAPER, "case_id": 1, "paper": Paper.FAULT_SHEET, "form": "docx"}),
        ("pdf t04 f-1 双语", {"case_id": 1, "paper": Paper.ANALYSIS_REPORT, "form": "pdf", "language": "both"}),
        ("BTSP-SM-T06 F-1 word 中文", {"paper": Paper.TEST_RECORD, "form": "docx", "language": "zh-CN"}),
        ("F-1 故障分析报告", {"paper": Paper.ANALYSIS_REPORT}),
        ("table", {"what": ExportKind.TABLE, "form": "xlsx", "first": None, "case_id": None}),
        ("记录表 2026-11 csv", {"what": ExportKind.TABLE, "form": "csv", **NOVEMBER}),
        ("T05 F-1", {"what": ExportKind.TABLE, "case_id": 1}),
        ("charts", {"what": ExportKind.CHARTS, **NOVEMBER}),
        ("统计报告 2026-11 excel", {"what": ExportKind.REPORT, "form": "xlsx", **NOVEMBER}),
        ("pack F-1", {"what": ExportKind.PACK, "case_id": 1, "first": None}),
        ("证据包 11月 both", {"what": ExportKind.PACK, "language": "both", **NOVEMBER}),
        ("table Huadong", {"what": ExportKind.TABLE, "customer": HUADONG, "first": None}),
        ("table Huadong this month", {"what": ExportKind.TABLE, "customer": HUADONG, **NOVEMBER}),
        ("table all", {"what": ExportKind.TABLE, "first": None}),
        ("表 全部 Huadong", {"what": ExportKind.TABLE, "customer": HUADONG, "first": None}),
        ("1 T02", {"what": ExportKind.PAPER, "case_id": 1, "paper": Paper.FAULT_SHEET}),
    ],
)
def test_words_become_an_order(builder: CaseBuilder, words: str, meant: dict[str, Any]) -> None:
    builder.report()
    found = ordered(builder, words)
    assert isinstance(found, ExportOrder), found
    assert {name: getattr(found, name) for name in meant} == meant


@pytest.mark.parametrize(
    "words", ["T02", "F-1 charts", "F-1 report pdf", "F-1 T02 2026-11", "F-1 T02 Huadong", "last month", "F-1", "pdf"]
)
def test_words_that_do_not_name_exactly_one_document_become_no_order(builder: CaseBuilder, words: str) -> None:
    builder.report()
    assert ordered(builder, words) is None


@pytest.mark.parametrize(
    "words", ["table nonsense", "nonsense", "charts 2199", "F-1 F-2 T02", "charts all", "table all 2026-11"]
)
def test_unknown_words_are_unclear(builder: CaseBuilder, words: str) -> None:
    builder.report()
    assert isinstance(ordered(builder, words), UnclearQuery)


@pytest.mark.parametrize(("words", "why"), [("F-1 T02 csv", "NotInThatForm"), ("charts both", "OneLanguage")])
def test_a_format_or_language_that_is_not_made_is_refused(builder: CaseBuilder, words: str, why: str) -> None:
    builder.report()
    with pytest.raises(Refused) as refused:
        ordered(builder, words)
    assert [type(one.refusal).__name__ for one in refused.value.problems] == [why]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"case_id": 1},
        {"case_id": 1, "paper": Paper.FAULT_RECORD},
        {"paper": Paper.FAULT_SHEET},
        {"case_id": 0, "paper": Paper.FAULT_SHEET},
        {"case_id": 2**31, "paper": Paper.FAULT_SHEET},
        {"what": ExportKind.CHARTS},
        {"what": ExportKind.CHARTS, "case_id": 1},
        {"what": ExportKind.REPORT, "first": date(2026, 11, 1)},
        {"what": ExportKind.REPORT, "first": date(2026, 11, 2), "last": date(2026, 11, 1)},
        {"what": ExportKind.PACK},
        {"what": ExportKind.PACK, "case_id": 1, **NOVEMBER},
        {"what": ExportKind.TABLE, "paper": Paper.FAULT_SHEET},
    ],
)
def test_an_incomplete_or_contradicting_order_is_invalid(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        an_order(**more)


@pytest.mark.parametrize("asker", [ANNA, ADMIN, "U0GUEST"])
@pytest.mark.parametrize("words", ["table", "charts", "T02", "", "pack F-1", "T05 F-1", "T01 F-1"])
def test_no_name_is_looked_up_for_somebody_who_may_not_read_it(
    builder: CaseBuilder, statements: Callable[[Database], list[str]], asker: str, words: str
) -> None:
    """An order of sixteen words by a guest used to take ten seconds where there are 20,000 customers."""
    builder.report()
    seen = statements(builder.database)
    with suppress(Refused):
        assert ordered(builder, f"{words} {'Huadong ' * 16}", asker) is None
    assert seen
    assert not [one for one in seen if "FROM customers" in one and "LIKE" in one]


def placed(builder: CaseBuilder, order: ExportOrder, delivery: str = "one") -> bool:
    with builder.database.write() as session:
        return export_orders.place_order(session, order, delivery, builder.company, builder.clock())


def waiting(builder: CaseBuilder) -> list[tuple[str, ExportOrder]]:
    """The target and the order of each waiting file."""
    with builder.database.read() as session:
        rows = session.exec(select(Outgoing).where(Outgoing.view == "file"))
        return [(row.target, ExportOrder.model_validate(json.loads(row.arguments)["order"])) for row in rows]


@pytest.mark.parametrize(
    "order", [an_order(ExportKind.TABLE), an_order(ExportKind.PACK, **NOVEMBER)], ids=lambda one: one.what
)
def test_only_the_center_may_order_files_of_a_period(builder: CaseBuilder, order: ExportOrder) -> None:
    for person in (CHEN, LIN, VIEWER):
        assert not placed(builder, order.model_copy(update={"asker": person}), person)
    for person in (ANNA, ADMIN):
        with pytest.raises(Refused, match="ForTheCenter"):
            placed(builder, order.model_copy(update={"asker": person}), person)
    assert [target for target, _order in waiting(builder)] == [CHEN, LIN, VIEWER]


def test_a_document_goes_to_the_desk_channel_or_to_the_reporter_who_may_read_it(builder: CaseBuilder) -> None:
    case = builder.report(ANNA)
    builder.onward(case, State.CLOSED)
    sheet, manual = (an_order(case_id=case, paper=paper) for paper in (Paper.FAULT_SHEET, Paper.MANUAL_PART))
    assert placed(builder, sheet, "one")
    assert not placed(builder, manual.model_copy(update={"asker": ANNA}), "two")
    with pytest.raises(Refused, match="InternalPaper"):
        placed(builder, sheet.model_copy(update={"asker": ANNA}), "three")
    assert [target for target, _order in waiting(builder)] == [builder.company.desk_channel, ANNA]
    offered = export_orders.offered((Paper.FAULT_SHEET, Paper.MANUAL_PART), Level.REPORTER)
    assert offered == (Paper.MANUAL_PART,)


def test_the_same_request_is_one_order(builder: CaseBuilder) -> None:
    for _again in range(2):
        placed(builder, an_order(ExportKind.TABLE), "the same")
    assert len(waiting(builder)) == 1


def test_a_document_that_does_not_exist_yet_is_refused(builder: CaseBuilder) -> None:
    case = builder.report()
    with pytest.raises(Refused, match="NoSuchPaper"):
        placed(builder, an_order(case_id=case, paper=Paper.FAULT_SHEET))


def test_an_order_names_its_period_customer_or_case_and_selects_those_rows(builder: CaseBuilder) -> None:
    builder.report()
    october = an_order(ExportKind.TABLE, first=date(2026, 10, 1), last=date(2026, 10, 31), customer=HUADONG)
    assert october.about == ("2026-10-01", "2026-10-31", HUADONG)
    assert an_order(ExportKind.TABLE, case_id=7).about == ("F-7",)
    with builder.database.read() as session:
        wanted = october.wanted(session, builder.company.zone, closed=True)
        assert (wanted.customer_id, wanted.case_id, wanted.closed) == (1, None, True)
        assert an_order(ExportKind.TABLE, case_id=7).wanted(session, builder.company.zone).case_id == 7
