"""Export orders: how words become an order, who may place it, and where the file goes."""

import json
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from bot.casework.records import export_orders
from bot.casework.records.export_orders import FORMS, Order, What
from bot.casework.records.export_words import order_of, understood
from bot.casework.statistics.query import Unclear
from bot.workflow.refusal import Refused
from storage.tables import Outgoing
from storage.vocabulary import Paper, State
from tests.support.case_builder import Doing
from tests.support.team import ADMIN, ANNA, CHEN, LIN, VIEWER

HUADONG = "Huadong Telecom Anhui 华东电信安徽分公司"
NOVEMBER: dict[str, Any] = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}


def ordered(doing: Doing, words: str, language: str = "en") -> Order | Unclear | None:
    with doing.database.read() as session:
        return order_of(session, understood(words), CHEN, language, doing.office, doing.clock())


def an_order(what: What = What.PAPER, **more: Any) -> Order:
    usual: dict[str, Any] = {"asker": CHEN, "form": FORMS[what][0], "language": "en"}
    return Order(what=what, **{**usual, **more})


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("F-1 T02", {"what": What.PAPER, "case_id": 1, "paper": Paper.FAULT_SHEET, "form": "docx"}),
        ("pdf t04 f-1 双语", {"case_id": 1, "paper": Paper.ANALYSIS_REPORT, "form": "pdf", "language": "both"}),
        ("BTSP-SM-T06 F-1 word 中文", {"paper": Paper.TEST_RECORD, "form": "docx", "language": "zh-CN"}),
        ("F-1 故障分析报告", {"paper": Paper.ANALYSIS_REPORT}),
        ("table", {"what": What.TABLE, "form": "xlsx", "first": None, "case_id": None}),
        ("记录表 2026-11 csv", {"what": What.TABLE, "form": "csv", **NOVEMBER}),
        ("T05 F-1", {"what": What.TABLE, "case_id": 1}),
        ("charts", {"what": What.CHARTS, **NOVEMBER}),
        ("统计报告 2026-11 excel", {"what": What.REPORT, "form": "xlsx", **NOVEMBER}),
        ("pack F-1", {"what": What.PACK, "case_id": 1, "first": None}),
        ("证据包 11月 both", {"what": What.PACK, "language": "both", **NOVEMBER}),
        ("table Huadong", {"what": What.TABLE, "customer": HUADONG, "first": None}),
        ("table Huadong this month", {"what": What.TABLE, "customer": HUADONG, **NOVEMBER}),
        ("table all", {"what": What.TABLE, "first": None}),
        ("表 全部 Huadong", {"what": What.TABLE, "customer": HUADONG, "first": None}),
        ("1 T02", {"what": What.PAPER, "case_id": 1, "paper": Paper.FAULT_SHEET}),
    ],
)
def test_words_become_an_order(doing: Doing, words: str, meant: dict[str, Any]) -> None:
    doing.report()
    found = ordered(doing, words)
    assert isinstance(found, Order), found
    assert {name: getattr(found, name) for name in meant} == meant


@pytest.mark.parametrize(
    "words", ["T02", "F-1 charts", "F-1 report pdf", "F-1 T02 2026-11", "F-1 T02 Huadong", "last month", "F-1", "pdf"]
)
def test_words_that_do_not_name_exactly_one_document_become_no_order(doing: Doing, words: str) -> None:
    doing.report()
    assert ordered(doing, words) is None


@pytest.mark.parametrize(
    "words", ["table nonsense", "nonsense", "charts 2999", "F-1 F-2 T02", "charts all", "table all 2026-11"]
)
def test_unknown_words_are_unclear(doing: Doing, words: str) -> None:
    assert isinstance(ordered(doing, words), Unclear)


@pytest.mark.parametrize(("words", "why"), [("F-1 T02 csv", "NotInThatForm"), ("charts both", "OneLanguage")])
def test_a_format_or_language_that_is_not_made_is_refused(doing: Doing, words: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        ordered(doing, words)
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
        {"what": What.CHARTS},
        {"what": What.CHARTS, "case_id": 1},
        {"what": What.REPORT, "first": date(2026, 11, 1)},
        {"what": What.REPORT, "first": date(2026, 11, 2), "last": date(2026, 11, 1)},
        {"what": What.PACK},
        {"what": What.PACK, "case_id": 1, **NOVEMBER},
        {"what": What.TABLE, "paper": Paper.FAULT_SHEET},
    ],
)
def test_an_incomplete_or_contradicting_order_is_invalid(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        an_order(**more)


def placed(doing: Doing, order: Order, delivery: str = "one") -> bool:
    with doing.database.write() as session:
        return export_orders.place(session, order, delivery, doing.office, doing.clock())


def waiting(doing: Doing) -> list[tuple[str, Order]]:
    """The target and the order of each waiting file."""
    with doing.database.read() as session:
        rows = session.exec(select(Outgoing).where(Outgoing.view == "file"))
        return [(row.target, Order.model_validate(json.loads(row.arguments)["order"])) for row in rows]


@pytest.mark.parametrize("order", [an_order(What.TABLE), an_order(What.PACK, **NOVEMBER)], ids=lambda one: one.what)
def test_only_the_center_may_order_files_of_a_period(doing: Doing, order: Order) -> None:
    for person in (CHEN, LIN, VIEWER):
        assert not placed(doing, order.model_copy(update={"asker": person}), person)
    for person in (ANNA, ADMIN):
        with pytest.raises(Refused, match="ForTheCenter"):
            placed(doing, order.model_copy(update={"asker": person}), person)
    assert [target for target, _order in waiting(doing)] == [CHEN, LIN, VIEWER]


def test_a_document_goes_to_the_desk_channel_or_to_the_reporter_who_may_read_it(doing: Doing) -> None:
    case = doing.report(ANNA)
    doing.onward(case, State.CLOSED)
    sheet, manual = (an_order(case_id=case, paper=paper) for paper in (Paper.FAULT_SHEET, Paper.MANUAL_PART))
    assert placed(doing, sheet, "one")
    assert not placed(doing, manual.model_copy(update={"asker": ANNA}), "two")
    with pytest.raises(Refused, match="InternalPaper"):
        placed(doing, sheet.model_copy(update={"asker": ANNA}), "three")
    assert [target for target, _order in waiting(doing)] == [doing.office.desk, ANNA]
    offered = export_orders.offered((Paper.FAULT_SHEET, Paper.MANUAL_PART), inside=False)
    assert offered == (Paper.MANUAL_PART,)


def test_the_same_request_is_one_order(doing: Doing) -> None:
    for _again in range(2):
        placed(doing, an_order(What.TABLE), "the same")
    assert len(waiting(doing)) == 1


def test_a_document_that_does_not_exist_yet_is_refused(doing: Doing) -> None:
    case = doing.report()
    with pytest.raises(Refused, match="NoSuchPaper"):
        placed(doing, an_order(case_id=case, paper=Paper.FAULT_SHEET))


def test_an_order_names_its_period_customer_or_case_and_selects_those_rows(doing: Doing) -> None:
    doing.report()
    october = an_order(What.TABLE, first=date(2026, 10, 1), last=date(2026, 10, 31), customer=HUADONG)
    assert october.about == ("2026-10-01", "2026-10-31", HUADONG)
    assert an_order(What.TABLE, case_id=7).about == ("F-7",)
    with doing.database.read() as session:
        wanted = october.wanted(session, doing.office.zone, closed=True)
        assert (wanted.customer_id, wanted.case_id, wanted.closed) == (1, None, True)
        assert an_order(What.TABLE, case_id=7).wanted(session, doing.office.zone).case_id == 7
