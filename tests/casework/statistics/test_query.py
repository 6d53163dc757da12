"""The words after `/fault stats`: a period, a customer and a product in any order; and how buttons carry them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.measures import StatisticsQuery
from bot.casework.statistics.periods import Period, parse
from bot.casework.statistics.query import MAX_WORDS, UnclearQuery, UnclearReason, allow, from_json, lines, read, to_json
from bot.workflow.refusal import Refused
from storage import registers
from storage.database import Database
from storage.tables import Customer
from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HUANG, LIN, VIEWER, WU, ZHAO

COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
HUADONG, NANLING, BANK = "Huadong Telecom Anhui 华东电信安徽分公司", "Nanling Mobile 南岭移动", "Month End Bank"
BILLING, CARE, PORT = "Billing Suite 计费账务系统", "Customer Care 客户关怀系统", "Port Exchange 口岸数据交换平台"


@pytest.fixture
def known(builder: CaseBuilder) -> Database:
    """A database with known customers and products."""
    with builder.database.write() as session:
        for name in (HUADONG, NANLING, BANK):
            registers.customer(session, name)
        for name in (BILLING, CARE, PORT, "Billing Archive", "Nanling Gate", "Port"):
            registers.product(session, name)
    return builder.database


def asked(words: str, **names: str) -> StatisticsQuery:
    return StatisticsQuery(period(words), **names)


def period(words: str) -> Period:
    found = parse(words, COMPANY, NOW)
    assert found is not None
    return found


def understood(database: Database, words: str) -> StatisticsQuery | UnclearQuery:
    with database.read() as session:
        return read(session, words, COMPANY, NOW)


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
def test_words_are_understood(known: Database, words: str, meant: StatisticsQuery) -> None:
    assert understood(known, words) == meant


@pytest.mark.parametrize(
    ("words", "unclear"),
    [
        ("soon", UnclearQuery(UnclearReason.UNKNOWN, "soon")),
        ("last month of the year", UnclearQuery(UnclearReason.UNKNOWN, "of the")),
        ("uite", UnclearQuery(UnclearReason.UNKNOWN, "uite")),
        ("2026-13 billing suite", UnclearQuery(UnclearReason.UNKNOWN, "2026-13")),
        ("系", UnclearQuery(UnclearReason.UNKNOWN, "系")),
        ("Billing", UnclearQuery(UnclearReason.AMBIGUOUS, "Billing", ("Billing Archive", BILLING))),
        ("nanling", UnclearQuery(UnclearReason.AMBIGUOUS, "nanling", (NANLING, "Nanling Gate"))),
        ("week month", UnclearQuery(UnclearReason.TWICE, "month")),
        ("huadong month end", UnclearQuery(UnclearReason.TWICE, "month end")),
        ("2027", UnclearQuery(UnclearReason.FUTURE, "2027")),
        ("2026-12 billing suite", UnclearQuery(UnclearReason.FUTURE, "2026-12")),
        ("2026-11-24", UnclearQuery(UnclearReason.FUTURE, "2026-11-24")),
    ],
)
def test_words_that_are_not_understood_are_named(known: Database, words: str, unclear: UnclearQuery) -> None:
    assert understood(known, words) == unclear


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("bank",), {BANK}),
        (("MOBILE", "bank"), {BANK, NANLING}),
        (("移动",), {NANLING}),
        (("É", "zzz"), set()),
        (("\u200b",), set()),
        (("%",), set()),
        (("_",), set()),
        (("\\",), set()),
    ],
)
def test_of_the_names_only_those_with_one_of_the_words_are_read(
    known: Database, words: tuple[str, ...], names: set[str]
) -> None:
    with known.read() as session:
        assert {name for name, _compared in registers.names_with(session, Customer, words)} == names


def test_capitals_of_every_alphabet_are_understood(known: Database) -> None:
    with known.write() as session:
        registers.customer(session, "Société Été")
    assert understood(known, "SOCIÉTÉ ÉTÉ") == asked("", customer="Société Été")


def test_very_many_words_are_unknown_as_a_whole(known: Database) -> None:
    assert understood(known, "x " * 1500) == UnclearQuery(UnclearReason.UNKNOWN, "x " * 1500)
    assert understood(known, "x " * MAX_WORDS) == UnclearQuery(UnclearReason.UNKNOWN, " ".join("x" * MAX_WORDS))


def test_today_is_not_in_the_future(known: Database) -> None:
    assert understood(known, "2026-11-23") == asked("2026-11-23")


@pytest.mark.parametrize("names", [{}, {"customer": NANLING}, {"customer": HUADONG, "product": BILLING}])
def test_what_was_asked_is_restored_from_what_a_button_carries(known: Database, names: dict[str, str]) -> None:
    before = asked("2026-10", **names)
    with known.read() as session:
        data = to_json(session, before)
        assert from_json(session, data, COMPANY) == before


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
        from_json(session, {**data, **changed}, COMPANY)
    with known.read() as session, pytest.raises(Refused):
        from_json(session, {}, COMPANY)


def test_everybody_who_reads_all_cases_may_ask_for_statistics(builder: CaseBuilder) -> None:
    with builder.database.read() as session:
        for person in (HUANG, CHEN, WU, LIN, VIEWER):
            allow(session, person, COMPANY, NOW)
        for person in (ADMIN, ANNA, ZHAO, "U0NOBODY"):
            with pytest.raises(Refused):
                allow(session, person, COMPANY, NOW)


def test_cases_are_listed_newest_first(builder: CaseBuilder, clock: ManualClock) -> None:
    first, second = builder.fault(State.DECISION), builder.report()
    clock.move(days=30)
    with builder.database.read() as session:
        shown = lines(session, [first, second], COMPANY.policy, clock.now())
    assert [(line.number, line.state) for line in shown] == [("F-2", State.TRIAGE), ("F-1", State.DECISION)]
    assert [line.overdue for line in shown] == [False, True]
