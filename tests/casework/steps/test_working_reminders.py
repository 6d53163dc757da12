"""Working time in waiting and daily reminders and in default deadlines, at a desk that is open from nine to six."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from bot.workflow.calendar import MONDAY_TO_FRIDAY, WorkingCalendar
from bot.workflow.context import Policy
from storage.database import Database
from storage.tables import Outgoing, Reminder
from storage.vocabulary import Basis, ReminderState, Rule, State, Step
from tests.support.case_builder import GENERAL, SEVERE, CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import CHEN, DESK

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_TO_SIX = WorkingCalendar(
    SHANGHAI, ((timedelta(hours=9), timedelta(hours=18)),), MONDAY_TO_FRIDAY, holidays=frozenset({date(2026, 11, 30)})
)
DEFAULT = {**GENERAL, "deadline_basis": "default"}


@pytest.fixture
def builder(fresh_url: str, clock: ManualClock) -> Iterator[CaseBuilder]:
    """The present is Monday 2026-11-23, 09:10. The following Monday is a holiday of the company."""
    database = Database(fresh_url)
    company = CompanySettings(DESK, Policy(calendar=NINE_TO_SIX), SHANGHAI, default_days=5)
    made = CaseBuilder(database, company, clock.now)
    made.seed()
    yield made
    database.close()


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def sent(builder: CaseBuilder, clock: ManualClock, rule: Rule, until: datetime) -> list[datetime]:
    """Sweep every ten minutes up to `until`, and return when the sent reminders of this rule were due."""
    while clock.now() < until:
        clock.move(minutes=10)
        builder.sweep()
    with builder.database.read() as session:
        query = select(Reminder).where(Reminder.rule == rule, Reminder.state == ReminderState.SENT)
        return sorted(row.due_at for row in session.exec(query))


def messages(builder: CaseBuilder) -> list[Outgoing]:
    with builder.database.read() as session:
        return list(session.exec(select(Outgoing).where(Outgoing.view == MessageKind.REMINDER)))


def test_an_untriaged_case_reminds_only_in_working_time(builder: CaseBuilder, clock: ManualClock) -> None:
    clock.set(local(27, 16))
    builder.report()
    times = sent(builder, clock, Rule.UNTRIAGED, local(1, 18, month=12))
    assert times == [local(1, 11, month=12), local(1, 15, month=12)], "two hours on Friday, two on Tuesday"


def test_the_target_for_signing_continues_on_the_next_day(builder: CaseBuilder, clock: ManualClock) -> None:
    clock.set(local(23, 17))
    builder.fault(State.SHEET_SIGNING)
    assert sent(builder, clock, Rule.UNSIGNED, local(25, 9)) == [local(24, 16)]


def test_a_severe_fault_past_its_deadline_reminds_each_working_day(builder: CaseBuilder, clock: ManualClock) -> None:
    clock.set(local(26, 4))
    builder.fault(**SEVERE)
    times = sent(builder, clock, Rule.OVERDUE, local(3, 9, month=12))
    assert times == [local(27, 14), *(local(day, 14, month=12) for day in (1, 2))], "not on holidays"


def test_working_days_missed_in_a_downtime_are_one_row_and_one_message(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    clock.set(local(26, 4))
    builder.fault(**SEVERE)
    clock.set(local(2, 15, month=12))
    builder.sweep()
    with builder.database.read() as session:
        [row] = session.exec(
            select(Reminder).where(Reminder.rule == Rule.OVERDUE, Reminder.state == ReminderState.SENT)
        )
    assert (row.first_due_at, row.due_at, row.stands_for) == (local(27, 14), local(2, 14, month=12), 3)


def test_a_waiting_reminder_says_since_when_and_after_how_much_working_time(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    reported = local(27, 16)
    clock.set(reported)
    builder.report()
    clock.set(local(1, 11, month=12))
    builder.sweep()
    said = json.loads(messages(builder)[0].arguments)
    assert (datetime.fromisoformat(said["since"]), said["hours"]) == (reported, 4)


def test_a_default_deadline_is_computed_only_once(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault(**DEFAULT)
    due = local(1, 18, month=12)
    assert (builder.card(case).deadline_at, builder.card(case).default_days) == (due, 5)
    around_the_clock = replace(builder.company.policy, calendar=WorkingCalendar())
    builder.company = replace(builder.company, policy=around_the_clock, default_days=1)
    builder.onward(case, State.MODIFICATION)
    assert (builder.card(case).deadline_at, builder.card(case).default_days) == (due, 5)
    assert sent(builder, clock, Rule.DEADLINE_SHARE, due) == [due]


def test_an_agreed_deadline_outside_working_time_is_kept(builder: CaseBuilder) -> None:
    named = local(28, 23, 30)
    case = builder.fault(**SEVERE, deadline_at=int(named.timestamp()))
    assert (builder.card(case).deadline_at, builder.card(case).default_days) == (named, None)


def test_a_default_deadline_that_is_moved_becomes_a_negotiated_one(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault(**DEFAULT)
    agreed = {
        "deadline_contact": "Sun Li",
        "deadline_evidence": "Mail",
        "deadline_agreed_at": int(clock.now().timestamp()),
    }
    at = int(local(5, 12, month=12).timestamp())
    builder.take(Step.CHANGE_DEADLINE, CHEN, case, deadline_at=at, reason="Vendor", **agreed)
    card = builder.card(case)
    assert (card.deadline_basis, card.default_days) == (Basis.NEGOTIATED, None)
