"""A case that cannot be read does not block the reminders of others, and is retried later."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from structlog.testing import capture_logs

from bot.casework.steps import remind
from bot.casework.steps.acknowledge import acknowledge
from bot.casework.steps.notify import View
from bot.clock import Clock
from bot.health import Health
from bot.runtime.jobs import AGAIN_AFTER, Jobs
from bot.workflow import deadlines
from bot.workflow.context import CaseSeen
from bot.workflow.situation import Who
from storage.tables import Outgoing, Reminder
from storage.vocabulary import ReminderState, Rule
from tests.casework.conftest import Hand
from tests.support.case_builder import Doing
from tests.support.team import WU


class _Ours(Clock):
    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def now(self) -> datetime:
        return self._hand()


@pytest.fixture
def ticks() -> list[float]:
    """The seconds of a monotonic clock that only the test moves."""
    return [0.0]


@pytest.fixture
def jobs(doing: Doing, hand: Hand, ticks: list[float]) -> Jobs:
    every = timedelta(seconds=5)
    return Jobs(doing.database, doing.office, _Ours(hand), Health(doing.database), every, lambda: ticks[0])


def write(doing: Doing, statement: str, **values: object) -> None:
    with doing.database.write() as session:
        session.connection().execute(text(statement), values)


def sent(doing: Doing) -> list[int]:
    with doing.database.read() as session:
        return sorted(session.exec(select(Reminder.case_id).where(Reminder.state == ReminderState.SENT)))


def test_failing_cases_do_not_block_the_reminders_of_others_and_are_retried(
    doing: Doing, hand: Hand, jobs: Jobs, ticks: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remind, "BATCH", 2)
    unreadable, sound = [doing.fault(), doing.fault(), doing.fault()], doing.fault()
    write(doing, "UPDATE cases SET severity = 'unheard-of' WHERE id < :sound", sound=sound)
    hand.move(hours=5)
    with capture_logs() as logs:
        assert jobs.sweep() == 1
        assert jobs.sweep() == 0, "they rest"
    assert sent(doing) == [sound]
    assert sorted(line["case"] for line in logs if line["event"] == "reminder.failed") == unreadable
    write(doing, "UPDATE cases SET severity = 'very_severe'")
    ticks[0] += AGAIN_AFTER.total_seconds() + 1
    assert jobs.sweep() == 3
    assert sent(doing) == [*unreadable, sound]
    assert jobs.sweep() == 0


def test_a_batch_with_a_failing_case_sends_the_other_reminders_once(
    doing: Doing, hand: Hand, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, failing, last = doing.fault(), doing.fault(), doing.fault()
    hand.move(hours=5)
    listeners = deadlines.listeners

    def some(rule: Rule, case: CaseSeen, share: int | None) -> tuple[Who, ...]:
        if case.id == failing:
            raise ValueError(case.id)
        return listeners(rule, case, share)

    with monkeypatch.context() as patch:
        patch.setattr(deadlines, "listeners", some)
        assert jobs.sweep() == 2
    assert sent(doing) == [sound, last]
    with doing.database.read() as session:
        reminded = session.exec(select(Outgoing.case_id).where(Outgoing.view == View.REMINDER)).all()
        followed = session.exec(select(Reminder.case_id).where(Reminder.rule == Rule.UNACKNOWLEDGED)).all()
    assert sorted(case or 0 for case in reminded) == [sound, sound, last, last], "the tester and the technician"
    assert sorted(followed) == [sound, last]


def test_an_acknowledged_reminder_is_stopped_even_if_its_case_cannot_be_read(
    doing: Doing, hand: Hand, jobs: Jobs
) -> None:
    case = doing.fault()
    hand.move(hours=5)
    assert jobs.sweep() == 1
    with doing.database.write() as session:
        [reminder] = session.exec(select(Reminder.id).where(Reminder.state == ReminderState.SENT))
        acknowledge(session, reminder or 0, WU, doing.office, hand.now)
    write(doing, "UPDATE cases SET severity = 'unheard-of' WHERE id = :case", case=case)
    write(doing, "UPDATE reminders SET state = 'stopped' WHERE state = 'waiting' AND rule <> 'unacknowledged'")
    hand.move(hours=1)
    with capture_logs() as logs:
        assert jobs.sweep() == 0
    assert logs == []
    with doing.database.read() as session:
        assert session.exec(select(Reminder.id).where(Reminder.state == ReminderState.WAITING)).all() == []


def test_a_batch_that_fails_only_as_a_whole_is_sent_one_by_one_and_logged(
    doing: Doing, hand: Hand, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing.fault(), doing.fault()
    hand.move(hours=5)
    send = remind._send

    def one_only(this: Any, groups: Any) -> int:
        if len(groups) > 1:
            raise ValueError(len(groups))
        return send(this, groups)

    monkeypatch.setattr(remind, "_send", one_only)
    with capture_logs() as logs:
        assert jobs.sweep() == 2
    assert [(line["event"], line["log_level"]) for line in logs] == [("reminder.batch_failed", "warning")]


def test_a_reminder_with_an_unknown_rule_is_not_sent(doing: Doing, hand: Hand, jobs: Jobs) -> None:
    later, sound = doing.fault(), doing.fault()
    write(doing, "UPDATE reminders SET rule = 'newer ' || id WHERE case_id = :later", later=later)
    hand.move(hours=5)
    assert jobs.sweep() == 1
    assert sent(doing) == [sound]


def test_a_lost_database_does_not_count_as_a_failed_reminder(
    doing: Doing, hand: Hand, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    doing.fault()
    hand.move(hours=5)

    def lost(*_arguments: object) -> None:
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(remind, "_send", lost)
        assert jobs.sweep() == 0
    assert [line["event"] for line in logs] == ["sweep.database_unavailable"]
    assert jobs.sweep() == 1
