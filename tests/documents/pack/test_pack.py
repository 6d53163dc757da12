"""The evidence pack: complete, reproducible, proven by its own script, and refused after one changed byte."""

import hashlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import load_workbook

from bot.casework import signing
from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.casework.records.missing_records import Gap, GapReason, MissingRecord
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.pack.index import INDEX, gap_lines
from bot.documents.pack.pack import Pack, case_ids, pack
from bot.documents.pack.verify import check, verdict
from bot.i18n.translator import translator
from storage.statistics import settle
from storage.tables import Customer
from storage.vocabulary import State
from tests.support.case_builder import GENERAL, CaseBuilder
from tests.support.case_fixtures import open_builder
from tests.support.manual_clock import ManualClock
from tests.support.november_report import beat, issue, redraw
from tests.support.processes import inherited
from tests.support.sealed_desk import KEY, OTHER_KEY, checkpoint, with_key
from tests.support.stored_settings import store
from tests.support.tampering import tamper

LINES = {"history.jsonl", "records.jsonl", "cases.jsonl", "personal.jsonl", "reports.jsonl", "settings.jsonl"}
ONE = ExportOrder(what=ExportKind.PACK, asker="", form="zip", language="en", case_id=1)


def made(builder: CaseBuilder, path: Path, order: ExportOrder = ONE) -> Pack:
    with builder.database.read() as session:
        t, signer = translator(order.language, "Asia/Shanghai"), signing.key_in_use(session, builder.company)
        context = DocumentContext(session, builder.company, DocumentSettings(), t, builder.clock(), signer=signer)
        return pack(order, context, case_ids(order, context), path)


@pytest.fixture(scope="module")
def plain_pack(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of a closed fault, as a file."""
    with open_builder(module_url, ManualClock()) as builder:
        return packed(builder, tmp_path_factory.mktemp("pack"))


@pytest.fixture
def unpacked(plain_pack: Path, tmp_path: Path) -> Path:
    """The pack of a closed fault, unpacked into a folder of the test's own."""
    return unpack(plain_pack, tmp_path)


def packed(builder: CaseBuilder, folder: Path) -> Path:
    builder.fault(State.CLOSED)
    made(builder, folder / "pack.zip")
    return folder / "pack.zip"


def unpack(file: Path, folder: Path) -> Path:
    with ZipFile(file) as archive:
        archive.extractall(folder / "pack")
    return folder / "pack"


def checked(folder: Path, *seal: str, console: str = "utf-8") -> tuple[int, str]:
    """Run the pack's own script in a Python without our packages, and return its exit status and output."""
    command = [sys.executable, "-S", str(folder / "verify.py"), *seal]
    alone = {"PYTHONIOENCODING": console, "PATH": inherited()["PATH"]}
    done = subprocess.run(command, capture_output=True, encoding=console, check=False, cwd="/", env=alone)
    return done.returncode, done.stdout + done.stderr


def test_the_pack_holds_all_documents_and_lists_them(unpacked: Path) -> None:
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {INDEX, "index.json", "verify.py", "SHA256SUMS", *LINES} <= names
    documents = {name.split("-F1")[0] for name in names if name.startswith("documents/")}
    assert documents == {f"documents/F-1/BTSP-SM-{paper}" for paper in ("T02", "T04", "T06", "T07")}
    listed = {one["name"] for one in json.loads((unpacked / "index.json").read_text())["files"]}
    assert listed == names - {INDEX, "index.json", "verify.py", "SHA256SUMS"}


def test_each_document_is_mapped_to_activity_and_practice_areas(unpacked: Path) -> None:
    for one in json.loads((unpacked / "index.json").read_text())["files"]:
        assert one["activity"]
        assert one["practice_areas"]
        assert one["name"] in (unpacked / INDEX).read_text()
    assert "Causal Analysis and Resolution" in (unpacked / INDEX).read_text()


def test_the_script_of_the_pack_proves_it(builder: CaseBuilder, tmp_path: Path) -> None:
    builder.fault(State.CLOSED)
    seal = made(builder, tmp_path / "pack.zip").seal
    with ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path / "pack")
    assert checked(tmp_path / "pack", seal) == (
        0,
        f"As written: 1 cases, nothing was changed.\nSeal: {seal}\nUnsigned: no key of the desk signed this pack.\n",
    )
    assert checked(tmp_path / "pack", f" {seal.upper()}\n")[0] == 0
    assert checked(tmp_path / "pack", "0" * 64)[0] == 1


EVERY_KIND = (
    *("history.jsonl", "records.jsonl", "cases.jsonl", "index.json", INDEX, "verify.py", "SHA256SUMS"),
    *("documents/F-1/BTSP-SM-T04-F1_V1_en.docx", "product-fault-record-table.xlsx"),
)


@pytest.mark.parametrize("name", EVERY_KIND)
def test_one_changed_byte_is_reported(unpacked: Path, name: str) -> None:
    content = bytearray((unpacked / name).read_bytes())
    place = content.rindex(b"\n", 0, -1) + 3 if name.endswith("py") else len(content) // 2
    content[place] ^= 1
    (unpacked / name).write_bytes(content)
    code, said = checked(unpacked)
    assert code == 1
    assert "As written" not in said
    assert "Consistent" not in said


def test_a_changed_history_is_found_even_with_a_matching_checksum(unpacked: Path) -> None:
    """Whoever changes the checksum as well is found by the hash chain."""
    rewrite(unpacked, "history.jsonl", "U0CHEN", "U0HUANG")
    assert "F-1: entry 1 of the history is not as written" in checked(unpacked)[1]


def test_a_changed_record_is_found_even_with_a_matching_checksum(unpacked: Path) -> None:
    rewrite(unpacked, "records.jsonl", "severity", "severitx")
    assert "the content of T05 v1 was changed" in checked(unpacked)[1]


def test_a_changed_signature_is_reported(unpacked: Path) -> None:
    rewrite(unpacked, "records.jsonl", '"signer": "U0HUANG"', '"signer": "U0ZHOUM"')
    assert "the signature of T02 v1 does not hold" in checked(unpacked)[1]


def test_a_cut_history_is_reported(unpacked: Path) -> None:
    lines = (unpacked / "history.jsonl").read_text().splitlines(keepends=True)
    rewrite(unpacked, "history.jsonl", lines[-1], "")
    assert "F-1: the history was cut or lengthened" in checked(unpacked)[1]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("cases.jsonl", '"severity": "very_severe"', '"severity": "general"', "F-1: case severity is not what"),
        ("cases.jsonl", '"testers": ["U0LIN"]', '"testers": []', "F-1: places testers is not what"),
        ("cases.jsonl", '"contact": "Sun Li', '"contact": "Gao Li', "F-1: case contact is not what"),
        ("personal.jsonl", "138 0000 0000", "139 0000 0000", "F-1: a personal value is not as written"),
        ("records.jsonl", '"author": "U0CHEN"', '"author": "U0HUANG"', "F-1: author or time of case v1 was changed"),
        ("history.jsonl", "very_severe", "general", "of the history is not as written"),
    ],
)
def test_a_case_that_is_not_what_its_history_says_is_reported(
    unpacked: Path, name: str, old: str, new: str, said: str
) -> None:
    """Whoever changes the checksum as well is found by replaying the changes."""
    rewrite(unpacked, name, old, new)
    assert said in checked(unpacked)[1]


def test_missing_and_added_files_are_reported(unpacked: Path) -> None:
    (unpacked / "documents/F-1/BTSP-SM-T02-F1_V1_en.docx").unlink()
    (unpacked / "more.txt").write_text("hello")
    said = checked(unpacked)[1]
    assert "BTSP-SM-T02-F1_V1_en.docx is missing" in said
    assert "more.txt was added" in said


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file and its checksum, as a forger would who knows of the checksums."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    before = hashlib.sha256(text.encode()).hexdigest()
    changed = text.replace(old, new)
    (folder / name).write_text(changed, encoding="utf-8")
    sums = (folder / "SHA256SUMS").read_text()
    assert before in sums
    (folder / "SHA256SUMS").write_text(sums.replace(before, hashlib.sha256(changed.encode()).hexdigest()))


def test_the_pack_holds_the_changes_of_the_settings_and_proves_them(
    builder: CaseBuilder, fresh_url: str, tmp_path: Path
) -> None:
    store(fresh_url, builder.clock(), FAULT_LOCALE="zh-CN")
    builder.seed()
    store(fresh_url, builder.clock() + timedelta(hours=1), FAULT_LOCALE="en")
    builder.seed()
    folder = unpack(packed(builder, tmp_path), tmp_path)
    (entry,) = map(json.loads, (folder / "settings.jsonl").read_text().splitlines())
    assert json.loads(entry["data"])["to"] == "zh-CN", "the later change is not of then"
    assert checked(folder)[0] == 0
    rewrite(folder, "settings.jsonl", "zh-CN", "zh-TW")
    assert f"entry {entry['seq']} of the desk, which changed a setting, is not as written" in checked(folder)[1]


def test_the_same_pack_is_the_same_file(builder: CaseBuilder, tmp_path: Path) -> None:
    builder.fault(State.CLOSED)
    made(builder, tmp_path / "one.zip")
    made(builder, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_DEFLATED}


def test_the_pack_of_a_period_holds_the_cases_reported_or_closed_in_it(builder: CaseBuilder, tmp_path: Path) -> None:
    builder.fault(State.CLOSED)
    builder.report()
    today = builder.company.today(builder.clock())
    order = ExportOrder(what=ExportKind.PACK, asker="", form="zip", language="zh-CN", first=today, last=today)
    assert made(builder, tmp_path / "pack.zip", order).cases == 2
    with ZipFile(tmp_path / "pack.zip") as archive:
        assert any(name.startswith("BTSP-SM-T08-") for name in archive.namelist())
    huadong = order.model_copy(update={"customer": builder.card(1).customer})
    assert made(builder, tmp_path / "huadong.zip", huadong).cases == 2
    assert made(builder, tmp_path / "other.zip", order.model_copy(update={"customer": other(builder)})).cases == 0
    long_ago = today.replace(year=today.year - 1)
    assert (
        made(builder, tmp_path / "none.zip", order.model_copy(update={"first": long_ago, "last": long_ago})).cases == 0
    )


def other(builder: CaseBuilder) -> str:
    """A customer without a case."""
    with builder.database.write() as session:
        session.add(Customer(name="Nanling Mobile 南岭移动"))
    return "Nanling Mobile 南岭移动"


def test_a_case_with_every_step_has_no_gap(unpacked: Path) -> None:
    assert json.loads((unpacked / "index.json").read_text())["gaps"] == []
    assert "Nothing is missing" in (unpacked / INDEX).read_text()


def test_gaps_are_grouped_by_kind_and_reason() -> None:
    found = [
        Gap(3, MissingRecord.TEST_RECORD, GapReason.IMPORTED),
        Gap(9, MissingRecord.TEST_RECORD, GapReason.IMPORTED),
        Gap(4, MissingRecord.REPLY, GapReason.UNTOLD),
    ]
    first, second = gap_lines(found, translator("en", None))
    assert "a test passed after the last modification: 2 (F-3, F-9)" in first
    assert "a reply to the customer: 1 (F-4)" in second
    assert all("F-" in line for line in gap_lines(found, translator("zh-CN", None)))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entries WHERE case_id = 1",
        "UPDATE documents SET version = 9 WHERE case_id = 1 AND paper = 'T02'",
        "UPDATE documents SET content = '[]' WHERE case_id = 1 AND paper = 'T04'",
        "UPDATE documents SET status = 'unheard-of' WHERE case_id = 1",
        "UPDATE cases SET severity = 'unheard-of' WHERE id = 1",
    ],
)
def test_an_unreadable_case_is_a_gap_and_the_others_are_in_the_pack(
    builder: CaseBuilder, tmp_path: Path, statement: str
) -> None:
    broken, whole = builder.fault(State.CLOSED), builder.fault(State.CLOSED)
    tamper(builder.database, statement)
    today = builder.company.today(builder.clock())
    made(builder, tmp_path / "pack.zip", ONE.model_copy(update={"case_id": None, "first": today, "last": today}))
    with ZipFile(tmp_path / "pack.zip") as archive:
        index = json.loads(archive.read("index.json"))
    assert {"case": broken, "lacks": "history", "why": "tampered"} in index["gaps"]
    assert {one["case"] for one in index["gaps"]} == {broken}
    assert {one["case"] for one in index["files"] if one["document"] in {"T02", "T04"}} >= {whole}


def test_changed_statistics_do_not_count_as_a_tampered_history(builder: CaseBuilder, tmp_path: Path) -> None:
    builder.fault(State.CLOSED)
    with builder.database.write() as session:
        settle(session, 1)
    tamper(builder.database, "UPDATE facts SET amount = amount + 1")
    assert made(builder, tmp_path / "pack.zip").gaps == 0


# ---- What the script of the pack reports -----------------------------------------------------------------------


@pytest.mark.parametrize("seal", [(), ("",), (" ",)])
def test_without_the_seal_the_script_does_not_say_that_nothing_was_changed(
    unpacked: Path, seal: tuple[str, ...]
) -> None:
    """A pack that is made up as a whole is consistent in itself."""
    code, said = checked(unpacked, *seal)
    assert (code, said.splitlines()[0]) == (0, "Consistent in itself: 1 cases. Not compared with a seal.")
    assert f"Seal: {hashlib.sha256((unpacked / 'SHA256SUMS').read_bytes()).hexdigest()}" in said
    assert "verify.py SEAL" in said
    assert "nothing was changed" not in said


@pytest.mark.parametrize("name", ["history.jsonl", "records.jsonl", "cases.jsonl", "SHA256SUMS"])
def test_a_removed_file_is_reported(unpacked: Path, name: str) -> None:
    (unpacked / name).unlink()
    code, said = checked(unpacked)
    assert (code, said.splitlines()[0]) == (1, f"NOT AS WRITTEN: {name} is missing")


def test_unreadable_checksums_are_reported_and_the_histories_are_still_checked(unpacked: Path) -> None:
    rewrite(unpacked, "history.jsonl", "U0CHEN", "U0HUANG")
    (unpacked / "SHA256SUMS").write_bytes(b"\xff" + (unpacked / "SHA256SUMS").read_bytes())
    code, said = checked(unpacked)
    assert code == 1
    assert "NOT AS WRITTEN: cannot be read: UnicodeDecodeError" in said
    assert "F-1: entry 1 of the history is not as written" in said


def test_endlessly_nested_json_is_reported(unpacked: Path) -> None:
    (unpacked / "cases.jsonl").write_text("[" * 200_000)
    code, said = checked(unpacked)
    assert code == 1
    assert "cases.jsonl was changed" in said
    assert "cannot be read: RecursionError" in said


def test_an_entry_that_cannot_be_read_hides_nothing_and_is_not_printed(unpacked: Path) -> None:
    rewrite(unpacked, "records.jsonl", '"role": "center_manager"', '"role": "tester"')
    first, _, rest = (unpacked / "history.jsonl").read_text().partition("\n")
    damaged = json.dumps({**json.loads(first), "case": 0, "data": "private"})
    (unpacked / "history.jsonl").write_text(f"{damaged}\n{first}\n{rest}")
    cases = unpacked / "cases.jsonl"
    cases.write_text(json.dumps({"case": 0, "entries": 1, "head": ""}) + "\n" + cases.read_text())
    said = checked(unpacked)[1]
    assert "F-0: cannot be read: JSONDecodeError\n" in said
    assert "F-1: the signature of T02 v1 does not hold" in said
    assert "private" not in said


def test_a_file_name_that_the_console_cannot_write_is_escaped(unpacked: Path) -> None:
    (unpacked / "附件.txt").write_text("hello")
    assert checked(unpacked, console="cp1252") == (1, "NOT AS WRITTEN: \\u9644\\u4ef6.txt was added\n")
    assert checked(unpacked) == (1, "NOT AS WRITTEN: 附件.txt was added\n")


def test_a_file_name_cannot_forge_a_line_of_the_script(unpacked: Path) -> None:
    (unpacked / "x\nAs written: 1 cases, nothing was changed.").write_text("hello")
    assert len(checked(unpacked)[1].splitlines()) == 1


def test_files_that_desktops_leave_behind_are_ignored(unpacked: Path) -> None:
    for name in (".DS_Store", "documents/.DS_Store", "Thumbs.db", "documents/Desktop.ini", "__MACOSX/._verify.py"):
        (unpacked / name).parent.mkdir(exist_ok=True)
        (unpacked / name).write_bytes(b"\0")
    assert checked(unpacked)[0] == 0


@pytest.mark.parametrize("name", ["__MACOSX/T02.docx", "documents/.DS_Store/a.docx", "Thumbs.db/a.docx", "._a.docx"])
def test_an_added_file_is_found_in_any_folder(unpacked: Path, name: str) -> None:
    (unpacked / name).parent.mkdir(exist_ok=True)
    (unpacked / name).write_bytes(b"\0")
    assert checked(unpacked)[1].splitlines()[0] == f"NOT AS WRITTEN: {name} was added"


def test_a_symbolic_link_is_reported_as_an_added_file(unpacked: Path) -> None:
    (unpacked / "extra").symlink_to("/tmp")
    assert checked(unpacked)[1].splitlines()[0] == "NOT AS WRITTEN: extra was added"


def test_the_record_table_of_a_pack_holds_the_faults_of_the_pack(
    builder: CaseBuilder, clock: ManualClock, tmp_path: Path
) -> None:
    """This includes a fault that was reported before the period and closed in it."""
    builder.fault(State.FIX_CONFIRMING, **GENERAL)
    clock.move(days=10)
    builder.onward(1, State.CLOSED)
    day = builder.company.today(clock.now())
    order = ExportOrder(what=ExportKind.PACK, asker="", form="zip", language="en", first=day, last=day)
    assert made(builder, tmp_path / "pack.zip", order).cases == 1
    with ZipFile(tmp_path / "pack.zip") as archive:
        table = load_workbook(BytesIO(archive.read("product-fault-record-table.xlsx")), read_only=True)
    assert {row[0] for row in table.worksheets[0].iter_rows(min_row=2, values_only=True)} == {"F-1"}


def test_a_template_that_cannot_be_filled_fails_the_pack_and_leaves_no_file(
    builder: CaseBuilder, tmp_path: Path
) -> None:
    builder.fault(State.CLOSED)
    (tmp_path / "T04.docx").write_bytes(b"not a template")
    with builder.database.read() as session:
        t = translator("en", "Asia/Shanghai")
        context = DocumentContext(session, builder.company, DocumentSettings(templates=tmp_path), t, builder.clock())
        with pytest.raises(Exception, match=r"zip|docx|T04"):
            pack(ONE, context, [1], tmp_path / "pack.zip")
    assert not list(tmp_path.glob("pack*")), "no partial pack is left"


def test_every_issued_report_is_in_the_pack_of_its_month(
    builder: CaseBuilder, clock: ManualClock, tmp_path: Path
) -> None:
    clock.set(datetime(2026, 11, 9, 1, tzinfo=UTC))
    builder.fault(State.CLOSED)
    clock.set(datetime(2026, 12, 1, 1, tzinfo=UTC))
    assert beat(builder) == 1
    issue(builder, comment="Good")
    redraw(builder)
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    order = ExportOrder(what=ExportKind.PACK, asker="", form="zip", language="en", first=first, last=last)
    made(builder, tmp_path / "pack.zip", order)
    with ZipFile(tmp_path / "pack.zip") as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "pack")
    assert [name for name in names if "T08" in name] == ["BTSP-SM-T08-202611_V1_en.docx"], (
        "of the report only the issued version is in the pack"
    )
    assert len((tmp_path / "pack" / "reports.jsonl").read_text().splitlines()) == 2
    rewrite(tmp_path / "pack", "reports.jsonl", '"comment": "Good"', '"comment": "Bad!"')
    assert "the signature of T08 2026-11-01–2026-11-30 v1 does not hold" in checked(tmp_path / "pack")[1]


# ---- Signatures, and what differs --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signed_pack(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of a closed fault of a desk with a key, as a file."""
    folder = tmp_path_factory.mktemp("signed")
    with open_builder(f"sqlite:///{shutil.copy(migrated, folder / 'faultdesk.db')}", ManualClock()) as builder:
        return packed(with_key(builder), folder)


@pytest.fixture
def signed(signed_pack: Path, tmp_path: Path) -> Path:
    """The pack of a desk with a key, unpacked into a folder of the test's own."""
    return unpack(signed_pack, tmp_path)


def test_a_signed_pack_names_its_key_and_its_signatures_hold(signed: Path) -> None:
    assert check(signed) == []
    assert verdict(signed, "")[2] == f"Signed by key {KEY.fingerprint}: " + (
        "compare it with the key in a checkpoint that you trust."
    )
    assert json.loads((signed / "index.json").read_text())["key"] == KEY.fingerprint
    kinds = {json.loads(line)["kind"] for line in (signed / "signatures.jsonl").read_text().splitlines()}
    assert kinds == {"record", "desk_entry"}
    assert KEY.fingerprint in (signed / INDEX).read_text()


def test_without_the_package_the_script_says_that_signatures_were_not_checked(signed: Path) -> None:
    code, said = checked(signed)
    assert code == 0
    assert f"Signatures by key {KEY.fingerprint}: not checked, because the package cryptography is not" in said


def test_a_signature_of_the_sums_that_was_removed_is_found(signed: Path) -> None:
    (signed / "SHA256SUMS.sig").unlink()
    assert "SHA256SUMS.sig is missing" in checked(signed)[1]


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        (
            "signatures.jsonl",
            '"kind": "record"',
            '"kind": "recorx"',
            "F-1: T02 v1 is not signed by the key of the desk",
        ),
        ("keys.jsonl", '"seq": 1', '"seq": 2', f"the key {KEY.fingerprint} is not as it was introduced"),
        ("keys.jsonl", KEY.public, OTHER_KEY.public, f"the key {KEY.fingerprint} is not as it was introduced"),
    ],
)
def test_a_forged_key_or_signature_is_found_although_the_sums_fit(
    signed: Path, name: str, old: str, new: str, found: str
) -> None:
    rewrite(signed, name, old, new)
    assert found in check(signed)


def test_a_pack_that_somebody_else_made_up_is_not_signed_by_the_key(signed: Path) -> None:
    rewrite(signed, "history.jsonl", "U0CHEN", "U0HUANG")
    assert "the signature of SHA256SUMS by the key of the desk does not hold" in check(signed)


def test_what_differs_is_listed_first(builder: CaseBuilder, tmp_path: Path) -> None:
    builder.fault(State.CLOSED)
    gone = builder.report()
    checkpoint(builder)
    tamper(
        builder.database,
        "UPDATE audit_entries SET person_id = 'U0X' WHERE seq = 2 AND case_id = 1",
        f"DELETE FROM outbox WHERE case_id = {gone}",
        *(
            f"DELETE FROM {table} WHERE case_id = {gone}"
            for table in (
                *("personal", "audit_entries", "documents", "reminders"),
                *("case_places", "case_assigned", "waits"),
            )
        ),
        f"DELETE FROM cases WHERE id = {gone}",
    )
    today = builder.company.today(builder.clock())
    order = ONE.model_copy(update={"case_id": None, "first": today, "last": today})
    made(builder, tmp_path / "pack.zip", order)
    with ZipFile(tmp_path / "pack.zip") as archive:
        index, page = json.loads(archive.read("index.json")), archive.read(INDEX).decode()
    assert index["differs"] == [
        {"case": gone, "what": "subject_removed", "subject": f"F-{gone}"},
        {"case": 1, "what": "entry_changed", "subject": "2"},
    ]
    headings = [part.partition("<")[0] for part in page.split("<h2>")[1:]]
    assert headings[:2] == ["Not as it was written", "Gaps"]
    assert "F-1: Entry 2 of the history was changed." in page


def test_a_pack_of_a_moment_before_the_key_is_unsigned(
    builder: CaseBuilder, clock: ManualClock, tmp_path: Path
) -> None:
    builder.fault(State.CLOSED)
    moment = clock.now()
    before = made(builder, tmp_path / "before.zip").seal
    clock.move(hours=1)
    sealed = with_key(builder)
    with sealed.database.write() as session:
        signing.signing_key(session, sealed.company, clock.now())
    clock.set(moment)
    assert made(sealed, tmp_path / "after.zip").seal == before
    assert (tmp_path / "before.zip").read_bytes() == (tmp_path / "after.zip").read_bytes()
