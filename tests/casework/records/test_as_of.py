"""The database as it was at an earlier moment has what was stored at that moment."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.acknowledge import acknowledge
from storage import audit, migrations, stored_rows
from storage.as_of import NotRecorded, session_at
from storage.database import Database
from storage.tables import (
    AuditEntry,
    Case,
    CaseAssigned,
    CasePlace,
    DeadlineChange,
    DeskEntry,
    Document,
    Personal,
    Reminder,
)
from storage.vocabulary import ReminderState, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.old_databases import restored
from tests.support.sealed_desk import checkpoint
from tests.support.tampering import tamper
from tests.support.team import CHEN, DESK, HE, HUANG, LIN, WU
from tests.support.verified import found_in

TABLES: tuple[type[SQLModel], ...] = (
    *(Case, AuditEntry, CasePlace, CaseAssigned, DeadlineChange, Document, Personal, DeskEntry),
    Reminder,
)


def stored(session: Session) -> dict[str, list[str]]:
    """Everything that histories tell: planned reminders, and whether statistics are stored, are not among it."""
    found: dict[str, list[str]] = {}
    for table in TABLES:
        for row in stored_rows.read(session, table):
            if isinstance(row, Case):
                row.settled = False
            if not isinstance(row, Reminder) or row.state is ReminderState.SENT:
                found.setdefault(table.__name__, []).append(str(sorted(row.model_dump().items())))
    return {name: sorted(rows) for name, rows in found.items()}


def at(database: Database, moment: datetime) -> dict[str, list[str]]:
    with database.read() as session, session_at(session, moment) as then:
        return stored(then)


class Camera:
    """Takes a picture of the database after each step, a minute apart."""

    def __init__(self, builder: CaseBuilder, clock: ManualClock) -> None:
        self._builder, self._clock = builder, clock
        self.pictures: dict[datetime, dict[str, list[str]]] = {}

    def take(self) -> None:
        with self._builder.database.read() as session:
            self.pictures[self._clock.now()] = stored(session)
        self._clock.move(minutes=1)


def acknowledge_first(builder: CaseBuilder, clock: ManualClock) -> None:
    with builder.database.write() as session:
        (first, *_more) = (row for row in stored_rows.read(session, Reminder) if row.state is ReminderState.SENT)
        assert first.id is not None
        acknowledge(session, first.id, WU, builder.company, clock.now())


def test_each_moment_of_a_history_can_be_seen_again(builder: CaseBuilder, clock: ManualClock) -> None:
    camera = Camera(builder, clock)
    moved = int(clock.now().timestamp()) + 90_000
    agreed = {"deadline_contact": "Gao Feng 高峰", "deadline_agreed_at": moved - 90_060, "deadline_evidence": "Mail"}
    builder.report()
    builder.report(summary="The same again")
    camera.take()
    builder.onward(1, State.SHEET_SIGNING)
    builder.take(Step.RETURN_SHEET, HUANG, 1, reason="Which one?")
    camera.take()
    builder.onward(1, State.DECISION)
    camera.take()
    for step, by, case, answers in (
        (Step.MERGE_DUPLICATE, CHEN, 2, {"master": "1", "reason": "The same cause"}),
        (Step.REASSIGN, HUANG, 1, {"place": "testers", "person": HE}),
        (Step.CHANGE_DEADLINE, CHEN, 1, {"deadline_at": moved, "reason": "Agreed", **agreed}),
        (Step.UNDO_MERGE, HUANG, 2, {"reason": "Another cause"}),
        (Step.HOLD, WU, 1, {"kind": "vendor", "reason": "Waits for a part", "until": moved - 10_000}),
        (Step.RESUME, WU, 1, {}),
        (Step.COMMENT, LIN, 1, {"text": "One more"}),
    ):
        builder.take(step, by, case, **answers)
        camera.take()
    clock.advance(timedelta(hours=24))
    assert builder.sweep()
    camera.take()
    acknowledge_first(builder, clock)
    camera.take()
    builder.onward(1, State.CLOSED)
    camera.take()
    assert len(camera.pictures) == 13
    for moment, picture in camera.pictures.items():
        assert at(builder.database, moment) == picture, moment
        assert at(builder.database, moment + timedelta(seconds=59)) == picture, moment


def test_a_moment_after_everything_is_read_where_it_is_stored(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.report()
    with builder.database.read() as session, session_at(session, clock.now()) as then:
        assert then is session


def test_what_is_rebuilt_verifies(builder: CaseBuilder, clock: ManualClock, tmp_path: Path) -> None:
    builder.fault(State.TESTING)
    builder.fault(State.CLOSED)
    checkpoint(builder)
    moment = clock.now()
    clock.move(hours=1)
    builder.onward(1, State.CLOSED)
    with builder.database.read() as session, session_at(session, moment) as then:
        assert then is not session
        rebuilt = Database(str(then.get_bind().engine.url))
        assert found_in(rebuilt) == []
        rebuilt.close()


def test_damage_stays_where_it_is(builder: CaseBuilder, clock: ManualClock) -> None:
    """What is damaged in a case that has not changed since is found in the past as well."""
    builder.fault(State.CLOSED)
    moment = clock.now()
    clock.move(hours=1)
    builder.report()
    tamper(builder.database, "UPDATE cases SET severity = 'nonsense', summary = 'forged' WHERE id = 1")
    with builder.database.read() as session, session_at(session, moment) as then:
        rebuilt = Database(str(then.get_bind().engine.url))
        assert {subject for _case, _kind, subject in found_in(rebuilt)} == {"cases.severity", "cases.summary"}
        rebuilt.close()


def test_an_entry_is_older_than_a_checkpoint_that_lists_it(builder: CaseBuilder, clock: ManualClock) -> None:
    """The clock of the process that wrote the case was ahead of the one that wrote the checkpoint."""
    clock.move(seconds=2)
    builder.report()
    clock.move(seconds=-2)
    checkpoint(builder)
    moment = clock.now()
    clock.move(hours=1)
    builder.report()
    assert len(at(builder.database, moment)["Case"]) == 1


# ---- What cannot be seen -----------------------------------------------------------------------------------------


@pytest.fixture
def adopted(tmp_path: Path) -> Iterator[Database]:
    """A database of the version before changes were recorded, migrated."""
    made = restored(f"sqlite:///{tmp_path / 'old.db'}", "0006", tmp_path)
    migrations.upgrade(made.engine)
    yield made
    made.close()


def refused(database: Database, moment: datetime) -> NotRecorded:
    with database.read() as session, pytest.raises(NotRecorded) as lacking, session_at(session, moment):
        pass
    return lacking.value


def test_what_was_before_the_upgrade_was_not_recorded(adopted: Database) -> None:
    with adopted.read() as session:
        last = {number: audit.adopted(session, number) for number in (1, 2, 3, 4)}
        *_old, before, upgrade = audit.entries(session, 3)
    lacking = refused(adopted, before.at)
    assert (lacking.cases, lacking.since) == ([1, 2, 3], upgrade.at)  # F-4 came later
    assert {entry.at for entry in last.values() if entry} == {upgrade.at}
    clock = ManualClock(upgrade.at)
    picture = at(adopted, upgrade.at)
    clock.move(hours=1)
    CaseBuilder(adopted, CompanySettings(DESK), clock.now).usual(Step.SUBMIT_MODIFICATION, 3)
    assert at(adopted, upgrade.at) == picture


@pytest.mark.parametrize(
    "forged",
    ["UPDATE audit_entries SET person_id = 'U0X' WHERE seq = 2", "DELETE FROM audit_entries WHERE seq = 2"],
)
def test_a_changed_history_tells_nothing_of_the_past(builder: CaseBuilder, clock: ManualClock, forged: str) -> None:
    builder.fault(State.ANALYSIS)
    moment = clock.now()
    clock.move(hours=1)
    builder.onward(1, State.CLOSED)
    tamper(builder.database, forged)
    lacking = refused(builder.database, moment)
    assert (lacking.cases, lacking.since) == ([1], None)
