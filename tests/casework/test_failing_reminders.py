"""A case that cannot be told of must not silence the others, and is told of once it can be."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select
from structlog.testing import capture_logs

from bot.casework import remind
from bot.clock import Clock
from bot.health import Health
from bot.jobs import Jobs
from storage.tables import Reminder
from storage.vocabulary import ReminderState
from tests.casework.conftest import Hand
from tests.casework.doing import Doing


class _Ours(Clock):
    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def now(self) -> datetime:
        return self._hand()


def severities(doing: Doing, cases: list[int], severity: str) -> None:
    with doing.database.write() as session:
        for case in cases:
            said = {"severity": severity, "case": case}
            session.connection().execute(text("UPDATE cases SET severity = :severity WHERE id = :case"), said)


def sent(doing: Doing) -> list[int]:
    with doing.database.read() as session:
        return list(session.exec(select(Reminder.case_id).where(Reminder.state == ReminderState.SENT)))


def test_those_that_fail_leave_the_others_their_turn(doing: Doing, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remind, "BATCH", 2)
    unreadable, sound = [doing.fault(), doing.fault(), doing.fault()], doing.fault()
    severities(doing, unreadable, "unheard-of")
    hand.move(hours=5)
    jobs = Jobs(doing.database, doing.office, _Ours(hand), Health(doing.database), timedelta(seconds=5))
    with capture_logs() as logs:
        assert jobs.sweep() == 1
    assert sent(doing) == [sound]
    assert sorted(line["case"] for line in logs if line["event"] == "reminder.failed") == unreadable
    severities(doing, unreadable, "very_severe")
    assert jobs.sweep() == 3
    assert sorted(sent(doing)) == [*unreadable, sound]
    assert jobs.sweep() == 0
