"""Working time in waiting and daily reminders and in default deadlines, at a desk that is open from nine to six."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.casework.company_settings import Office
from bot.casework.steps.notify import View
from bot.workflow.calendar import MONDAY_TO_FRIDAY, WorkingCalendar
from bot.workflow.context import Policy
from storage.database import Database
from storage.tables import Outgoing, Reminder
from storage.vocabulary import Basis, ReminderState, Rule, State, Step
from tests.casework.conftest import Hand
from tests.support.case_builder import GENERAL, SEVERE, Doing
from tests.support.team import CHEN, DESK

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_TO_SIX = WorkingCalendar(
    SHANGHAI, ((timedelta(hours=9), timedelta(hours=18)),), MONDAY_TO_FRIDAY, holidays=frozenset({date(2026, 11, 30)})
)
DEFAULT = {**GENERAL, "deadline_basis": "default"}


@pytest.fixture
def doing(fresh_url: str, hand: Hand) -> Iterator[Doing]:
    """The present is Monday 2026-11-23, 09:10. The following Monday is a holiday of the company."""
    database = Database(fresh_url)
    made = Doing(database, Office(DESK, Policy(calendar=NINE_TO_SIX), SHANGHAI, default_days=5), hand)
    made.seed()
    yield made
    database.close()


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def sent(doing: Doing, hand: Hand, rule: Rule, until: datetime) -> list[datetime]:
    """Sweep every ten minutes up to `until`, and return when the sent reminders of this rule were due."""
    while hand.now < until:
        hand.move(minutes=10)
        doing.sweep()
    with doing.database.read() as session:
        query = select(Reminder).where(Reminder.rule == rule, Reminder.state == ReminderState.SENT)
        return sorted(row.due_at for row in session.exec(query))


def messages(doing: Doing) -> list[Outgoing]:
    with doing.database.read() as session:
        return list(session.exec(select(Outgoing).where(Outgoing.view == View.REMINDER)))


def test_an_untriaged_case_reminds_only_in_working_time(doing: Doing, hand: Hand) -> None:
    hand.now = local(27, 16)
    doing.report()
    times = sent(doing, hand, Rule.UNTRIAGED, local(1, 18, month=12))
    assert times == [local(1, 11, month=12), local(1, 15, month=12)], "two hours on Friday, two on Tuesday"


def test_the_target_for_signing_continues_on_the_next_day(doing: Doing, hand: Hand) -> None:
    hand.now = local(23, 17)
    doing.fault(State.SHEET_SIGNING)
    assert sent(doing, hand, Rule.UNSIGNED, local(25, 9)) == [local(24, 16)]


def test_a_severe_fault_past_its_deadline_reminds_each_working_day(doing: Doing, hand: Hand) -> None:
    hand.now = local(26, 4)
    doing.fault(**SEVERE)
    times = sent(doing, hand, Rule.OVERDUE, local(3, 9, month=12))
    assert times == [local(27, 14), *(local(day, 14, month=12) for day in (1, 2))], "not on holidays"


def test_working_days_missed_in_a_downtime_are_one_message(doing: Doing, hand: Hand) -> None:
    hand.now = local(26, 4)
    doing.fault(**SEVERE)
    hand.now = local(2, 15, month=12)
    doing.sweep()
    times = sent(doing, hand, Rule.OVERDUE, local(2, 15, month=12))
    assert times == [local(27, 14), *(local(day, 14, month=12) for day in (1, 2))]
    assert max(len(json.loads(row.arguments)["missed"]) for row in messages(doing)) == 2


def test_a_waiting_reminder_says_since_when_and_after_how_much_working_time(doing: Doing, hand: Hand) -> None:
    hand.now = reported = local(27, 16)
    doing.report()
    hand.now = local(1, 11, month=12)
    doing.sweep()
    said = json.loads(messages(doing)[0].arguments)
    assert (datetime.fromisoformat(said["since"]), said["hours"]) == (reported, 4)


def test_a_default_deadline_is_computed_only_once(doing: Doing, hand: Hand) -> None:
    case = doing.fault(**DEFAULT)
    due = local(1, 18, month=12)
    assert (doing.card(case).deadline_at, doing.card(case).default_days) == (due, 5)
    around_the_clock = replace(doing.office.policy, calendar=WorkingCalendar())
    doing.office = replace(doing.office, policy=around_the_clock, default_days=1)
    doing.onward(case, State.MODIFICATION)
    assert (doing.card(case).deadline_at, doing.card(case).default_days) == (due, 5)
    assert sent(doing, hand, Rule.DEADLINE_SHARE, due) == [due]


def test_an_agreed_deadline_outside_working_time_is_kept(doing: Doing) -> None:
    named = local(28, 23, 30)
    case = doing.fault(**SEVERE, deadline_at=int(named.timestamp()))
    assert (doing.card(case).deadline_at, doing.card(case).default_days) == (named, None)


def test_a_default_deadline_that_is_moved_becomes_a_negotiated_one(doing: Doing, hand: Hand) -> None:
    case = doing.fault(**DEFAULT)
    agreed = {
        "deadline_contact": "Sun Li",
        "deadline_evidence": "Mail",
        "deadline_agreed_at": int(hand.now.timestamp()),
    }
    at = int(local(5, 12, month=12).timestamp())
    doing.take(Step.CHANGE_DEADLINE, CHEN, case, deadline_at=at, reason="Vendor", **agreed)
    card = doing.card(case)
    assert (card.deadline_basis, card.default_days) == (Basis.NEGOTIATED, None)
