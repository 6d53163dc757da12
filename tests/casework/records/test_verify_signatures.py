"""The key outside the database: what it signs, and what verification says where its signature is missing or forged."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.casework import signing
from bot.casework.records import keys
from bot.casework.records.findings import Finding, FindingKind
from bot.casework.signing import KeyState
from bot.seal_key import SealKey
from storage import desk_history, documents, key_signatures
from storage.documents import hash_of
from storage.tables import DeskEntry, KeySignature, Outgoing
from storage.vocabulary import DeskEvent, SignedKind, State
from tests.support.answers import ADMIN, VIEWER
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.november_report import beat, issue, november
from tests.support.sealed_desk import (
    KEY,
    OTHER_KEY,
    checkpoint,
    findings_of_case,
    findings_of_desk,
    findings_of_reports,
    with_key,
)
from tests.support.tampering import tamper

__all__ = ["november"]
K = FindingKind


def used(builder: CaseBuilder) -> list[tuple[DeskEvent, str]]:
    with builder.database.read() as session:
        return [(key.event, key.fingerprint) for key in key_signatures.used(session)]


def signatures(builder: CaseBuilder) -> set[tuple[SignedKind, str]]:
    with builder.database.read() as session:
        return {(one.kind, one.key) for one in session.exec(select(KeySignature))}


def state(builder: CaseBuilder, key: SealKey | None) -> KeyState:
    with builder.database.read() as session:
        return signing.state(session, key)


def test_without_a_key_everything_works_and_is_unsigned(builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    checkpoint(builder)
    assert signatures(builder) == set()
    assert findings_of_case(builder, case) == findings_of_desk(builder) == []
    assert state(builder, None) is KeyState.UNSIGNED


def test_sheets_and_checkpoints_are_signed_and_the_first_use_is_an_entry(builder: CaseBuilder) -> None:
    sealed = with_key(builder)
    case = sealed.fault(State.ANALYSIS)
    checkpoint(sealed)
    assert used(sealed) == [(DeskEvent.KEY_USED, KEY.fingerprint)]
    kinds = {SignedKind.DESK_ENTRY, SignedKind.RECORD, SignedKind.CHECKPOINT}
    assert signatures(sealed) == {(kind, KEY.fingerprint) for kind in kinds}
    assert findings_of_case(sealed, case) == findings_of_desk(sealed) == []


def test_an_issued_report_is_signed(november: CaseBuilder) -> None:
    sealed = with_key(november)
    beat(sealed)
    assert signatures(sealed) == set()
    issue(sealed, comment="Good")
    assert (SignedKind.REPORT, KEY.fingerprint) in signatures(sealed)
    assert findings_of_reports(sealed) == []
    tamper(sealed.database, "DELETE FROM key_signatures WHERE kind = 'report'")
    assert [finding.kind for finding in findings_of_reports(sealed)] == [K.NOT_SIGNED_BY_KEY]


def test_what_was_signed_before_the_first_key_needs_no_signature_and_what_came_later_does(
    builder: CaseBuilder, clock: ManualClock
) -> None:
    before = builder.fault(State.ANALYSIS)
    clock.move(minutes=5)
    after = with_key(builder).fault(State.ANALYSIS)
    clock.move(minutes=5)
    without = builder.fault(State.ANALYSIS)
    assert findings_of_case(builder, before) == findings_of_case(builder, after) == []
    assert findings_of_case(builder, without) == [Finding(K.NOT_SIGNED_BY_KEY, "T02 v1")]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM key_signatures WHERE kind = 'record'", K.NOT_SIGNED_BY_KEY),
        (f"UPDATE key_signatures SET signature = '{KEY.sign('record', '0' * 64)}'", K.KEY_SIGNATURE_BROKEN),
        ("UPDATE key_signatures SET signature = 'x' WHERE kind = 'record'", K.KEY_SIGNATURE_BROKEN),
        (f"UPDATE key_signatures SET key = '{OTHER_KEY.fingerprint}' WHERE kind = 'record'", K.KEY_SIGNATURE_BROKEN),
    ],
)
def test_a_signature_that_was_removed_or_changed_is_found(
    builder: CaseBuilder, statement: str, found: FindingKind
) -> None:
    case = with_key(builder).fault(State.ANALYSIS)
    tamper(builder.database, statement)
    assert findings_of_case(builder, case) == [Finding(found, "T02 v1")]


def test_somebody_without_the_key_cannot_sign_a_forged_sheet(builder: CaseBuilder) -> None:
    """A forger computes every hash again and signs with a key of their own."""
    case = with_key(builder).fault(State.ANALYSIS)
    forged = "f" * 64
    tamper(
        builder.database,
        f"UPDATE key_signatures SET key = '{OTHER_KEY.fingerprint}', digest = '{forged}', "
        f"signature = '{OTHER_KEY.sign('record', forged)}' WHERE kind = 'record'",
        f"UPDATE documents SET signature = '{forged}' WHERE paper = 'T02'",
    )
    assert Finding(K.KEY_SIGNATURE_BROKEN, "T02 v1") in findings_of_case(builder, case)


def test_a_process_with_another_key_signs_nothing(builder: CaseBuilder) -> None:
    with_key(builder).fault(State.ANALYSIS)
    before = signatures(builder)
    other = with_key(builder, OTHER_KEY)
    case = other.fault(State.ANALYSIS)
    assert checkpoint(other) is not None
    assert signatures(builder) == before
    assert used(builder) == [(DeskEvent.KEY_USED, KEY.fingerprint)]
    assert state(builder, OTHER_KEY) is KeyState.OTHER_KEY
    assert state(builder, None) is KeyState.NO_KEY_HERE
    assert findings_of_case(builder, case) == [Finding(K.NOT_SIGNED_BY_KEY, "T02 v1")]
    assert findings_of_desk(builder) == [Finding(K.NOT_SIGNED_BY_KEY, "checkpoint 1")]


def rotate(builder: CaseBuilder) -> None:
    with builder.database.write() as session:
        keys.rotate(session, KEY, OTHER_KEY, builder.clock())


def test_a_rotated_key_is_signed_by_both_and_both_verify(builder: CaseBuilder, clock: ManualClock) -> None:
    old = with_key(builder).fault(State.ANALYSIS)
    clock.move(hours=1)
    rotate(builder)
    clock.move(hours=1)
    new = with_key(builder, OTHER_KEY).fault(State.ANALYSIS)
    assert used(builder) == [
        (DeskEvent.KEY_USED, KEY.fingerprint),
        (DeskEvent.KEY_ROTATED, OTHER_KEY.fingerprint),
    ]
    assert findings_of_case(builder, old) == findings_of_case(builder, new) == findings_of_desk(builder) == []
    assert state(builder, KEY) is KeyState.OTHER_KEY


def test_an_old_key_does_not_sign_what_came_after_its_rotation(builder: CaseBuilder, clock: ManualClock) -> None:
    with_key(builder).fault(State.SHEET_SIGNING)
    rotate(builder)
    clock.move(hours=1)
    case = with_key(builder, OTHER_KEY).fault(State.ANALYSIS)
    with builder.database.read() as session:
        sheet = next(one.signature for one in documents.all_of(session, case) if one.signature)
    tamper(
        builder.database,
        f"UPDATE key_signatures SET key = '{KEY.fingerprint}', signature = '{KEY.sign('record', sheet)}' "
        f"WHERE digest = '{sheet}'",
    )
    assert findings_of_case(builder, case) == [Finding(K.KEY_SIGNATURE_BROKEN, "T02 v1")]


def test_a_rotation_that_the_old_key_did_not_sign_is_found(builder: CaseBuilder) -> None:
    with_key(builder).fault(State.ANALYSIS)
    rotate(builder)
    tamper(
        builder.database,
        f"DELETE FROM key_signatures WHERE kind = 'desk_entry' AND key = '{KEY.fingerprint}' "
        "AND digest = (SELECT hash FROM desk_entries WHERE event = 'key_rotated')",
    )
    assert findings_of_desk(builder) == [Finding(K.KEY_SIGNATURE_BROKEN, "#2")]


def test_a_lost_key_is_replaced_and_told_to_admins_and_viewers(builder: CaseBuilder, clock: ManualClock) -> None:
    case = with_key(builder).fault(State.ANALYSIS)
    clock.move(hours=1)
    with builder.database.write() as session:
        keys.replace_lost(session, OTHER_KEY, builder.company, clock.now())
    clock.move(hours=1)
    later = with_key(builder, OTHER_KEY).fault(State.ANALYSIS)
    assert used(builder)[-1] == (DeskEvent.KEY_LOST, OTHER_KEY.fingerprint)
    with builder.database.read() as session:
        told = session.exec(select(Outgoing).where(Outgoing.view == "key_lost")).all()
    assert {one.target for one in told} == {ADMIN, VIEWER}
    assert all(KEY.fingerprint in one.arguments for one in told)
    assert findings_of_case(builder, case) == findings_of_case(builder, later) == findings_of_desk(builder) == []


def test_a_changed_entry_of_the_desk_is_found(builder: CaseBuilder) -> None:
    with_key(builder).fault(State.ANALYSIS)
    tamper(builder.database, "UPDATE desk_entries SET person_id = 'U0X'")
    assert Finding(K.DESK_ENTRY_CHANGED, "1") in findings_of_desk(builder)


DEEP = "[" * 100_000


@pytest.mark.parametrize("forged", ["event = 'x'", "data = '[]'", f"data = '{DEEP}'", "at = 'x'"])
def test_a_damaged_last_entry_of_the_desk_is_found(builder: CaseBuilder, clock: ManualClock, forged: str) -> None:
    """No later entry binds it."""
    with_key(builder).fault(State.ANALYSIS)
    with builder.database.write() as session:
        desk_history.append(session, DeskEvent.RESTORED, "", {"checkpoint": 1}, clock.now())
    assert findings_of_desk(builder) == []
    if not builder.database.is_sqlite and forged.startswith("at"):
        pytest.skip("PostgreSQL stores only moments as moments")
    tamper(builder.database, f"UPDATE desk_entries SET {forged} WHERE seq = 2")
    assert findings_of_desk(builder) == [Finding(K.DESK_ENTRY_CHANGED, "2")]


def test_figures_of_a_report_that_nothing_can_read_are_found(november: CaseBuilder) -> None:
    """The forger computes the hash again."""
    beat(november)
    tamper(november.database, f"UPDATE reports SET content = '{DEEP}', content_hash = '{hash_of(DEEP)}'")
    assert K.CONTENT_CHANGED in [finding.kind for finding in findings_of_reports(november)]


def test_a_public_key_that_was_put_in_place_of_the_real_one_is_found(builder: CaseBuilder) -> None:
    """The forger computes the entry again, but a checkpoint lists the real one."""
    sealed = with_key(builder)
    sealed.fault(State.ANALYSIS)
    checkpoint(sealed)
    with builder.database.read() as session:
        entry = desk_history.entries(session)[0].model_dump()
    forged = DeskEntry(**{**entry, "data": entry["data"].replace(KEY.public, OTHER_KEY.public)})
    forged.hash = desk_history.hash_of_entry(forged)
    tamper(builder.database, f"UPDATE desk_entries SET data = '{forged.data}', hash = '{forged.hash}'")
    found = findings_of_desk(builder)
    assert Finding(K.ENTRY_RECOMPUTED, "#1") in found
    assert Finding(K.KEY_SIGNATURE_BROKEN, "#1") in found


def test_clocks_that_differ_by_less_than_a_minute_cause_no_finding(builder: CaseBuilder, clock: ManualClock) -> None:
    with_key(builder).report()
    with builder.database.write() as session:
        signing.signing_key(session, with_key(builder).company, clock.now())
    clock.set(clock.now() - timedelta(seconds=40))
    case = with_key(builder).fault(State.ANALYSIS)
    assert findings_of_case(builder, case) == []
