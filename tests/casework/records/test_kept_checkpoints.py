"""A checkpoint that was kept outside the database proves that everything up to it is there, or says what was lost."""

import json
from datetime import timedelta

import pytest

from bot.casework.records import kept_checkpoints
from bot.casework.records.checkpoints import due
from bot.casework.records.kept_checkpoints import Comparison, KeptCheckpoint, Lost, NoCheckpoint
from storage import audit, checkpoints, desk_history
from storage.tables import AuditEntry
from storage.vocabulary import DeskEvent, State
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.sealed_desk import KEY, OTHER_KEY, checkpoint, line, with_key
from tests.support.tampering import tamper


def compared(builder: CaseBuilder, text: str) -> Comparison:
    with builder.database.read() as session:
        return kept_checkpoints.compare(session, kept_checkpoints.read_kept(text))[-1]


def exported(builder: CaseBuilder) -> str:
    """Every checkpoint with its list, as an operator keeps them in a file."""
    with builder.database.read() as session:
        return "".join(json.dumps(one) + "\n" for one in kept_checkpoints.exported(session))


def cut_back(builder: CaseBuilder, case: int, entries: int, checkpoint: int) -> None:
    """Make the database what it was at a checkpoint, as a restore does: this many entries of the case were written."""
    with builder.database.read() as session:
        last = audit.entries(session, case)[entries - 1]
    tamper(
        builder.database,
        f"DELETE FROM audit_entries WHERE case_id = {case} AND seq > {entries}",
        f"UPDATE cases SET audit_count = {entries}, audit_head = '{last.hash}', state = '{last.to_state}' "
        f"WHERE id = {case}",
        f"DELETE FROM checkpoint_subjects WHERE checkpoint > {checkpoint}",
        f"DELETE FROM checkpoints WHERE number > {checkpoint}",
    )


@pytest.mark.parametrize("told", ['{"checkpoint": Infinity}', '{"checkpoint": "1"}', "[" * 100_000, "[]"])
def test_a_restore_that_nothing_can_read_tells_nothing(builder: CaseBuilder, told: str) -> None:
    builder.report()
    kept = line(builder)
    with builder.database.write() as session:
        desk_history.append(session, DeskEvent.RESTORED, "", {"checkpoint": 1}, builder.clock())
    tamper(builder.database, f"UPDATE desk_entries SET data = '{told}'", "DELETE FROM checkpoints")
    found = compared(builder, kept)
    assert (found.proves, found.restores) == (False, ())


def test_a_damaged_checkpoint_proves_nothing_and_is_due_again(builder: CaseBuilder) -> None:
    if not builder.database.is_sqlite:
        pytest.skip("PostgreSQL stores only moments as moments")
    builder.report()
    kept = line(builder)
    tamper(builder.database, "UPDATE checkpoints SET at = 'private'")
    found = compared(builder, kept)
    assert (found.is_here, found.is_whole) == (True, False)
    with builder.database.read() as session:
        assert due(session, timedelta(hours=1), builder.clock())


def test_a_kept_line_proves_what_is_there(builder: CaseBuilder) -> None:
    sealed = with_key(builder)
    case = sealed.fault(State.SHEET_SIGNING)
    kept = line(sealed)
    sealed.onward(case, State.ANALYSIS)
    checkpoint(sealed)
    found = compared(sealed, kept)
    assert (found.proves, found.is_genuine, found.last) == (True, True, 2)


def test_an_unsigned_line_proves_what_is_there(builder: CaseBuilder) -> None:
    builder.report()
    found = compared(builder, line(builder))
    assert (found.proves, found.is_genuine) == (True, None)


def test_a_line_with_a_signature_of_something_else_proves_nothing(builder: CaseBuilder) -> None:
    sealed = with_key(builder)
    sealed.report()
    kept = line(sealed)
    forged = kept.rpartition(" ")[0] + " " + KEY.sign("checkpoint", "0" * 64)
    assert compared(sealed, forged).is_genuine is False
    assert not compared(sealed, forged).proves


def test_what_was_changed_before_the_checkpoint_makes_it_prove_nothing(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    kept = line(builder)
    tamper(builder.database, f"DELETE FROM audit_entries WHERE case_id = {case} AND seq = 3")
    found = compared(builder, kept)
    assert (found.is_here, found.is_whole, found.proves) == (True, False, False)


def test_a_history_and_all_checkpoints_computed_again_are_found_from_the_line(builder: CaseBuilder) -> None:
    """Inside the database nothing is left that contradicts the forgery."""
    builder.fault(State.SHEET_SIGNING)
    kept = line(builder)
    with builder.database.read() as session:
        chain = [AuditEntry(**entry.model_dump()) for entry in audit.entries(session, 1)]
    chain[-1].person_id = "U0FORGER"
    chain[-1].hash = audit.hash_of_entry(chain[-1])
    tamper(
        builder.database,
        f"UPDATE audit_entries SET person_id = 'U0FORGER', hash = '{chain[-1].hash}' WHERE seq = 3",
        f"UPDATE cases SET audit_head = '{chain[-1].hash}'",
        "DELETE FROM checkpoint_subjects",
        "DELETE FROM checkpoints",
    )
    checkpoint(builder)
    assert not compared(builder, kept).is_here


def test_a_restore_names_the_entries_that_were_lost_with_it(builder: CaseBuilder, clock: ManualClock) -> None:
    sealed = with_key(builder)
    case = sealed.fault(State.SHEET_SIGNING)
    checkpoint(sealed)
    sealed.onward(case, State.DECISION)
    checkpoint(sealed)
    kept = exported(sealed)
    cut_back(sealed, case, entries=3, checkpoint=1)
    clock.move(hours=1)
    with sealed.database.write() as session:
        desk_history.append(session, DeskEvent.RESTORED, "", {"checkpoint": 1, "cases": 1}, clock.now())
    found = compared(sealed, kept)
    assert found.lost == (Lost("F-1", 4, 5),)
    assert [restore.checkpoint for restore in found.restores] == [1]
    assert found.is_genuine, "the line is one that this desk signed"


def test_work_that_went_on_after_the_restore_does_not_hide_what_was_lost(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    checkpoint(builder)
    builder.onward(case, State.DECISION)
    checkpoint(builder)
    kept = exported(builder)
    cut_back(builder, case, entries=3, checkpoint=1)
    tamper(builder.database, f"DELETE FROM documents WHERE case_id = {case} AND paper IN ('T04', 'T05')")
    tamper(builder.database, "UPDATE documents SET status = 'submitted', signature = NULL, signer_id = NULL")
    clock.move(hours=1)
    builder.onward(case, State.ANALYSIS)
    checkpoint(builder)
    assert compared(builder, kept).lost == (Lost("F-1", 4, 5),)


def test_a_line_of_a_key_that_this_desk_never_used_is_not_known_to_be_genuine(builder: CaseBuilder) -> None:
    with_key(builder).report()
    line(with_key(builder))
    root = "0" * 64
    forged = (
        f"checkpoint 1 · root {root} · key {OTHER_KEY.fingerprint} · signature {OTHER_KEY.sign('checkpoint', root)}"
    )
    found = compared(builder, forged)
    assert (found.is_here, found.is_genuine) == (False, None)


def test_exported_checkpoints_are_read_back_with_their_lists(builder: CaseBuilder) -> None:
    builder.report()
    checkpoint(builder)
    builder.report()
    checkpoint(builder)
    kept = kept_checkpoints.read_kept(exported(builder))
    with builder.database.read() as session:
        lists = dict(checkpoints.lists(session))
    assert [(one.line.number, list(one.subjects)) for one in kept] == sorted(lists.items())


@pytest.mark.parametrize("text", ["", "checkpoint", "{}", '{"line": 3}', "checkpoint 0 · root x · unsigned", "[1]"])
def test_a_text_without_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoCheckpoint):
        kept_checkpoints.read_kept(text)


def test_several_lines_are_compared_in_their_order(builder: CaseBuilder) -> None:
    lines = []
    for _ in range(3):
        builder.report()
        lines.append(line(builder))
    with builder.database.read() as session:
        kept: list[KeptCheckpoint] = kept_checkpoints.read_kept("\n".join(reversed(lines)))
        found = kept_checkpoints.compare(session, kept)
    assert [one.line.number for one in found] == [1, 2, 3]
    assert all(one.proves for one in found)
