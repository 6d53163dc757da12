"""`setup-key`, `checkpoint`, and `verify` against a kept checkpoint and of a pack, as an operator uses them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE
from zipfile import ZipFile

import pytest
from sqlmodel import select

from bot.seal_key import SealKey
from storage import desk_history, key_signatures
from storage.database import Database
from storage.tables import Outgoing
from storage.vocabulary import DeskEvent, State
from tests.support.answers import ADMIN, VIEWER
from tests.support.case_builder import CaseBuilder
from tests.support.commands import Done
from tests.support.manual_clock import ManualClock
from tests.support.processes import clean_environment
from tests.support.sealed_desk import KEY, OTHER_KEY, checkpoint, line, seal_of, with_key
from tests.support.tampering import tamper
from tests.support.world import MAX_WAIT_SECONDS

pytestmark = [pytest.mark.usefixtures("bare_logging"), pytest.mark.database("sqlite")]
Faultdesk = Callable[..., Done]


def key_at(path: str = "faultdesk.key") -> SealKey:
    return SealKey.read(Path(path))


def sealed(builder: CaseBuilder) -> CaseBuilder:
    """The desk, as a process with the key in the folder works on it."""
    return with_key(builder, key_at())


def used(builder: CaseBuilder) -> list[tuple[DeskEvent, str]]:
    with builder.database.read() as session:
        return [(key.event, key.fingerprint) for key in key_signatures.used(session)]


# ---- Damage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["at", "root", "previous_root"])
def test_damaged_checkpoints_are_left_out_and_told(builder: CaseBuilder, faultdesk: Faultdesk, column: str) -> None:
    builder.fault(State.CLOSED)
    checkpoint(builder)
    builder.fault(State.CLOSED)
    checkpoint(builder)
    tamper(builder.database, f"UPDATE checkpoints SET {column} = x'ff' WHERE number = 2")
    done = faultdesk("checkpoint", "--all")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert done.stderr == "A checkpoint is damaged and was left out; see: faultdesk verify\n"
    assert faultdesk("checkpoint").returncode == 1


@pytest.mark.parametrize("words", [("F-1",), ("pack", "F-1"), ("table", "all")])
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cases SET reported_at = 'yesterday'",
        "UPDATE audit_entries SET at = 'yesterday' WHERE seq = 2",
        "UPDATE documents SET signed_at = 'yesterday', created_at = 'yesterday'",
    ],
)
def test_an_export_of_a_damaged_case_says_so_in_one_line(
    builder: CaseBuilder, faultdesk: Faultdesk, words: tuple[str, ...], damage: str
) -> None:
    builder.fault(State.CLOSED)
    tamper(builder.database, damage)
    done = faultdesk("export", *words, "--to", "files")
    if done.returncode:  # a table does not read every moment
        assert done.returncode == 1
        assert done.stderr == "DATABASE_URL: F-1 cannot be read as written; see: faultdesk verify\n"


# ---- The key -----------------------------------------------------------------------------------------------------


def test_a_key_is_made_once(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    done = faultdesk("setup-key")
    assert done == (0, f"✓ {Path('faultdesk.key').absolute()}: key {key_at().fingerprint}\n", "")
    assert S_IMODE(Path("faultdesk.key").stat().st_mode) == 0o600
    again = faultdesk("setup-key")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == f"FAULT_SEAL_KEY: there is a key already ({key_at().fingerprint}); use --rotate\n"


def test_a_key_can_be_made_before_there_is_a_database(faultdesk: Faultdesk) -> None:
    done = faultdesk("setup-key", DATABASE_URL="sqlite:///none.db")
    assert done.returncode == 0
    assert not Path("none.db").exists()


def test_a_key_that_others_can_read_is_said_in_one_line_and_not_replaced(faultdesk: Faultdesk) -> None:
    assert faultdesk("setup-key").returncode == 0
    Path("faultdesk.key").chmod(0o644)
    for options in ([], ["--rotate"]):
        done = faultdesk("setup-key", *options)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert "chmod 600" in done.stderr


def test_a_key_is_rotated(builder: CaseBuilder, faultdesk: Faultdesk, clock: ManualClock) -> None:
    assert faultdesk("setup-key").returncode == 0
    old, before = key_at(), sealed(builder).fault(State.ANALYSIS)
    clock.move(hours=1)
    done = faultdesk("setup-key", "--rotate")
    assert (done.returncode, done.stderr) == (0, "")
    assert key_at() != old
    assert used(builder) == [(DeskEvent.KEY_USED, old.fingerprint), (DeskEvent.KEY_ROTATED, key_at().fingerprint)]
    clock.move(hours=1)
    sealed(builder).fault(State.ANALYSIS)
    assert before
    verified = faultdesk("verify")
    assert verified.returncode == 0
    assert f"Signed by key {key_at().fingerprint}" in verified.stdout
    assert [path.name for path in Path().glob("*.key*")] == ["faultdesk.key"]


def test_a_key_that_is_a_setting_is_printed_when_it_is_rotated(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    old = SealKey.make()
    with_key(builder, old).fault(State.ANALYSIS)
    done = faultdesk("setup-key", "--rotate", FAULT_SEAL_KEY=old.text())
    assert done.returncode == 0
    new = SealKey.parse(done.stdout.splitlines()[0].removeprefix("FAULT_SEAL_KEY="))
    assert used(builder)[-1] == (DeskEvent.KEY_ROTATED, new.fingerprint)
    assert not list(Path().glob("*.key*"))


def test_only_the_key_in_use_is_rotated(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    assert "has not used a key yet" in faultdesk("setup-key", "--rotate").stderr
    with_key(builder).fault(State.ANALYSIS)
    SealKey.make().write(Path("faultdesk.key"))
    done = faultdesk("setup-key", "--rotate")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the desk uses key" in done.stderr


def test_a_lost_key_is_replaced_and_told(builder: CaseBuilder, faultdesk: Faultdesk, clock: ManualClock) -> None:
    with_key(builder).fault(State.ANALYSIS)
    refused = faultdesk("setup-key")
    assert refused.returncode == 2
    assert "use --lost" in refused.stderr
    clock.move(hours=1)
    assert faultdesk("setup-key", "--lost").returncode == 0
    assert used(builder)[-1] == (DeskEvent.KEY_LOST, key_at().fingerprint)
    with builder.database.read() as session:
        told = [one.target for one in session.exec(select(Outgoing)) if one.view == "key_lost"]
    assert sorted(told) == sorted([ADMIN, VIEWER])
    assert faultdesk("setup-key", "--lost").stderr.startswith(f"--lost: key {key_at().fingerprint} is here")
    assert faultdesk("verify").returncode == 0


def test_a_key_is_not_replaced_while_the_bot_runs(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    assert faultdesk("setup-key").returncode == 0
    sealed(builder).fault(State.ANALYSIS)
    builder.database.take_ownership()
    done = faultdesk("setup-key", "--rotate")
    assert (done.returncode, done.stderr) == (2, "DATABASE_URL: the bot is running; stop it first\n")
    assert [path.name for path in Path().glob("*.key*")] == ["faultdesk.key"]
    assert len(used(builder)) == 1


def test_rotating_a_lost_key_is_refused(faultdesk: Faultdesk) -> None:
    done = faultdesk("setup-key", "--rotate", "--lost")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_neither_backup_nor_pack_holds_the_key(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    assert faultdesk("setup-key").returncode == 0
    sealed(builder).fault(State.CLOSED)
    assert faultdesk("backup", "it").returncode == 0
    assert faultdesk("export", "pack", "F-1", "--to", "out").returncode == 0
    with ZipFile(next(Path("out").glob("*.zip"))) as archive:
        contents = [Path("it").read_bytes(), *(archive.read(name) for name in archive.namelist())]
    pem = b"".join(Path("faultdesk.key").read_bytes().splitlines()[1:-1])
    secret = key_at().text().removeprefix("ed25519:").encode()
    assert not any(pem in content or secret in content for content in contents)


# ---- Checkpoints -------------------------------------------------------------------------------------------------


def test_the_newest_checkpoint_is_printed_as_one_line(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    none = faultdesk("checkpoint")
    assert (none.returncode, none.stdout, len(none.stderr.splitlines())) == (1, "", 1)
    builder.report()
    kept = line(builder)
    assert faultdesk("checkpoint") == (0, f"{kept}\n", "")


def test_verify_against_a_line_and_a_file(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    assert faultdesk("setup-key").returncode == 0
    desk = sealed(builder)
    desk.fault(State.ANALYSIS)
    kept = line(desk)
    desk.report()
    Path("kept.txt").write_text(f"From: Faultdesk\n{kept}\n")
    for against in (kept, "kept.txt"):
        done = faultdesk("verify", "--against", against)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"✓ checkpoint 1 (signed by key {key_at().fingerprint}): everything up to it is there" in done.stdout
    wrong = faultdesk("verify", "--against", "no such file")
    assert (wrong.returncode, wrong.stdout, len(wrong.stderr.splitlines())) == (2, "", 1)


def test_a_kept_line_does_not_approve_what_is_not_as_written(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    """The forger leaves the hashes as they are."""
    builder.report()
    kept = line(builder)
    tamper(builder.database, "UPDATE audit_entries SET data = '{}'")
    done = faultdesk("verify", "--against", kept)
    assert done.returncode == 1
    assert "✗ checkpoint 1 is here, but proves nothing of what is not as written" in done.stdout.splitlines()
    assert "✓" not in done.stdout


def test_verify_says_if_the_key_in_use_is_not_the_one_that_is_here(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    """Somebody with the database makes a sealed desk one that has used no key, or another."""
    assert faultdesk("setup-key").returncode == 0
    here = key_at().fingerprint
    builder.report()
    assert f"Unsigned: the desk has used no key; the key here is {here}" in faultdesk("verify").stdout
    with_key(builder, OTHER_KEY).fault(State.ANALYSIS)
    done = faultdesk("verify")
    assert f"Signed by key {OTHER_KEY.fingerprint}; the key here is {here}" in done.stdout.splitlines()
    assert done.returncode == 0, "a backup of before a rotation is as it was written"


def test_a_process_of_its_own_verifies_a_sealed_desk(builder: CaseBuilder, fresh_url: str) -> None:
    """In the process of the tests, the database layer has long prepared all tables."""
    with_key(builder).fault(State.ANALYSIS)
    checkpoint(with_key(builder))
    command = [sys.executable, "-m", "bot", "verify"]
    environ = {**clean_environment(), "DATABASE_URL": fresh_url}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=MAX_WAIT_SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Signed by key {KEY.fingerprint}")


def test_after_a_restore_verify_says_which_entries_were_lost(
    builder: CaseBuilder, faultdesk: Faultdesk, clock: ManualClock
) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    checkpoint(builder)
    assert faultdesk("backup", "yesterday").returncode == 0
    builder.onward(case, State.DECISION)
    last = line(builder)
    Path("kept.jsonl").write_text(faultdesk("checkpoint", "--all").stdout)
    clock.move(hours=1)
    restored = {"DATABASE_URL": "sqlite:///restored.db"}
    assert faultdesk("restore", "yesterday", **restored).returncode == 0
    by_line = faultdesk("verify", "--against", last, **restored)
    assert by_line.returncode == 1
    said = by_line.stdout.splitlines()
    assert "✗ checkpoint 2 is not in this database, whose newest is 1" in said
    assert said[-1].endswith("consistent in themselves, but a kept checkpoint does not hold")
    assert any(
        "from a backup of checkpoint 1: what was written from then to checkpoint 2 was lost" in one for one in said
    )
    by_list = faultdesk("verify", "--against", "kept.jsonl", **restored).stdout.splitlines()
    assert "✗ F-1: entries 4 to 5 lost, or written anew since" in by_list
    assert any(one.startswith("✓ checkpoint 1 ") for one in by_list), "up to the backup everything is there"


def test_a_restore_is_an_entry_of_the_desk(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    builder.report()
    assert faultdesk("backup", "it").returncode == 0
    assert faultdesk("restore", "it", DATABASE_URL="sqlite:///restored.db").returncode == 0
    database = Database("sqlite:///restored.db")
    with database.read() as session:
        entry = desk_history.entries(session)[-1]
    database.close()
    told = {"checkpoint": 0, "cases": 1, "last_case": 1, "first_case": 101, "epoch": 2}
    assert (entry.event, json.loads(entry.data)) == (DeskEvent.RESTORED, told)


def test_a_removed_case_is_named_from_the_checkpoint(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    gone = builder.report()
    builder.report()
    checkpoint(builder)
    tables = ("personal", "audit_entries", "documents", "case_places", "case_assigned", "reminders", "waits", "outbox")
    tamper(
        builder.database,
        *(f"DELETE FROM {table} WHERE case_id = {gone}" for table in tables),
        f"DELETE FROM cases WHERE id = {gone}",
    )
    done = faultdesk("verify")
    assert done.returncode == 1
    assert f"✗ F-{gone}: The case was removed or made unreadable." in done.stdout.splitlines()


def test_a_forged_entry_cannot_forge_a_line(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    builder.report()
    forged = json.dumps({"places": {"x\n✓ 1 case: nothing was tampered with": ["y"]}}, separators=(",", " :"))
    tamper(builder.database, f"UPDATE audit_entries SET changes = '{forged}'")
    done = faultdesk("verify")
    assert done.returncode == 1
    assert not any(line.startswith("✓") for line in done.stdout.splitlines())


# ---- Packs -------------------------------------------------------------------------------------------------------


def test_a_pack_is_verified_from_outside_it(builder: CaseBuilder, faultdesk: Faultdesk) -> None:
    assert faultdesk("setup-key").returncode == 0
    sealed(builder).fault(State.CLOSED)
    seal = seal_of(faultdesk("export", "pack", "F-1", "--to", "."))
    pack = next(Path().glob("*.zip"))
    done = faultdesk("verify", pack, seal, DATABASE_URL="sqlite:///none.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "As written: 1 cases, nothing was changed."
    assert f"Signed by key {key_at().fingerprint}" in done.stdout
    assert faultdesk("verify", pack, "0" * 64).returncode == 1
    assert faultdesk("verify", pack).stdout.startswith("Consistent in itself")
    Path("no.zip").write_bytes(b"Dear all")
    broken = faultdesk("verify", "no.zip")
    assert (broken.returncode, broken.stderr) == (1, "")
    assert "is no ZIP file" in broken.stdout
    missing = faultdesk("verify", "missing.zip")
    assert (missing.returncode, missing.stdout, len(missing.stderr.splitlines())) == (1, "", 1)
