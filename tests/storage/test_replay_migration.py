"""Databases of every earlier revision, with data: they migrate, verify, and give the same documents as before."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.full_record import full_record
from bot.casework.records.findings import FindingKind
from bot.casework.records.verify import verify
from bot.documents.case_files import paper_file, papers_in, versions_in
from bot.documents.context import DocumentSettings
from bot.documents.pack.verify import check
from bot.documents.wording import Wording
from bot.workflow.context import Policy
from storage import audit, migrations, people, replay
from storage.database import Database
from storage.people import Profile
from storage.tables import Case, Personal
from storage.vocabulary import HistoryEvent, Step
from tests.support import postgresql_server, world
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.old_databases import EACH_REVISION, restored
from tests.support.tampering import tamper
from tests.support.team import DESK, WU, ZHAO
from tests.support.verified import found_in

CASES = (1, 2, 3, 4)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server: postgresql_server.Server = request.getfixturevalue("postgresql")
    name = f"old_{uuid4().hex}"
    yield server.make(name, "template1")
    server.drop(name)


@pytest.fixture
def database(empty_url: str, tmp_path: Path) -> Iterator[Database]:
    """The database of the version before changes were recorded, migrated."""
    made = restored(empty_url, "0006", tmp_path)
    migrations.upgrade(made.engine)
    yield made
    made.close()


def documents_of(database: Database) -> dict[str, bytes]:
    """Every version of every document, as Word files."""
    wording, found = Wording("both", ZoneInfo("Asia/Shanghai")), {}
    with database.read() as session:
        for number in CASES:
            case = full_record(session, number, Policy())
            for paper in papers_in(case):
                for record in versions_in(case, paper):
                    file = paper_file(case, paper, "docx", wording, DocumentSettings(), version=record.version)
                    found[f"{number} {file.name}"] = file.content
    return found


@pytest.mark.parametrize("revision", EACH_REVISION)
def test_a_database_of_each_revision_migrates_and_verifies(revision: str, empty_url: str, tmp_path: Path) -> None:
    database = restored(empty_url, revision, tmp_path)
    with database.engine.connect() as connection:
        chains = connection.execute(text("SELECT case_id, seq, hash FROM audit_entries")).all()
    migrations.upgrade(database.engine)
    assert migrations.differences(database.engine) == []
    assert found_in(database) == []
    with database.read() as session:
        for number in CASES:
            *old, adopted = audit.entries(session, number)
            assert {(entry.case_id, entry.seq, entry.hash) for entry in old} <= {tuple(row) for row in chains}
            assert (adopted.step, verify(session, number).replayed_from) == (HistoryEvent.ADOPTED, adopted.seq)
    database.close()


def test_documents_stay_the_same_when_somebody_renames_their_account(database: Database) -> None:
    """Names of before the upgrade are those known at the upgrade."""
    before = documents_of(database)
    assert len(before) == 10
    with database.write() as session:
        known = people.names(session, [WU, ZHAO, "U0CHEN", "U0HUANG", "U0LIN", "U0HE", "U0ANNA"])
        people.keep(session, [Profile(one, "Somebody Else", None, None, True) for one in known], world.begins())
    assert documents_of(database) == before


def test_names_contacts_and_sent_reminders_are_adopted(database: Database) -> None:
    with database.read() as session:
        adopted = audit.adopted(session, 3)
        assert adopted is not None
        told = replay.read(adopted.changes)
        values = {row.value for row in session.exec(select(Personal).where(Personal.case_id == 3))}
    assert told is not None
    assert {"deadline_share 1"} <= told["reminders"].keys()
    assert told["reminders"]["deadline_share 1"]["acknowledged_by"] == WU
    assert json.loads(adopted.identities or "")["names"][WU] == "Wu Gang 吴刚"
    assert values == {"Sun Li 孙丽", "138 0000 0000", "Zhao Lei 赵磊"}  # the modifier has no role
    assert not any(value in f"{adopted.data}{adopted.changes}{adopted.identities}" for value in values)


def test_later_changes_from_outside_are_found_and_later_steps_verify(database: Database) -> None:
    clock = ManualClock()
    with database.read() as session:
        clock.set(max(entry.at for entry in audit.entries(session, 3)))
    builder = CaseBuilder(database, CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai")), clock.now)
    builder.usual(Step.SUBMIT_MODIFICATION, 3)
    assert found_in(database) == []
    tamper(database, "UPDATE cases SET severity = 'general' WHERE id = 3", "UPDATE documents SET author_id = 'U0X'")
    found = found_in(database)
    assert ("F-3", FindingKind.COLUMN_CHANGED, "cases.severity") in found
    assert ("F-4", FindingKind.AUTHOR_CHANGED, "T02 v1") in found


def test_a_damaged_case_does_not_stop_the_migration(tmp_path: Path) -> None:
    database = restored(f"sqlite:///{tmp_path / 'old.db'}", "0001", tmp_path)
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE audit_entries SET data = '{' WHERE case_id = 2 AND seq = 2"))
        connection.execute(text("UPDATE cases SET published_at = 'yesterday' WHERE id = 4"))
        connection.execute(text("UPDATE cases SET severity = 'unheard-of' WHERE id = 4"))
    migrations.upgrade(database.engine)
    found = found_in(database)
    assert ("F-2", FindingKind.ENTRY_CHANGED, "2") in found
    assert {("F-4", FindingKind.COLUMN_CHANGED, f"cases.{name}") for name in ("severity", "published_at")} <= set(found)
    with database.read() as session:
        assert session.exec(select(Case.audit_count).where(Case.id == 1)).one() == len(audit.entries(session, 1))
    database.close()


def test_a_pack_of_before_the_upgrade_still_verifies(tmp_path: Path) -> None:
    """It has neither changes nor personal values."""
    database = restored(f"sqlite:///{tmp_path / 'old.db'}", "0006", tmp_path)
    pack = tmp_path / "pack"
    pack.mkdir()
    with database.engine.connect() as connection:
        entries = connection.execute(text("SELECT * FROM audit_entries ORDER BY case_id, seq")).mappings()
        history = [_entry(dict(row)) for row in entries]
    last = {entry["case"]: entry for entry in history}
    cases = [{"case": case, "entries": one["seq"], "head": one["hash"]} for case, one in last.items()]
    for name, lines in {"history": history, "cases": cases, "records": [], "reports": []}.items():
        (pack / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert [one for one in check(pack) if "missing" not in one] == []
    database.close()


def _entry(row: dict[str, str]) -> dict[str, str]:
    names = {"case": "case_id", "person": "person_id", "from": "from_state", "to": "to_state"}
    same = {name: row[name] for name in ("seq", "step", "data", "hash")}
    at = f"{row['at'].replace(' ', 'T').removesuffix('.000000')}+00:00"
    return {**same, **{name: row[column] for name, column in names.items()}, "at": at, "previous": row["previous_hash"]}
