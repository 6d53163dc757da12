"""`verify` names everything that was changed without a step, by the hash chain and the signatures."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from bot.casework.records.findings import FindingKind
from bot.casework.records.verify import verify
from storage import audit, documents
from storage.statistics import settle
from storage.tables import AuditEntry, Document
from storage.vocabulary import Paper, PaperStatus, Role, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.tampering import tamper
from tests.support.team import CHEN, HUANG, LIN, WU

K = FindingKind
#: Entry numbers of the fault path: 1 report, 2 triage, 3 draft, 4 signature, 5 analysis report.
DRAFTED, SIGNED = 3, 4


def findings(builder: CaseBuilder, case: int) -> set[tuple[FindingKind, str]]:
    with builder.database.read() as session:
        return {(one.kind, one.subject) for one in verify(session, case).findings}


@pytest.mark.parametrize("state", [State.TRIAGE, State.SHEET_SIGNING, State.ANALYSIS, State.CLOSED])
def test_records_written_by_steps_verify(builder: CaseBuilder, state: State) -> None:
    case = builder.fault(state)
    assert findings(builder, case) == set()


def test_returned_void_and_redrafted_sheets_verify(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    builder.take(Step.RETURN_SHEET, HUANG, case, reason="Which provinces? 影响哪些省份?")
    builder.usual(Step.DRAFT_SHEET, case)
    builder.usual(Step.SIGN_SHEET, case)
    builder.take(Step.RECLASSIFY, HUANG, case, reason="No fault")
    assert findings(builder, case) == set()


SHEET = "paper = 'T02' AND version = 1"


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            f"UPDATE documents SET content = replace(content, 'No bills', 'Some') WHERE {SHEET}",
            {(K.CONTENT_CHANGED, "T02 v1")},
        ),
        (
            f"UPDATE documents SET content_hash = '{'0' * 64}' WHERE {SHEET}",
            {(K.CONTENT_CHANGED, "T02 v1"), (K.SIGNATURE_BROKEN, "T02 v1")},
        ),
        (f"UPDATE documents SET signature = '{'0' * 64}' WHERE {SHEET}", {(K.SIGNATURE_BROKEN, "T02 v1")}),
        (f"UPDATE documents SET signature = NULL WHERE {SHEET}", {(K.SIGNATURE_BROKEN, "T02 v1")}),
        (
            f"UPDATE documents SET signer_id = NULL, signature = NULL WHERE {SHEET}",
            {(K.SIGNATURE_BROKEN, "T02 v1")},
        ),
        (f"UPDATE documents SET signer_id = '{CHEN}' WHERE {SHEET}", {(K.SIGNATURE_BROKEN, "T02 v1")}),
        (
            f"UPDATE documents SET signer_role = 'center_manager:deputy' WHERE {SHEET}",
            {(K.SIGNATURE_BROKEN, "T02 v1")},
        ),
        (
            f"UPDATE documents SET signed_at = '2020-01-01 00:00:00.000000' WHERE {SHEET}",
            {(K.SIGNATURE_BROKEN, "T02 v1")},
        ),
        (f"DELETE FROM documents WHERE {SHEET}", {(K.RECORD_MISSING, "T02 v1")}),
        (
            "UPDATE documents SET version = 9 WHERE paper = 'T04'",
            {(K.RECORD_UNKNOWN, "T04 v9"), (K.RECORD_MISSING, "T04 v1")},
        ),
        (f"UPDATE audit_entries SET person_id = '{CHEN}' WHERE seq = {SIGNED}", {(K.ENTRY_CHANGED, "4")}),
        (
            f"UPDATE audit_entries SET at = '2020-01-01 00:00:00.000000' WHERE seq = {SIGNED}",
            {(K.ENTRY_CHANGED, "4")},
        ),
        (f"UPDATE audit_entries SET to_state = 'closed' WHERE seq = {SIGNED}", {(K.ENTRY_CHANGED, "4")}),
        (
            "UPDATE audit_entries SET data = replace(data, 'exit', 'hang') WHERE seq = 2",
            {(K.ENTRY_CHANGED, "2")},
        ),
        (
            "DELETE FROM audit_entries WHERE seq = 2",
            {(K.ENTRY_CHANGED, "3"), (K.COLUMN_CHANGED, "cases.kind"), (K.COLUMN_CHANGED, "cases.symptom_kind")},
        ),
        ("UPDATE cases SET audit_count = 4", {(K.HISTORY_CUT, "4")}),
        (f"UPDATE cases SET audit_head = '{'0' * 64}'", {(K.HISTORY_CUT, "5")}),
    ],
)
def test_a_single_change_is_named(builder: CaseBuilder, statement: str, found: set[tuple[FindingKind, str]]) -> None:
    case = builder.fault()
    tamper(builder.database, statement)
    assert findings(builder, case) == found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE facts SET amount = 60 WHERE kind_id = (SELECT id FROM fact_kinds WHERE measure = 'M7')",
        "UPDATE facts SET reported_at = 0",
        "DELETE FROM facts",
        "UPDATE fact_kinds SET measure = 'M8' WHERE measure = 'M9'",
    ],
)
def test_changed_statistics_facts_are_named(builder: CaseBuilder, statement: str) -> None:
    case = builder.fault(State.CLOSED)
    with builder.database.write() as session:
        assert settle(session, 1).count == 1
    assert findings(builder, case) == set()
    tamper(builder.database, statement)
    assert findings(builder, case) == {(K.STATISTICS_CHANGED, f"F-{case}")}


def test_a_settled_case_with_an_unreadable_history_is_named_and_does_not_break_the_check(builder: CaseBuilder) -> None:
    broken, other = builder.fault(State.CLOSED), builder.fault(State.CLOSED)
    with builder.database.write() as session:
        assert settle(session, 2).count == 2
    tamper(
        builder.database,
        f"UPDATE audit_entries SET data = '{{' WHERE seq = 5 AND case_id = {broken}",
        f"UPDATE documents SET content = '{{}}' WHERE paper = 'T02' AND case_id = {other}",
    )
    assert (K.ENTRY_CHANGED, "5") in findings(builder, broken)
    assert findings(builder, other) == {(K.CONTENT_CHANGED, "T02 v1")}


def test_a_cut_off_last_entry_is_named(builder: CaseBuilder) -> None:
    case = builder.fault()
    tamper(builder.database, "DELETE FROM audit_entries WHERE seq = 5")
    assert findings(builder, case) >= {
        (K.HISTORY_CUT, "5"),
        (K.RECORD_UNKNOWN, "T04 v1"),
        (K.RECORD_UNKNOWN, "T05 v1"),
        (K.COLUMN_CHANGED, "cases.state"),
    }


def test_an_entry_added_at_the_end_is_named(builder: CaseBuilder) -> None:
    """This holds even for an entry with a correct hash."""
    case = builder.fault()
    with builder.database.write() as session:
        last = session.exec(select(AuditEntry).where(AuditEntry.seq == 5)).one()
        forged = AuditEntry(**{**last.model_dump(), "id": None, "seq": 6, "previous_hash": last.hash})
        forged.hash = audit.hash_of_entry(forged)
        session.add(forged)
    assert findings(builder, case) == {(K.HISTORY_CUT, "5")}


@pytest.mark.parametrize(
    ("forged", "named"),
    [
        ("UPDATE audit_entries SET person_id = 'U0X' WHERE seq = 2", {(K.ENTRY_CHANGED, "2")}),
        ("UPDATE audit_entries SET changes = 'nonsense' WHERE seq = 3", {(K.ENTRY_CHANGED, "3")}),
        ("DELETE FROM audit_entries WHERE seq = 1", {(K.ENTRY_CHANGED, "2"), (K.NOT_REPLAYED, "F-1")}),
        ('UPDATE audit_entries SET changes = \'{"places":{"x":"y"}}\' WHERE seq = 2', {(K.ENTRY_CHANGED, "2")}),
        ('UPDATE audit_entries SET changes = \'{"reminders":{"x":"y"}}\' WHERE seq = 2', {(K.ENTRY_CHANGED, "2")}),
    ],
)
def test_after_a_changed_entry_the_columns_are_compared_all_the_same(
    builder: CaseBuilder, forged: str, named: set[tuple[FindingKind, str]]
) -> None:
    case = builder.fault()
    tamper(builder.database, forged, "UPDATE cases SET severity = 'general', deadline_at = NULL")
    assert findings(builder, case) >= {
        *named,
        (K.COLUMN_CHANGED, "cases.severity"),
        (K.COLUMN_CHANGED, "cases.deadline_at"),
    }


def test_without_its_beginning_a_history_says_nothing_of_what_it_does_not_name(builder: CaseBuilder) -> None:
    case = builder.fault()
    tamper(builder.database, "DELETE FROM audit_entries WHERE seq = 1")
    assert [subject for _kind, subject in findings(builder, case) if "cases" in subject] == []


def test_two_swapped_entries_are_named(builder: CaseBuilder) -> None:
    case = builder.fault()
    tamper(
        builder.database,
        "UPDATE audit_entries SET seq = 99 WHERE seq = 2",
        "UPDATE audit_entries SET seq = 2 WHERE seq = 3",
        "UPDATE audit_entries SET seq = 3 WHERE seq = 99",
    )
    assert {("entry_changed", "2"), ("entry_changed", "3")} <= findings(builder, case)


def test_an_added_record_is_named(builder: CaseBuilder) -> None:
    case = builder.fault()
    with builder.database.write() as session:
        documents.add(
            session, case, Paper.REPLY, None, {"reply": "All is well"}, PaperStatus.RECORDED, CHEN, builder.clock()
        )
    assert findings(builder, case) == {(K.RECORD_UNKNOWN, "reply v1")}


def test_only_the_tampered_case_is_named(builder: CaseBuilder) -> None:
    first, second = builder.fault(), builder.fault()
    tamper(builder.database, f"UPDATE documents SET signer_id = '{CHEN}' WHERE {SHEET} AND case_id = {first}")
    assert findings(builder, first)
    assert not findings(builder, second)


def test_an_entry_with_unreadable_data_is_named_and_does_not_break_the_check(builder: CaseBuilder) -> None:
    case = builder.fault()
    tamper(builder.database, f"UPDATE audit_entries SET data = '{{' WHERE seq = {SIGNED}")
    assert (K.ENTRY_CHANGED, "4") in findings(builder, case)


# The guards of the database


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET person_id = 'U0X'",
        "UPDATE audit_entries SET data = '{}'",
        "DELETE FROM audit_entries",
        "DELETE FROM documents",
        "UPDATE documents SET content = '{}'",
        "UPDATE documents SET content_hash = ''",
        "UPDATE documents SET author_id = 'U0X'",
        "UPDATE documents SET version = version + 1",
        "UPDATE documents SET case_id = 2",
        "UPDATE documents SET paper = 'T01'",
        "UPDATE documents SET created_at = '2020-01-01 00:00:00.000000'",
        f"UPDATE documents SET signature = NULL WHERE {SHEET}",
        f"UPDATE documents SET signature = 'x' WHERE {SHEET}",
        f"UPDATE documents SET signer_id = 'U0X' WHERE {SHEET}",
        f"UPDATE documents SET signer_id = NULL WHERE {SHEET}",
        f"UPDATE documents SET signer_role = 'tester' WHERE {SHEET}",
        f"UPDATE documents SET signer_role = NULL WHERE {SHEET}",
        f"UPDATE documents SET signed_at = '2020-01-01 00:00:00.000000' WHERE {SHEET}",
        f"UPDATE documents SET signed_at = NULL WHERE {SHEET}",
        f"INSERT OR REPLACE INTO documents SELECT * FROM documents WHERE {SHEET}",
        "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries",
    ],
)
def test_the_database_refuses_changes_of_entries_records_and_signatures(builder: CaseBuilder, statement: str) -> None:
    builder.fault()
    with pytest.raises(DBAPIError), builder.database.write() as session:
        session.connection().execute(text(statement))


def test_a_status_that_no_step_set_is_accepted_by_the_database_but_named(builder: CaseBuilder) -> None:
    case = builder.fault()
    with builder.database.write() as session:
        sheet_of(session, case).status = PaperStatus.VOID
    assert findings(builder, case) == {(K.STATUS_CHANGED, "T02 v1")}


# The signature


def sheet_of(session: Session, case: int) -> Document:
    sheet = documents.newest_of(session, case, Paper.FAULT_SHEET)
    assert sheet is not None
    return sheet


def test_a_sheet_is_signed_only_once(builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    with pytest.raises(ValueError, match="signed already"), builder.database.write() as session:
        documents.sign(sheet_of(session, case), HUANG, Role.CENTER_MANAGER, builder.clock())
    assert builder.refused(Step.SIGN_SHEET, HUANG, case, testers=[LIN], technicians=[WU]) == ["NotNow"]


def test_a_signature_binds_person_role_time_content_version_and_case(builder: CaseBuilder) -> None:
    case, other = builder.fault(State.ANALYSIS), builder.fault(State.ANALYSIS)
    with builder.database.read() as session:
        sheet, twin = sheet_of(session, case), sheet_of(session, other)
        at, role = sheet.signed_at, Role.CENTER_MANAGER.value
        assert at is not None
        assert (sheet.signer_id, sheet.signer_role, at) == (HUANG, role, builder.clock())
        assert sheet.signature == documents.signature_of(sheet, HUANG, role, at)
        edited = Document(**{**sheet.model_dump(), "content_hash": documents.hash_of("{}")})
        next_one = Document(**{**sheet.model_dump(), "version": 2})
        changed = {
            documents.signature_of(sheet, CHEN, role, at),
            documents.signature_of(sheet, HUANG, f"{role}:deputy", at),
            documents.signature_of(sheet, HUANG, role, at + timedelta(seconds=1)),
            documents.signature_of(edited, HUANG, role, at),
            documents.signature_of(next_one, HUANG, role, at),
            documents.signature_of(twin, HUANG, role, at),
        }
    assert len(changed) == 6
    assert sheet.signature not in changed


def test_the_history_holds_the_signature_and_the_content_hash(builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    with builder.database.read() as session:
        sheet = sheet_of(session, case)
        entry = session.exec(select(AuditEntry).where(AuditEntry.case_id == case, AuditEntry.seq == SIGNED)).one()
        assert sheet.signature is not None
        assert sheet.signature in entry.data
        assert sheet.content_hash in entry.data


def test_changed_content_is_a_new_unsigned_version(builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    builder.take(Step.RECLASSIFY, HUANG, case, reason="Not a fault?")
    builder.usual(Step.TRIAGE, case)
    builder.usual(Step.DRAFT_SHEET, case, symptom="It hangs")
    with builder.database.read() as session:
        versions = [one for one in documents.all_of(session, case) if one.paper is Paper.FAULT_SHEET]
    assert [(one.version, one.signer_id, one.status) for one in versions] == [
        (1, HUANG, PaperStatus.VOID),
        (2, None, PaperStatus.SUBMITTED),
    ]


def test_case_numbers_are_never_reused(builder: CaseBuilder) -> None:
    builder.report()
    last = builder.report()
    tamper(
        builder.database,
        *(
            f"DELETE FROM {table} WHERE case_id = {last}"
            for table in (
                "outbox",
                "reminders",
                "audit_entries",
                "documents",
                "case_places",
                "case_assigned",
                "personal",
                "waits",
            )
        ),
        f"DELETE FROM cases WHERE id = {last}",
    )
    assert builder.report() == last + 1
