"""The words after `/fault stats`: a period, a customer and a product in any order; and how buttons carry them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_settings import Office
from bot.casework.statistics.measures import Asked
from bot.casework.statistics.periods import Period, parse
from bot.casework.statistics.query import MOST_WORDS, Unclear, Why, allow, carried, lines, read, restored
from bot.workflow.refusal import Refused
from storage import registers
from storage.database import Database
from storage.vocabulary import State
from tests.casework.conftest import Hand
from tests.support.case_builder import Doing
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HUANG, LIN, VIEWER, WU, ZHAO

OFFICE = Office(DESK, zone=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
HUADONG, NANLING, BANK = "Huadong Telecom Anhui 华东电信安徽分公司", "Nanling Mobile 南岭移动", "Month End Bank"
BILLING, CARE, PORT = "Billing Suite 计费账务系统", "Customer Care 客户关怀系统", "Port Exchange 口岸数据交换平台"


@pytest.fixture
def known(doing: Doing) -> Database:
    """A database with known customers and products."""
    with doing.database.write() as session:
        for name in (HUADONG, NANLING, BANK):
            registers.customer(session, name)
        for name in (BILLING, CARE, PORT, "Billing Archive", "Nanling Gate", "Port"):
            registers.product(session, name)
    return doing.database


def asked(words: str, **names: str) -> Asked:
    return Asked(period(words), **names)


def period(words: str) -> Period:
    found = parse(words, OFFICE, NOW)
    assert found is not None
    return found


def understood(database: Database, words: str) -> Asked | Unclear:
    with database.read() as session:
        return read(session, words, OFFICE, NOW)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("", asked("")),
        ("last month", asked("last month")),
        ("2026-10 Billing Suite", asked("2026-10", product=BILLING)),
        ("billing suite   2026-10", asked("2026-10", product=BILLING)),
        ("本月 南岭移动", asked("本月", customer=NANLING)),
        ("南岭 上月", asked("last month", customer=NANLING)),
        ("HUADONG", asked("", customer=HUADONG)),
        (f"{HUADONG} 2026-10-01 to 2026-10-15 {CARE}", asked("2026-10-01..2026-10-15", customer=HUADONG, product=CARE)),
        ("care week nanling mobile", asked("week", customer=NANLING, product=CARE)),
        ("Month End Bank last month", asked("last month", customer=BANK)),
        ("last month Month End Bank", asked("last month", customer=BANK)),
        ("port", asked("", product="Port")),
        ("客户关怀", asked("", product=CARE)),
    ],
)
def test_words_are_understood(known: Database, words: str, meant: Asked) -> None:
    assert understood(known, words) == meant


@pytest.mark.parametrize(
    ("words", "unclear"),
    [
        ("soon", Unclear(Why.UNKNOWN, "soon")),
        ("last month of the year", Unclear(Why.UNKNOWN, "of the")),
        ("uite", Unclear(Why.UNKNOWN, "uite")),
        ("2026-13 billing suite", Unclear(Why.UNKNOWN, "2026-13")),
        ("系", Unclear(Why.UNKNOWN, "系")),
        ("Billing", Unclear(Why.AMBIGUOUS, "Billing", ("Billing Archive", BILLING))),
        ("nanling", Unclear(Why.AMBIGUOUS, "nanling", (NANLING, "Nanling Gate"))),
        ("week month", Unclear(Why.TWICE, "month")),
        ("huadong month end", Unclear(Why.TWICE, "month end")),
        ("2027", Unclear(Why.FUTURE, "2027")),
        ("2026-12 billing suite", Unclear(Why.FUTURE, "2026-12")),
        ("2026-11-24", Unclear(Why.FUTURE, "2026-11-24")),
    ],
)
def test_words_that_are_not_understood_are_named(known: Database, words: str, unclear: Unclear) -> None:
    assert understood(known, words) == unclear


def test_very_many_words_are_unknown_as_a_whole(known: Database) -> None:
    assert understood(known, "x " * 1500) == Unclear(Why.UNKNOWN, "x " * 1500)
    assert understood(known, "x " * MOST_WORDS) == Unclear(Why.UNKNOWN, " ".join("x" * MOST_WORDS))


def test_today_is_not_in_the_future(known: Database) -> None:
    assert understood(known, "2026-11-23") == asked("2026-11-23")


@pytest.mark.parametrize("names", [{}, {"customer": NANLING}, {"customer": HUADONG, "product": BILLING}])
def test_what_was_asked_is_restored_from_what_a_button_carries(known: Database, names: dict[str, str]) -> None:
    before = asked("2026-10", **names)
    with known.read() as session:
        data = carried(session, before)
        assert restored(session, data, OFFICE) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"first": "soon"},
        {"first": None},
        {"first": "2026-11-30", "last": "2026-11-01"},
        {"last": "9999-12-31"},
        {"customer": 99},
        {"customer": "1"},
        {"customer": -1},
        {"product": 2**40},
        {"product": [1]},
    ],
)
def test_forged_button_data_is_refused(known: Database, changed: dict[str, Any]) -> None:
    data = {"first": "2026-11-01", "last": "2026-11-30", "customer": None, "product": None}
    with known.read() as session, pytest.raises(Refused):
        restored(session, {**data, **changed}, OFFICE)
    with known.read() as session, pytest.raises(Refused):
        restored(session, {}, OFFICE)


def test_everybody_with_a_role_may_ask_for_statistics(doing: Doing) -> None:
    with doing.database.read() as session:
        for person in (HUANG, CHEN, WU, LIN, ADMIN, VIEWER):
            allow(session, person, OFFICE, NOW)
        for person in (ANNA, ZHAO, "U0NOBODY"):
            with pytest.raises(Refused):
                allow(session, person, OFFICE, NOW)


def test_cases_are_listed_newest_first(doing: Doing, hand: Hand) -> None:
    first, second = doing.fault(State.DECISION), doing.report()
    hand.move(days=30)
    with doing.database.read() as session:
        shown = lines(session, [first, second], hand.now)
    assert [(line.number, line.state) for line in shown] == [("F-2", State.TRIAGE), ("F-1", State.DECISION)]
    assert [line.overdue for line in shown] == [False, True]
