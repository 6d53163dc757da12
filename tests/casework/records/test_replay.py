"""The changes of all entries together give the case as it is stored: whatever is changed behind the bot's back is
found, column by column.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column
from sqlmodel import Session, select

from bot.casework import signing
from bot.casework.company_settings import CompanySettings
from bot.casework.records.findings import FindingKind
from bot.casework.records.verify import verify
from bot.casework.steps.acknowledge import acknowledge
from storage import audit, people, replay, reports
from storage.database import Database
from storage.people import Profile
from storage.statistics import settle
from storage.tables import METADATA, AuditEntry, Case, Reminder
from storage.vocabulary import HistoryEvent, ReminderState, SignedKind, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.sealed_desk import checkpoint, with_key
from tests.support.tampering import tamper
from tests.support.team import CHEN, DESK, HUANG, LIN, WU, ZHAO, ZHOU
from tests.support.verified import found_in

K = FindingKind
#: The tables that records rest on, with the row that is changed.
ROWS = {
    "cases": "id = 1",
    "case_places": "case_id = 1 AND place = 'testers'",
    "case_assigned": "case_id = 1 AND person_id = '" + WU + "'",
    "documents": "case_id = 1 AND paper = 'T02' AND version = 1",
    "audit_entries": "case_id = 1 AND seq = 5",
    "reminders": "case_id = 1 AND state = 'sent' AND acknowledged_by IS NOT NULL",
    "deadline_changes": "case_id = 1",
    "personal": "case_id = 1 AND value = '138 0000 0000'",
    "reports": "id = 1",
    "facts": "case_id = 1 AND number = 1",
    "daily_sums": "customer_id = 0 AND product_id = 0",
    "customers": "id = 1",
    "products": "id = 1",
    "desk_entries": "seq = 1",
    "checkpoints": "number = 1",
    "checkpoint_subjects": "checkpoint = 1 AND kind = 'case' AND subject = 1",
    "key_signatures": "kind = 'record'",
}
#: No record rests on these: numbers of rows that nothing names, the order of facts, what names are found by, marks and
#: defaults for later.
RESTING_ON_NOTHING = {
    *("audit_entries.id", "reports.id", "facts.number"),
    *("customers.compared_as", "products.compared_as"),
    *("customers.unconfirmed", "products.unconfirmed", "products.default_days"),
}
COLUMNS = [
    (table, column.name)
    for table in ROWS
    for column in METADATA.tables[table].columns
    if f"{table}.{column.name}" not in RESTING_ON_NOTHING
]
#: Numbers of rows hold nothing but numbers.
DAMAGED = [
    (table, name)
    for table, name in COLUMNS
    if [column.name for column in METADATA.tables[table].primary_key] != [name] or name == "case_id"
]


@pytest.fixture(scope="module")
def played(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed database with a settled fault that was reminded of, an open case, an issued report, a checkpoint."""
    path = Path(shutil.copy(migrated, tmp_path_factory.mktemp("played") / "played.db"))
    database, clock = Database(f"sqlite:///{path}"), ManualClock()
    builder = with_key(CaseBuilder(database, CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai")), clock.now))
    builder.seed()
    named(database, clock)
    case = builder.fault()
    clock.advance(timedelta(hours=6))
    builder.sweep()
    acknowledge_one(builder, case, WU)
    builder.onward(case, State.CLOSED)
    builder.report()
    with database.write() as session:
        assert settle(session, 1).count == 1
        assert settle(session, 1).days == 1
        days = (date(2026, 11, 1), date(2026, 11, 30))
        assert reports.add(session, *days, 1, {"first": "2026-11-01", "last": "2026-11-30"})
        (report,) = reports.versions(session, *days)
        signature = reports.issue(report, "All is well", CHEN, clock.now(), "Chen Jing 陈静")
        signing.sign(session, SignedKind.REPORT, signature, builder.company, clock.now())
    assert checkpoint(builder)
    assert found_in(database) == []
    database.close()
    return path


def named(database: Database, clock: ManualClock) -> None:
    """Let Slack report the names of the team. Zhao, the modifier, has no role."""
    with database.write() as session:
        said = (Profile(one, f"Name of {one}", None, None, True) for one in (CHEN, HUANG, LIN, WU, ZHAO, ZHOU))
        people.keep(session, said, clock.now())


def acknowledge_one(builder: CaseBuilder, case: int, person: str) -> int:
    """Acknowledge the first reminder that was sent, and return its id."""
    with builder.database.write() as session:
        sent = select(Reminder).where(Reminder.case_id == case, Reminder.state == ReminderState.SENT)
        row = session.exec(sent).first()
        assert row is not None
        assert row.id is not None
        acknowledge(session, row.id, person, builder.company, builder.clock())
        return row.id


@pytest.fixture
def copied(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(played, tmp_path / "copied.db"))


def forge(path: Path, statement: str) -> int:
    """Run a statement without the guards of the database, and return how many rows it changed."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        return connection.execute(statement).rowcount


def checked(path: Path) -> list[tuple[str, FindingKind | None, str]]:
    database = Database(f"sqlite:///{path}")
    try:
        return found_in(database)
    finally:
        database.close()


def another(column: Column[Any]) -> str:
    """SQL of a value that the column may hold and does not."""
    words = getattr(column.type, "enums", None)
    if words:
        unused = {"paper": "minutes"}.get(column.name, words[-1])  # where each word may stand only once
        return f"CASE WHEN {column.name} = '{unused}' THEN '{words[1]}' ELSE '{unused}' END"
    match str(column.type.compile()):
        case "BOOLEAN":
            return f"NOT {column.name}"
        case "INTEGER" | "BIGINT" | "FLOAT":
            return f"coalesce({column.name}, 0) + 1000"
        case "DATETIME" | "TIMESTAMP":
            return "'2020-01-01 00:00:00.000000'"
        case "DATE":
            return "'2020-01-01'"
    return "'forged'"


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_every_changed_column_is_found(copied: Path, table: str, name: str) -> None:
    column = METADATA.tables[table].columns[name]
    assert forge(copied, f"UPDATE {table} SET {name} = {another(column)} WHERE {ROWS[table]}") == 1
    assert checked(copied)


@pytest.mark.parametrize(("table", "name"), DAMAGED)
def test_a_damaged_value_is_found_and_not_printed(copied: Path, table: str, name: str) -> None:
    """The check goes on: what is changed in the next case is found as well."""
    assert forge(copied, f"UPDATE {table} SET {name} = x'707269766174' WHERE {ROWS[table]}") == 1
    forge(copied, "UPDATE cases SET summary = 'secret' WHERE id = 2")
    found = checked(copied)
    assert ("F-2", K.COLUMN_CHANGED, "cases.summary") in found
    assert [one for one in found if one[0] != "F-2"]
    assert "privat" not in str(found)
    assert "secret" not in str(found)


@pytest.mark.parametrize("table", ROWS)
def test_bytes_that_are_no_text_are_found_and_not_printed(copied: Path, table: str) -> None:
    """SQLite stores any bytes as text, and its driver refuses to read those that are not UTF-8."""
    name = [column for of, column in DAMAGED if of == table][-1]
    assert forge(copied, f"UPDATE {table} SET {name} = CAST(x'ff707269766174' AS TEXT) WHERE {ROWS[table]}") == 1
    found = checked(copied)
    assert found
    assert "privat" not in str(found)


@pytest.mark.parametrize("name", [column.name for column in replay.CASE_COLUMNS])
def test_the_changed_column_of_a_case_is_named(copied: Path, name: str) -> None:
    column = METADATA.tables["cases"].columns[name]
    forge(copied, f"UPDATE cases SET {name} = {another(column)} WHERE id = 2")
    named = {"customer_id": ["customers.name"], "product_id": ["products.name"]}
    assert [one for one in checked(copied) if one[1] is K.COLUMN_CHANGED] == [
        ("F-2", K.COLUMN_CHANGED, subject) for subject in (f"cases.{name}", *named.get(name, ()))
    ]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (f"INSERT INTO case_places VALUES (1, 'owner', '{ZHOU}')", (K.COLUMN_CHANGED, "case_places.owner")),
        ("DELETE FROM case_places WHERE case_id = 1", (K.COLUMN_CHANGED, "case_places.testers")),
        (f"INSERT INTO case_assigned VALUES (1, '{ZHOU}')", (K.COLUMN_CHANGED, "case_assigned")),
        ("DELETE FROM reminders WHERE state = 'sent'", (K.COLUMN_CHANGED, "reminders deadline_share 1")),
        (
            "UPDATE reminders SET acknowledged_by = NULL WHERE acknowledged_by IS NOT NULL",
            (K.COLUMN_CHANGED, "reminders deadline_share 1 acknowledged_by"),
        ),
        (
            "UPDATE reminders SET state = 'sent' WHERE state = 'waiting' AND case_id = 2",
            (K.COLUMN_CHANGED, "reminders untriaged 1"),
        ),
        (
            "INSERT INTO facts SELECT kind_id, 0, 2, 1, 0, NULL, 1, 1, 1, 1 FROM facts LIMIT 1",
            (K.STATISTICS_CHANGED, "F-2"),
        ),
    ],
)
def test_what_was_added_or_removed_is_named(copied: Path, statement: str, found: tuple[FindingKind, str]) -> None:
    assert forge(copied, statement) >= 1
    assert found in [(kind, subject) for _case, kind, subject in checked(copied)]


def test_a_second_row_of_a_record_is_found_without_the_constraint(copied: Path) -> None:
    """The bot would read whichever of the two it comes upon."""
    for statement in (
        "CREATE TABLE copied AS SELECT * FROM documents",
        "DROP TABLE documents",
        "ALTER TABLE copied RENAME TO documents",
        "INSERT INTO documents SELECT * FROM documents WHERE paper = 'T02' AND case_id = 1",
        "UPDATE documents SET content = '{}' WHERE rowid = (SELECT min(rowid) FROM documents WHERE paper = 'T02')",
    ):
        forge(copied, statement)
    assert ("F-1", K.RECORD_UNKNOWN, "T02 v1") in checked(copied)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (f"INSERT INTO case_places VALUES (99, 'owner', '{ZHOU}')", "F-99"),
        ("UPDATE reminders SET case_id = 99 WHERE state = 'waiting'", "F-99"),
        ("UPDATE audit_entries SET case_id = 9e999 WHERE id = 3", "F-?"),
        ("UPDATE documents SET case_id = x'01' WHERE id = 3", "F-?"),
    ],
)
def test_rows_of_no_case_are_found(copied: Path, statement: str, name: str) -> None:
    assert forge(copied, statement) >= 1
    assert (name, None, "cases") in checked(copied)


# ---- Forgeries ------------------------------------------------------------------------------------------------


def test_a_late_fault_cannot_be_made_to_look_on_time(builder: CaseBuilder, clock: ManualClock) -> None:
    """The deadline is moved, and the statistics are removed, so that they are computed again from the moved one."""
    case = builder.fault(State.REPLYING)
    clock.advance(timedelta(days=2))
    builder.onward(case, State.CLOSED)
    with builder.database.write() as session:
        assert settle(session, 1).count == 1
    tamper(
        builder.database,
        "UPDATE cases SET deadline_at = '2027-01-01 00:00:00.000000', settled = FALSE, "
        f"first_deadline_at = '2027-01-01 00:00:00.000000' WHERE id = {case}",
        f"DELETE FROM facts WHERE case_id = {case}",
    )
    with builder.database.write() as session:
        assert settle(session, 1).count == 1
    columns = ("cases.deadline_at", "cases.first_deadline_at")
    assert found_in(builder.database) == [(f"F-{case}", K.COLUMN_CHANGED, column) for column in columns]


def test_a_reminder_cannot_be_made_unsent(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.fault()
    clock.advance(timedelta(hours=6))
    assert builder.sweep()
    tamper(builder.database, "UPDATE reminders SET state = 'stopped', sent_at = NULL WHERE state = 'sent'")
    assert found_in(builder.database)[0] == (f"F-{case}", K.COLUMN_CHANGED, "reminders deadline_share 1")


def test_the_statistics_of_an_open_case_cannot_be_invented(builder: CaseBuilder) -> None:
    open_case, ended = builder.fault(), builder.fault(State.CLOSED)
    with builder.database.write() as session:
        assert settle(session, 1).count == 1
    tamper(
        builder.database,
        f"UPDATE cases SET settled = TRUE WHERE id = {open_case}",
        f"UPDATE facts SET case_id = {open_case} WHERE case_id = {ended}",
    )
    found = found_in(builder.database)
    assert {("F-1", K.STATISTICS_CHANGED, "F-1"), ("F-2", K.STATISTICS_CHANGED, "F-2")} <= set(found)


# ---- What an entry records --------------------------------------------------------------------------------------


def history(session: Session, case: int) -> list[AuditEntry]:
    return audit.entries(session, case)


def test_a_step_records_only_what_it_changed(builder: CaseBuilder) -> None:
    case = builder.fault(State.TRIAGE)
    builder.usual(Step.TRIAGE, case)
    with builder.database.read() as session:
        last = replay.read(history(session, case)[-1].changes)
    assert last is not None
    assert last.keys() == {"case"}
    assert set(last["case"]) == {"state", "version", "kind", "symptom_kind"}  # the clock stood still


def test_reminders_and_acknowledgements_are_entries_that_change_neither_version_nor_facts(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.fault()
    version = builder.card(case).version
    clock.advance(timedelta(hours=6))
    assert builder.sweep() == 1
    acknowledge_one(builder, case, WU)
    with builder.database.read() as session:
        told = [entry.step for entry in history(session, case)][-2:]
        reminded = history(session, case)[-2]
    assert told == [HistoryEvent.REMINDED, HistoryEvent.ACKNOWLEDGED]
    assert builder.card(case).version == version
    assert builder.card(case).last is not None
    assert (builder.card(case).last or reminded).step is Step.PUBLISH_ANALYSIS
    assert f'"to":["{LIN}","{WU}"]' in reminded.data
    assert found_in(builder.database) == []


def test_many_reminders_are_recorded_by_two_statements(
    builder: CaseBuilder, clock: ManualClock, statements: Callable[[Database], list[str]]
) -> None:
    for _ in range(8):
        builder.fault()
    clock.advance(timedelta(hours=6))
    seen = statements(builder.database)
    assert builder.sweep() == 8
    assert sum(one.startswith("INSERT INTO audit_entries") for one in seen) == 1
    assert sum(one.startswith("UPDATE cases") for one in seen) == 1
    assert found_in(builder.database) == []


# ---- The fold ----------------------------------------------------------------------------------------------------

SECTION = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), max_size=3)
PROJECTION = st.fixed_dictionaries({"case": st.fixed_dictionaries({"x": st.integers(0, 2), "y": st.none()})}).flatmap(
    lambda case: st.fixed_dictionaries({"places": SECTION, "assigned": SECTION}).map(lambda more: case | more)
)


@given(st.lists(PROJECTION, min_size=1))
def test_the_changes_of_all_steps_give_the_last_projection(projections: list[dict[str, Any]]) -> None:
    before: dict[str, Any] = {}
    changes = []
    for after in projections:
        changes.append(replay.difference(before, after))
        before = after
    assert replay.fold(changes) == projections[-1] | {"reminders": {}, "deadlines": {}, "files": {}}


def test_a_column_that_no_entry_knows_has_its_default() -> None:
    """A table may gain columns after a case was reported: their defaults count as written."""
    defaults = {column.name: replay.default(column) for column in replay.CASE_COLUMNS}
    assert (defaults["moved_count"], defaults["on_hold"], defaults["hold_until"]) == (0, False, None)


def test_a_case_without_recorded_changes_is_named(builder: CaseBuilder) -> None:
    case = builder.report()
    with builder.database.write() as session:
        (entry,) = history(session, case)
        entry = AuditEntry(**entry.model_dump(exclude={"changes"}))
        digest = audit.hash_of_entry(entry)
    tamper(
        builder.database,
        f"UPDATE audit_entries SET changes = NULL, hash = '{digest}'",
        f"UPDATE cases SET audit_head = '{digest}'",
    )
    with builder.database.read() as session:
        verified = verify(session, case)
        assert session.exec(select(Case)).one().audit_head == digest
    assert [(one.kind, one.subject) for one in verified.findings] == [(K.NOT_REPLAYED, f"F-{case}")]
    assert verified.replayed_from is None
