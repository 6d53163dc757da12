"""A case that cannot be read does not block the reminders of others, and is retried later."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from structlog.testing import capture_logs

from bot.casework.records.verify import verify
from bot.casework.steps import remind
from bot.casework.steps.acknowledge import acknowledge
from bot.casework.steps.notify import MessageKind
from bot.clock import Clocks
from bot.health import REMINDERS, Health
from bot.runtime.jobs import RETRY_AFTER, Jobs
from bot.workflow import deadlines
from bot.workflow.context import CaseContext, Policy
from bot.workflow.deadlines import Recipients
from storage.tables import Outgoing, Reminder
from storage.vocabulary import ReminderState, Rule
from tests.support.case_builder import CaseBuilder
from tests.support.fixed_company import FixedCompany
from tests.support.manual_clock import ManualClock
from tests.support.team import WU


@pytest.fixture
def jobs(builder: CaseBuilder, clock: ManualClock) -> Jobs:
    clocks, health = Clocks(clock, builder.database.server_now), Health(clock.ticks)
    return Jobs(builder.database, FixedCompany(builder.company), clocks, health, timedelta(seconds=5))


def write(builder: CaseBuilder, statement: str, **values: object) -> None:
    with builder.database.write() as session:
        session.connection().execute(text(statement), values)


def sent(builder: CaseBuilder) -> list[int]:
    with builder.database.read() as session:
        return sorted(session.exec(select(Reminder.case_id).where(Reminder.state == ReminderState.SENT)))


def test_failing_cases_do_not_block_the_reminders_of_others_and_are_retried(
    builder: CaseBuilder, clock: ManualClock, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remind, "BATCH_SIZE", 2)
    unreadable, sound = [builder.fault(), builder.fault(), builder.fault()], builder.fault()
    write(builder, "UPDATE cases SET severity = 'unheard-of' WHERE id < :sound", sound=sound)
    clock.move(hours=5)
    with capture_logs() as logs:
        assert jobs.sweep() == 1
        assert jobs.sweep() == 0, "failed reminders are not retried at once"
    assert sent(builder) == [sound]
    assert sorted(line["case"] for line in logs if line["event"] == "reminder.failed") == unreadable
    write(builder, "UPDATE cases SET severity = 'very_severe'")
    clock.advance(RETRY_AFTER + timedelta(seconds=1))
    assert jobs.sweep() == 3
    assert sent(builder) == [*unreadable, sound]
    assert jobs.sweep() == 0


def test_a_sweep_that_leaves_a_reminder_undone_is_no_good_round(
    builder: CaseBuilder, clock: ManualClock, jobs: Jobs
) -> None:
    """The dead man's switch is pinged only after a whole good sweep."""
    jobs._health.watch(REMINDERS, timedelta(seconds=5))
    builder.fault()
    write(builder, "UPDATE cases SET severity = 'unheard-of'")
    clock.move(hours=5)
    jobs.sweep()
    jobs.sweep()
    assert jobs._health.good_rounds(REMINDERS) == 0
    write(builder, "UPDATE cases SET severity = 'very_severe'")
    clock.advance(RETRY_AFTER + timedelta(seconds=1))
    jobs.sweep()
    assert jobs._health.good_rounds(REMINDERS) == 1


def test_a_batch_with_a_failing_case_sends_the_other_reminders_once(
    builder: CaseBuilder, clock: ManualClock, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, failing, last = builder.fault(), builder.fault(), builder.fault()
    clock.move(hours=5)
    listeners = deadlines.recipients

    def some(rule: Rule, case: CaseContext, policy: Policy, share: int | None, time: int) -> Recipients:
        if case.id == failing:
            raise ValueError(case.id)
        return listeners(rule, case, policy, share, time)

    with monkeypatch.context() as patch:
        patch.setattr(deadlines, "recipients", some)
        assert jobs.sweep() == 2
    assert sent(builder) == [sound, last]
    with builder.database.read() as session:
        reminded = session.exec(select(Outgoing.case_id).where(Outgoing.view == MessageKind.REMINDER)).all()
        followed = session.exec(select(Reminder.case_id).where(Reminder.rule == Rule.UNACKNOWLEDGED)).all()
    assert sorted(case or 0 for case in reminded) == [sound, sound, last, last], "the tester and the technician"
    assert sorted(followed) == [sound, last]


def test_an_acknowledged_reminder_is_stopped_even_if_its_case_cannot_be_read(
    builder: CaseBuilder, clock: ManualClock, jobs: Jobs
) -> None:
    case = builder.fault()
    clock.move(hours=5)
    assert jobs.sweep() == 1
    with builder.database.write() as session:
        [reminder] = session.exec(select(Reminder.id).where(Reminder.state == ReminderState.SENT))
        acknowledge(session, reminder or 0, WU, builder.company, clock.now())
    write(builder, "UPDATE cases SET severity = 'unheard-of' WHERE id = :case", case=case)
    write(builder, "UPDATE reminders SET state = 'stopped' WHERE state = 'waiting' AND rule <> 'unacknowledged'")
    clock.move(hours=1)
    with capture_logs() as logs:
        assert jobs.sweep() == 0
    assert logs == []
    with builder.database.read() as session:
        assert session.exec(select(Reminder.id).where(Reminder.state == ReminderState.WAITING)).all() == []


def test_a_batch_that_fails_only_as_a_whole_is_sent_one_by_one_and_logged(
    builder: CaseBuilder, clock: ManualClock, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder.fault(), builder.fault()
    clock.move(hours=5)
    send = remind._send

    def one_only(this: Any, due: Any) -> int:
        if len(due) > 1:
            raise ValueError(len(due))
        return send(this, due)

    monkeypatch.setattr(remind, "_send", one_only)
    with capture_logs() as logs:
        assert jobs.sweep() == 2
    assert [(line["event"], line["log_level"]) for line in logs] == [("reminder.batch_failed", "warning")]


def test_an_entry_that_cannot_be_written_does_not_break_the_histories_of_other_cases(
    builder: CaseBuilder, clock: ManualClock, jobs: Jobs
) -> None:
    broken, sound = builder.fault(), builder.fault()
    write(builder, "UPDATE cases SET audit_count = 0 WHERE id = :case", case=broken)
    clock.move(hours=5)
    with capture_logs():
        assert jobs.sweep() == 1
    assert sent(builder) == [sound]
    with builder.database.read() as session:
        assert verify(session, sound).findings == ()


def test_a_reminder_with_an_unknown_rule_is_not_sent(builder: CaseBuilder, clock: ManualClock, jobs: Jobs) -> None:
    later, sound = builder.fault(), builder.fault()
    write(builder, "UPDATE reminders SET rule = 'newer ' || id WHERE case_id = :later", later=later)
    clock.move(hours=5)
    assert jobs.sweep() == 1
    assert sent(builder) == [sound]


def test_a_lost_database_does_not_count_as_a_failed_reminder(
    builder: CaseBuilder, clock: ManualClock, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder.fault()
    clock.move(hours=5)

    def lost(*_arguments: object) -> None:
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(remind, "_send", lost)
        assert jobs.sweep() == 0
    assert [line["event"] for line in logs] == ["sweep.database_unavailable"]
    assert jobs.sweep() == 1
