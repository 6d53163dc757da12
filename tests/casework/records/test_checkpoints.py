"""Checkpoints list what changed, and verification finds from them what was removed, cut off or computed again."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.casework.records import checkpoints
from bot.casework.records.checkpoints import CheckpointLine, lines_in
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.records.verify_checkpoints import read_proofs
from storage import audit
from storage import checkpoints as stored
from storage.checkpoints import Subject
from storage.documents import canonical
from storage.tables import AuditEntry, Case, CheckpointSubject
from storage.vocabulary import Role, State, SubjectKind
from tests.support.acceptance_scenarios import MORNING
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.november_report import beat, issue, november
from tests.support.sealed_desk import (
    KEY,
    checkpoint,
    findings_of_case,
    findings_of_desk,
    findings_of_reports,
    line,
    with_key,
)
from tests.support.tampering import tamper
from tests.support.team import CHEN

__all__ = ["november"]
K = FindingKind


def listed(builder: CaseBuilder) -> list[list[tuple[SubjectKind, int, int]]]:
    """The lists of all checkpoints, as kind, id and number of entries."""
    with builder.database.read() as session:
        return [[(one.kind, one.id, one.entries) for one in found] for _number, found in stored.lists(session)]


def test_the_first_checkpoint_lists_everything_and_the_next_what_changed(builder: CaseBuilder) -> None:
    first, second = builder.report(), builder.fault(State.SHEET_SIGNING)
    assert checkpoint(builder) is not None
    builder.onward(first, State.SHEET_DRAFTING)
    third = builder.report()
    assert checkpoint(builder) is not None
    case = SubjectKind.CASE
    assert listed(builder) == [[(case, first, 1), (case, second, 3)], [(case, first, 2), (case, third, 1)]]


def test_without_a_change_no_checkpoint_is_written(builder: CaseBuilder) -> None:
    assert checkpoint(builder) is None
    builder.report()
    assert checkpoint(builder) is not None
    assert checkpoint(builder) is None


def test_the_root_covers_number_key_previous_root_and_list(builder: CaseBuilder) -> None:
    at = builder.clock()
    one, other = Subject(SubjectKind.CASE, 1, 2, "a" * 64), Subject(SubjectKind.REPORT, 1, 2, "a" * 64)
    roots = {
        stored.root_of(1, at, None, "", [one]),
        stored.root_of(2, at, None, "", [one]),
        stored.root_of(1, at, "k", "", [one]),
        stored.root_of(1, at, None, "r", [one]),
        stored.root_of(1, at, None, "", [other]),
        stored.root_of(1, at, None, "", [one, other]),
        stored.root_of(1, MORNING, None, "", [one]),
    }
    assert len(roots) == 7


def test_two_processes_write_one_checkpoint(builder: CaseBuilder) -> None:
    builder.report()
    with builder.database.read() as session:
        one, other = checkpoints.draft(session), checkpoints.draft(session)
    with builder.database.write() as session:
        assert checkpoints.write(session, one, builder.company, builder.clock()) is not None
    with builder.database.write() as session:
        assert checkpoints.write(session, other, builder.company, builder.clock()) is None
    assert len(listed(builder)) == 1
    assert findings_of_desk(builder) == []


def test_a_step_that_commits_after_the_list_was_read_is_in_the_next_checkpoint(builder: CaseBuilder) -> None:
    case = builder.report()
    with builder.database.read() as session:
        drafted = checkpoints.draft(session)
    builder.onward(case, State.SHEET_DRAFTING)
    with builder.database.write() as session:
        checkpoints.write(session, drafted, builder.company, builder.clock())
    checkpoint(builder)
    assert listed(builder) == [[(SubjectKind.CASE, case, 1)], [(SubjectKind.CASE, case, 2)]]
    assert findings_of_case(builder, case) == []


def test_a_checkpoint_is_due_after_its_interval_and_when_a_clock_was_ahead(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    def due() -> bool:
        with builder.database.read() as session:
            return checkpoints.due(session, timedelta(hours=1), clock.now())

    assert due()
    builder.report()
    checkpoint(builder)
    clock.move(minutes=59, seconds=59)
    assert not due()
    clock.move(seconds=1)
    assert due()
    clock.move(hours=-3)
    assert due(), "the last one bears a moment that has not come yet"


# ---- What verification finds from them -------------------------------------------------------------------------


def test_a_case_whose_rows_are_all_gone_is_found(builder: CaseBuilder) -> None:
    gone, other = builder.fault(State.ANALYSIS), builder.report()
    checkpoint(builder)
    tamper(
        builder.database,
        *(f"DELETE FROM {table} WHERE case_id = {gone}" for table in OF_CASE),
        f"DELETE FROM cases WHERE id = {gone}",
    )
    with builder.database.read() as session:
        assert read_proofs(session).removed_cases == [gone]
    assert findings_of_case(builder, other) == []


OF_CASE = (
    "waits",
    "personal",
    "deadline_changes",
    "audit_entries",
    "documents",
    "case_places",
    "case_assigned",
    "reminders",
    "outbox",
    "posted",
    "facts",
)


def test_entries_that_are_cut_off_at_the_end_are_found_although_the_case_fits(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    checkpoint(builder)
    with builder.database.read() as session:
        last = audit.entries(session, case)[-2]
    tamper(
        builder.database,
        f"DELETE FROM audit_entries WHERE case_id = {case} AND seq > {last.seq}",
        f"DELETE FROM documents WHERE case_id = {case} AND paper = 'T02'",
        f"UPDATE cases SET audit_count = {last.seq}, audit_head = '{last.hash}', state = '{last.to_state}'",
    )
    assert Finding(K.ENTRY_REMOVED, "3") in findings_of_case(builder, case)


def compute_again(builder: CaseBuilder, case: int) -> None:
    """Change who took the first step, and compute the whole chain again, as a forger who knows the code would."""
    with builder.database.read() as session:
        chain = [AuditEntry(**entry.model_dump()) for entry in audit.entries(session, case)]
    chain[0].person_id = "U0FORGER"
    chain[0].hash = audit.hash_of_entry(chain[0])
    for before, entry in pairwise(chain):
        entry.previous_hash = before.hash
        entry.hash = audit.hash_of_entry(entry)
    tamper(
        builder.database,
        *(
            f"UPDATE audit_entries SET person_id = '{one.person_id}', previous_hash = '{one.previous_hash}', "
            f"hash = '{one.hash}' WHERE case_id = {case} AND seq = {one.seq}"
            for one in chain
        ),
        f"UPDATE cases SET audit_head = '{chain[-1].hash}' WHERE id = {case}",
    )


def test_a_chain_that_was_computed_again_is_found(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    checkpoint(builder)
    compute_again(builder, case)
    assert findings_of_case(builder, case) == [Finding(K.ENTRY_RECOMPUTED, "3")]


def test_a_chain_computed_again_is_found_although_later_checkpoints_list_it(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    checkpoint(builder)
    compute_again(builder, case)
    builder.onward(case, State.ANALYSIS)
    checkpoint(builder)
    assert findings_of_case(builder, case) == [Finding(K.ENTRY_RECOMPUTED, "3")]


def test_a_removed_issued_report_is_found(november: CaseBuilder) -> None:
    beat(november)
    issue(november, comment="Good")
    checkpoint(november)
    assert findings_of_desk(november) == []
    tamper(november.database, "DELETE FROM report_copies", "DELETE FROM reports")
    assert findings_of_reports(november) == []
    assert findings_of_desk(november) == [Finding(K.SUBJECT_REMOVED, "T08 #1")]


def test_an_issue_that_was_taken_back_is_found(november: CaseBuilder) -> None:
    beat(november)
    checkpoint(november)
    issue(november, comment="Good")
    checkpoint(november)
    tamper(november.database, "UPDATE reports SET comment = NULL, issued_by = NULL, issued_at = NULL, signature = NULL")
    assert findings_of_desk(november) == [Finding(K.SUBJECT_REMOVED, "T08 #1")]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE checkpoint_subjects SET entries = 7 WHERE checkpoint = 2", K.CHECKPOINT_CHANGED),
        ("DELETE FROM checkpoint_subjects WHERE checkpoint = 2", K.CHECKPOINT_CHANGED),
        ("UPDATE checkpoints SET at = '2020-01-01 00:00:00.000000' WHERE number = 2", K.CHECKPOINT_CHANGED),
        ("UPDATE checkpoints SET key = 'k' WHERE number = 2", K.CHECKPOINT_CHANGED),
        (f"UPDATE checkpoints SET root = '{'0' * 64}' WHERE number = 2", K.CHECKPOINT_CHANGED),
        (f"UPDATE checkpoints SET previous_root = '{'0' * 64}' WHERE number = 2", K.CHECKPOINT_CHANGED),
        ("DELETE FROM checkpoints WHERE number = 2", K.CHECKPOINT_MISSING),
        ("DELETE FROM checkpoints WHERE number = 3", K.CHECKPOINT_MISSING),
        ("UPDATE checkpoints SET number = 2000000000 WHERE number = 3", K.CHECKPOINT_MISSING),
        ("UPDATE checkpoints SET number = -1 WHERE number = 3", K.CHECKPOINT_CHANGED),
        ("UPDATE checkpoint_subjects SET checkpoint = 2000000000 WHERE checkpoint = 3", K.CHECKPOINT_MISSING),
    ],
)
def test_a_changed_checkpoint_is_found(builder: CaseBuilder, statement: str, found: FindingKind) -> None:
    for _ in range(3):
        builder.report()
        checkpoint(builder)
    assert findings_of_desk(builder) == []
    tamper(builder.database, statement)
    assert found in {finding.kind for finding in findings_of_desk(builder)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoints SET number = 9",
        "DELETE FROM checkpoints",
        "UPDATE checkpoint_subjects SET entries = 9",
        "DELETE FROM checkpoint_subjects",
        "UPDATE desk_entries SET person_id = 'U0X'",
        "DELETE FROM desk_entries",
        "UPDATE key_signatures SET signature = ''",
        "DELETE FROM key_signatures",
    ],
)
def test_the_database_refuses_changes(builder: CaseBuilder, statement: str) -> None:
    sealed = with_key(builder)
    sealed.report()
    checkpoint(sealed)
    with pytest.raises(DBAPIError, match="append-only"), builder.database.write() as session:
        session.connection().execute(text(statement))


# ---- Any history -------------------------------------------------------------------------------------------------


def test_whatever_is_listed_equals_the_counts_of_the_cases(builder: CaseBuilder) -> None:
    """The last listed number of entries of each case is the present one, whatever was written between checkpoints."""
    for state in (State.SHEET_DRAFTING, State.SHEET_SIGNING, State.ANALYSIS):
        first = builder.fault(state)
        checkpoint(builder)
        builder.onward(first, State.DECISION)
        builder.report()
    checkpoint(builder)
    with builder.database.read() as session:
        counts = {case.id: case.audit_count for case in session.exec(select(Case))}
        rows = session.exec(select(CheckpointSubject).order_by("checkpoint")).all()
    assert {row.subject: row.entries for row in rows} == counts


ROOTS = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(st.integers(1, 10**8), ROOTS, st.booleans(), st.sampled_from(["{}", "`{}`", "> {}\n", "on Monday\n{} (kept)"]))
def test_a_line_is_read_back_from_whatever_stands_around_it(number: int, root: str, signed: bool, around: str) -> None:
    key, signature = (KEY.fingerprint, KEY.sign("checkpoint", root)) if signed else (None, None)
    kept = CheckpointLine(number, root, key, signature)
    assert lines_in(around.format(kept)) == [kept]


def test_a_line_that_was_broken_by_a_mail_is_read(builder: CaseBuilder) -> None:
    sealed = with_key(builder)
    sealed.report()
    said = line(sealed)
    assert lines_in(said.replace(" · ", " ·\n")) == lines_in(said)
    assert json.loads(canonical({"line": said}))["line"] == said


def test_the_roles_that_witness_are_told_and_nobody_else(builder: CaseBuilder) -> None:
    with builder.database.read() as session:
        told = set(checkpoints.witnesses(session, builder.company, builder.clock()))
    assert checkpoints.WITNESSES == (Role.ADMIN, Role.VIEWER)
    assert told
    assert CHEN not in told


def test_no_entry_of_a_case_is_changed_by_a_checkpoint(builder: CaseBuilder) -> None:
    builder.report()
    with builder.database.read() as session:
        before = [entry.hash for entry in session.exec(select(AuditEntry))]
    checkpoint(builder)
    with builder.database.read() as session:
        assert [entry.hash for entry in session.exec(select(AuditEntry))] == before
