"""The evidence pack: complete, the same each time, proven by its own script, and refused after one byte is changed."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from bot.casework.gaps import Gap, Lack, Why
from bot.casework.orders import Order, What
from bot.documents.pack import Pack, case_ids, pack
from bot.documents.pack_index import INDEX, gap_lines
from bot.documents.workshop import Stationery, Workshop
from bot.i18n import translator
from storage.tables import Customer
from storage.vocabulary import State
from tests.casework.doing import Doing
from tests.tampering import tamper

ONE = Order(what=What.PACK, asker="", form="zip", language="en", case_id=1)


def made(doing: Doing, path: Path, order: Order = ONE) -> Pack:
    with doing.database.read() as session:
        shop = Workshop(session, doing.office, Stationery(), translator(order.language, "Asia/Shanghai"), doing.clock())
        return pack(order, shop, case_ids(order, shop), path)


@pytest.fixture
def unpacked(doing: Doing, tmp_path: Path) -> Path:
    """The pack of a closed fault, in a folder."""
    doing.fault(State.CLOSED)
    made(doing, tmp_path / "pack.zip")
    with ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path / "pack")
    return tmp_path / "pack"


def checked(folder: Path, *seal: str) -> tuple[int, str]:
    """What the pack's own script says, run by a Python that knows nothing of us."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *seal]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return done.returncode, done.stdout + done.stderr


def test_it_holds_everything(unpacked: Path) -> None:
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {INDEX, "index.json", "verify.py", "SHA256SUMS", "history.jsonl", "records.jsonl", "cases.jsonl"} <= names
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


def test_its_script_proves_it(doing: Doing, tmp_path: Path) -> None:
    doing.fault(State.CLOSED)
    seal = made(doing, tmp_path / "pack.zip").seal
    with ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path / "pack")
    assert checked(tmp_path / "pack", seal) == (0, f"As written: 1 cases, nothing was changed.\nSeal: {seal}\n")
    assert checked(tmp_path / "pack", "0" * 64)[0] == 1


EVERY_KIND = (
    *("history.jsonl", "records.jsonl", "cases.jsonl", "index.json", INDEX, "verify.py", "SHA256SUMS"),
    *("documents/F-1/BTSP-SM-T04-F1_V1_en.docx", "product-fault-record-table.xlsx"),
)


@pytest.mark.parametrize("name", EVERY_KIND)
def test_one_byte_changed_is_told(unpacked: Path, name: str) -> None:
    content = bytearray((unpacked / name).read_bytes())
    place = content.rindex(b"\n", 0, -1) + 3 if name.endswith("py") else len(content) // 2
    content[place] ^= 1
    (unpacked / name).write_bytes(content)
    code, said = checked(unpacked)
    assert code == 1
    assert "As written" not in said


def test_a_history_changed_with_its_sum_is_told(unpacked: Path) -> None:
    """Who makes the sums fit again is found by the chain."""
    rewrite(unpacked, "history.jsonl", "U0CHEN", "U0HUANG")
    assert "F-1: entry 1 of the history is not as written" in checked(unpacked)[1]


def test_a_record_changed_with_its_sum_is_told(unpacked: Path) -> None:
    rewrite(unpacked, "records.jsonl", "severity", "severitx")
    assert "the content of T05 v1 was changed" in checked(unpacked)[1]


def test_a_changed_signature_is_told(unpacked: Path) -> None:
    rewrite(unpacked, "records.jsonl", '"signer": "U0HUANG"', '"signer": "U0ZHOUM"')
    assert "the signature of T02 v1 does not hold" in checked(unpacked)[1]


def test_a_cut_history_is_told(unpacked: Path) -> None:
    lines = (unpacked / "history.jsonl").read_text().splitlines(keepends=True)
    rewrite(unpacked, "history.jsonl", lines[-1], "")
    assert "F-1: the history was cut or lengthened" in checked(unpacked)[1]


def test_missing_and_added_files_are_told(unpacked: Path) -> None:
    (unpacked / "documents/F-1/BTSP-SM-T02-F1_V1_en.docx").unlink()
    (unpacked / "more.txt").write_text("hello")
    said = checked(unpacked)[1]
    assert "BTSP-SM-T02-F1_V1_en.docx is missing" in said
    assert "more.txt was added" in said


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file as a forger would who knows of the sums."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    before = hashlib.sha256(text.encode()).hexdigest()
    changed = text.replace(old, new)
    (folder / name).write_text(changed, encoding="utf-8")
    sums = (folder / "SHA256SUMS").read_text()
    assert before in sums
    (folder / "SHA256SUMS").write_text(sums.replace(before, hashlib.sha256(changed.encode()).hexdigest()))


def test_the_same_twice(doing: Doing, tmp_path: Path) -> None:
    doing.fault(State.CLOSED)
    made(doing, tmp_path / "one.zip")
    made(doing, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_DEFLATED}


def test_a_period_holds_what_was_reported_or_closed_in_it(doing: Doing, tmp_path: Path) -> None:
    doing.fault(State.CLOSED)
    doing.report()
    today = doing.office.today(doing.clock())
    order = Order(what=What.PACK, asker="", form="zip", language="zh-CN", first=today, last=today)
    assert made(doing, tmp_path / "pack.zip", order).cases == 2
    with ZipFile(tmp_path / "pack.zip") as archive:
        assert any(name.startswith("BTSP-SM-T08-") for name in archive.namelist())
    huadong = order.model_copy(update={"customer": doing.card(1).customer})
    assert made(doing, tmp_path / "huadong.zip", huadong).cases == 2
    assert made(doing, tmp_path / "other.zip", order.model_copy(update={"customer": other(doing)})).cases == 0
    long_ago = today.replace(year=today.year - 1)
    assert made(doing, tmp_path / "none.zip", order.model_copy(update={"first": long_ago, "last": long_ago})).cases == 0


def other(doing: Doing) -> str:
    """A customer without a case."""
    with doing.database.write() as session:
        session.add(Customer(name="Nanling Mobile 南岭移动"))
    return "Nanling Mobile 南岭移动"


def test_a_case_that_went_the_whole_way_has_no_gap(unpacked: Path) -> None:
    assert json.loads((unpacked / "index.json").read_text())["gaps"] == []
    assert "Nothing is missing" in (unpacked / INDEX).read_text()


def test_gaps_are_grouped_by_what_and_why() -> None:
    found = [
        Gap(3, Lack.TEST_RECORD, Why.IMPORTED),
        Gap(9, Lack.TEST_RECORD, Why.IMPORTED),
        Gap(4, Lack.REPLY, Why.UNTOLD),
    ]
    first, second = gap_lines(found, translator("en", None))
    assert "a test passed after the last modification: 2 (F-3, F-9)" in first
    assert "a reply to the customer: 1 (F-4)" in second
    assert all("F-" in line for line in gap_lines(found, translator("zh-CN", None)))


def test_a_case_that_cannot_be_read_is_a_gap_and_the_others_are_there(doing: Doing, tmp_path: Path) -> None:
    broken, whole = doing.fault(State.CLOSED), doing.fault(State.CLOSED)
    tamper(doing.database, f"DELETE FROM audit_entries WHERE case_id = {broken}")
    today = doing.office.today(doing.clock())
    made(doing, tmp_path / "pack.zip", ONE.model_copy(update={"case_id": None, "first": today, "last": today}))
    with ZipFile(tmp_path / "pack.zip") as archive:
        index = json.loads(archive.read("index.json"))
    assert index["gaps"] == [{"case": broken, "lacks": "history", "why": "tampered"}]
    assert {one["case"] for one in index["files"] if one["document"] in {"T02", "T04"}} == {whole}
