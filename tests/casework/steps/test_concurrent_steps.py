"""Concurrent steps of two processes on one PostgreSQL server: one succeeds, the other is refused with the reason."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.casework.people_changes import changing_people
from bot.casework.records.verify import verify
from bot.casework.records.verify_waits import verify_waits
from bot.casework.steps.perform import Request, perform
from bot.casework.steps.report import Report, report
from bot.workflow.refusal import People, Problem, Refused
from bot.workflow.refusals import TakenAlready
from storage import audit, cases, people
from storage.database import Database
from storage.people import Grant
from storage.tables import AuditEntry, Case, Reminder
from storage.vocabulary import Place, ReminderState, Role, State, Step
from tests.storage.test_postgresql import at_once
from tests.support.case_builder import CaseBuilder
from tests.support.team import ANNA, CHEN, DESK, HUANG, WU, ZHOU

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)


@pytest.fixture
def two(postgresql_url: str) -> Iterator[tuple[CaseBuilder, CaseBuilder]]:
    """Two processes of the same company."""
    company = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
    pair = tuple(CaseBuilder(Database(postgresql_url), company, lambda: NOW) for _ in range(2))
    pair[0].seed()
    yield pair[0], pair[1]
    for one in pair:
        one.database.close()


def attempt(builder: CaseBuilder, told: list[str], step: Step, by: str, case: int, version: int, **raw: Any) -> None:
    """Attempt a step from a screen that shows this version of the case. A refusal is added to `told`."""
    request = Request(step, case, by, raw, builder._delivery(), version)
    try:
        with builder.database.write() as session:
            perform(session, request, builder.company, NOW)
    except Refused as refused:
        told.append(type(refused.problems[0].refusal).__name__)


def test_only_one_of_two_concurrent_signatures_succeeds(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    case = two[0].fault(State.SHEET_SIGNING)
    version, told = two[0].card(case).version, list[str]()
    answers = two[0].answers(Step.SIGN_SHEET)
    at_once(*(lambda one=one: attempt(one, told, Step.SIGN_SHEET, HUANG, case, version, **answers) for one in two))
    assert told == ["MovedOnBy"]
    with two[0].database.read() as session:
        assert len(session.exec(select(AuditEntry).where(AuditEntry.step == Step.SIGN_SHEET)).all()) == 1


@pytest.mark.parametrize("state", [State.TRIAGE, State.SHEET_DRAFTING])
def test_only_one_of_two_takes_a_case_and_the_other_is_told_who(
    two: tuple[CaseBuilder, CaseBuilder], state: State
) -> None:
    case = two[0].report(ANNA)
    if state is not State.TRIAGE:
        two[0].usual(Step.TRIAGE, case)
    told: list[Problem] = []

    def take(builder: CaseBuilder, person: str) -> None:
        try:
            builder.take(Step.TAKE, person, case)
        except Refused as refused:
            told.extend(refused.problems)

    at_once(lambda: take(two[0], CHEN), lambda: take(two[1], ZHOU))
    place = Place.TRIAGER if state is State.TRIAGE else Place.SERVICE_MANAGER
    winner = two[0].card(case).places[place]
    assert len(winner) == 1
    assert [one.refusal for one in told] == [TakenAlready(People(winner))]
    with two[0].database.read() as session:
        assert len(session.exec(select(AuditEntry).where(AuditEntry.step == Step.TAKE)).all()) == 1
        assert verify(session, case).findings == ()
        assert not list(verify_waits(session, two[0].company, NOW))


def test_the_same_request_at_two_processes_has_one_effect(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    case = two[0].fault(State.ANALYSIS)

    def say(builder: CaseBuilder) -> None:
        with builder.database.write() as session:
            perform(session, Request(Step.COMMENT, case, WU, {"text": "Seen"}, "view:V1"), builder.company, NOW)

    at_once(*(lambda one=one: say(one) for one in two))
    with two[0].database.read() as session:
        assert len(session.exec(select(AuditEntry).where(AuditEntry.step == Step.COMMENT)).all()) == 1


def test_the_same_report_at_two_processes_makes_one_case(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    made: list[int | None] = []
    raw = two[0].raw_report()

    def send(builder: CaseBuilder) -> None:
        with builder.database.write() as session:
            made.append(report(session, Report(CHEN, raw, "view:V2"), builder.company, NOW))

    at_once(*(lambda one=one: send(one) for one in two))
    assert sorted(made, key=str) == [1, None]


def test_two_cases_are_not_merged_into_each_other(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    one, other = two[0].fault(State.ANALYSIS), two[0].fault(State.ANALYSIS)
    told: list[str] = []

    def merge(builder: CaseBuilder, case: int, master: int) -> None:
        version = builder.card(case).version
        attempt(builder, told, Step.MERGE_DUPLICATE, CHEN, case, version, master=f"F-{master}", reason="The same")

    at_once(lambda: merge(two[0], one, other), lambda: merge(two[1], other, one))
    states = {two[0].card(case).state for case in (one, other)}
    assert states == {State.DUPLICATE, State.ANALYSIS}, told
    assert len(told) == 1


def test_a_withdrawal_undoes_a_merge_that_comes_at_the_same_time(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    """Whichever is first: no duplicate is left with a withdrawn master, and neither waits for the other for ever."""
    for _ in range(5):
        case, master, told = two[0].report(), two[0].report(), list[str]()
        two[0].take(Step.MERGE_DUPLICATE, CHEN, two[0].report(), master=f"F-{master}", reason="The same")
        given = {"master": f"F-{master}", "reason": "The same"}
        merge = partial(attempt, two[0], told, Step.MERGE_DUPLICATE, CHEN, case, 1, **given)
        withdraw = partial(attempt, two[1], told, Step.WITHDRAW, CHEN, master, 1, reason="No", evidence="Mail")
        at_once(merge, withdraw)
        assert two[0].card(master).state is State.WITHDRAWN
        assert two[0].card(case).state is State.TRIAGE, told
        assert told in ([], ["MasterHasEnded"])
        with two[0].database.read() as session:
            assert not [*verify(session, case).findings, *verify(session, master).findings]


def test_concurrent_comments_leave_one_unbroken_history(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    case = two[0].fault(State.ANALYSIS)

    def comment(builder: CaseBuilder) -> None:
        for number in range(10):
            builder.take(Step.COMMENT, WU, case, text=f"{number}")

    at_once(*(lambda one=one: comment(one) for one in two * 2))
    with two[0].database.read() as session:
        assert verify(session, case).findings == ()
        assert verify(session, case).entries == 44


def test_a_step_that_waited_is_not_dated_before_the_step_it_waited_for(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    case = two[0].fault(State.SHEET_SIGNING)
    two[0].take(Step.COMMENT, WU, case, text="Just before")
    waited = CaseBuilder(two[1].database, two[1].company, lambda: NOW - timedelta(seconds=2))
    waited.usual(Step.SIGN_SHEET, case)
    assert moments(two[0], case)[-2:] == [NOW, NOW]
    with two[0].database.read() as session:
        assert session.get_one(Case, case).entered_at == NOW
        assert verify(session, case).findings == ()


def test_an_entry_of_a_clock_that_was_ahead_does_not_move_later_entries_into_the_future(
    two: tuple[CaseBuilder, CaseBuilder],
) -> None:
    case = two[0].fault(State.ANALYSIS)
    ahead = CaseBuilder(two[1].database, two[1].company, lambda: NOW + timedelta(hours=1))
    ahead.take(Step.COMMENT, WU, case, text="From a machine that is an hour ahead")
    two[0].take(Step.COMMENT, WU, case, text="From one that is right")
    assert moments(two[0], case)[-2:] == [NOW + timedelta(hours=1), NOW]


def moments(builder: CaseBuilder, case: int) -> list[datetime]:
    with builder.database.read() as session:
        return [entry.at for entry in audit.entries(session, case)]


def test_two_sweeps_at_once_send_each_reminder_once(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    for _ in range(12):
        two[0].fault(State.DECISION)
    later = NOW.replace(hour=22)
    swept = [CaseBuilder(one.database, one.company, lambda: later) for one in two]
    sent: list[int] = []

    def sweep(builder: CaseBuilder) -> None:
        while batch := builder.sweep():
            sent.append(batch)

    at_once(*(lambda one=one: sweep(one) for one in swept))
    sweep(swept[0])
    with two[0].database.read() as session:
        rows = session.exec(select(Reminder).where(Reminder.state == ReminderState.SENT)).all()
    due = {(row.case_id, row.rule, row.occurrence) for row in rows}
    assert len(due) == len(rows) >= 12 * 3


def test_a_sweep_skips_a_case_that_is_being_changed(two: tuple[CaseBuilder, CaseBuilder]) -> None:
    case = two[0].fault(State.DECISION)
    later = CaseBuilder(two[1].database, two[1].company, lambda: NOW.replace(hour=22))
    request = Request(Step.COMMENT, case, WU, {"text": "On it"}, two[0]._delivery())
    with two[0].database.write() as session:
        perform(session, request, two[0].company, NOW)
        assert later.sweep() == 0
    assert later.sweep() > 0


def test_a_change_of_people_waits_for_steps_that_began_with_the_people_of_before(
    two: tuple[CaseBuilder, CaseBuilder],
) -> None:
    """The step hands the case to the center manager, who loses the role before the step is committed."""
    one, other = two
    case = one.fault(State.SHEET_DRAFTING)

    with losing_the_role(other) as until_it_waits, one.database.write() as session:
        perform(
            session, Request(Step.DRAFT_SHEET, case, CHEN, one.answers(Step.DRAFT_SHEET), "draft"), one.company, NOW
        )
        until_it_waits()
    waits_for_nobody_without_the_role(one)


def test_a_sender_that_has_locked_a_case_may_write_whom_it_waits_for_while_people_change(
    two: tuple[CaseBuilder, CaseBuilder],
) -> None:
    """A late answer to the customer stores where it was posted, and begins the wait for the customer afterwards."""
    one, other = two
    case = one.fault(State.SHEET_SIGNING)

    with losing_the_role(other) as until_it_waits, one.database.write() as session:
        cases.hold(session, case)
        until_it_waits()
        cases.keep_people(session)
    waits_for_nobody_without_the_role(one)


def waits_for_nobody_without_the_role(builder: CaseBuilder) -> None:
    """The center manager has lost the role, and whom cases wait for is stored accordingly."""
    with builder.database.read() as session:
        assert not people.holding(session, Role.CENTER_MANAGER, builder.company.today(NOW))
        assert not list(verify_waits(session, builder.company, NOW))


@contextmanager
def losing_the_role(builder: CaseBuilder) -> Iterator[Callable[[], None]]:
    """Yields a function that lets the center manager lose the role, and returns when that waits for the other process.

    At the end the change has happened.
    """

    def lose() -> None:
        with builder.database.write() as session, changing_people(session, builder.company, NOW):
            people.replace_grants(session, "settings", [Grant(CHEN, Role.SERVICE_MANAGER)])

    change = Thread(target=lose)

    def until_it_waits() -> None:
        change.start()
        while change.is_alive() and not _somebody_waits(builder):
            pass

    yield until_it_waits
    change.join()


def _somebody_waits(builder: CaseBuilder) -> bool:
    """Return whether a transaction waits for a lock of another one."""
    with builder.database.read() as session:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(session.connection().execute(waiting).scalar_one())
