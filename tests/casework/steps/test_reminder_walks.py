"""Property test of reminders: for any deadline and any times of the sweep, no occurrence is lost or sent twice."""

import json
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from storage.database import Database
from storage.tables import Outgoing, Reminder
from storage.vocabulary import ReminderState, Rule, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.property_examples import examples
from tests.support.team import DESK

START = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
PAUSES = st.lists(st.integers(min_value=1, max_value=60 * 20), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def in_analysis(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one fault that waits for its analysis report, to be copied."""
    path = shutil.copy(migrated, tmp_path_factory.mktemp("walks"))
    database = Database(f"sqlite:///{path}")
    builder = CaseBuilder(database, CompanySettings(DESK), ManualClock(START).now)
    builder.seed()
    builder.fault(State.ANALYSIS)
    database.close()
    return Path(path)


@settings(max_examples=examples(10), deadline=None, database=None)
@given(minutes=st.integers(min_value=5, max_value=60 * 48), pauses=PAUSES)
def test_no_occurrence_is_lost_or_doubled(in_analysis: Path, minutes: int, pauses: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{shutil.copy(in_analysis, folder)}")
        clock = ManualClock(START)
        builder = CaseBuilder(database, CompanySettings(DESK), clock.now, timedelta(minutes=minutes))
        builder.usual(Step.PUBLISH_ANALYSIS, 1)
        for pause in pauses:
            clock.move(minutes=pause)
            builder.sweep()
        assert builder.sweep() == 0
        try:
            hold(builder, START + timedelta(minutes=minutes), clock.now())
        finally:
            database.close()


def hold(builder: CaseBuilder, deadline: datetime, now: datetime) -> None:
    """Assert that exactly the planned occurrences up to now were sent, each in one message to each reader.

    A row stands for the hourly occurrences that one sweep found.
    """
    with builder.database.read() as session:
        sent = session.exec(select(Reminder).where(Reminder.state == ReminderState.SENT)).all()
        said = session.exec(select(Outgoing).where(Outgoing.view == MessageKind.REMINDER)).all()
    of_deadline = [row for row in sent if row.rule in (Rule.DEADLINE_SHARE, Rule.OVERDUE)]
    moments = [moment for row in of_deadline for moment in stood_for(row)]
    assert sorted(moments) == sorted(expected(deadline, now))
    spoken_for: Counter[tuple[str, int]] = Counter()
    for message in said:
        arguments = json.loads(message.arguments)
        spoken_for[message.target, arguments["reminder"]] += 1
    assert set(spoken_for.values()) <= {1}
    escalated = [row.about_id for row in sent if row.about_id]
    assert len(escalated) == len(set(escalated))


def stood_for(row: Reminder) -> list[datetime]:
    """When the occurrences that a row stands for were due."""
    moments = [row.due_at - timedelta(hours=hour) for hour in range(row.stands_for)]
    assert moments[-1] == (row.first_due_at or row.due_at)
    return moments


def expected(deadline: datetime, now: datetime) -> list[datetime]:
    """The occurrences for a very severe fault: at 50, 80 and 100 % of the time from publishing, then every hour
    (process.md §3.6).
    """
    span = deadline - START
    at = [START + span * share / 100 for share in (50, 80, 100)]
    overdue = deadline + timedelta(hours=1)
    while overdue <= now:
        at.append(overdue)
        overdue += timedelta(hours=1)
    return [moment for moment in at if moment <= now]
