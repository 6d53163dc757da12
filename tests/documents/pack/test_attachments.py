"""The files of a case in its evidence pack, covered by the sums and compared with the history by `verify.py`."""

from pathlib import Path

import pytest

from bot.casework.records.verify_files import verify_files
from bot.casework.steps import files
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.pack.pack import case_ids, pack
from bot.i18n.translator import translator
from storage.file_contents import FolderContents
from storage.tables import CaseFile
from tests.documents.pack.test_pack import ONE, checked, unpack
from tests.support.case_builder import CaseBuilder

LOG = b"ORA-01438\n"


@pytest.fixture
def contents(tmp_path: Path) -> FolderContents:
    """A folder of files of this test's own."""
    return FolderContents(tmp_path / "files")


def kept(builder: CaseBuilder, contents: FolderContents, name: str = "rating.log") -> int:
    """Report a case with a file that is kept, and return its number."""
    case = builder.report(attachments=[{"id": "F1", "name": name}])
    stored = contents.store([LOG])
    found = CaseFile(case_id=case, seq=1, file_id="F1", name=name, size=stored.size, sha256=stored.sha256)
    with builder.database.write() as session:
        files.record(session, found, builder.company, builder.clock())
    return case


def unpacked(builder: CaseBuilder, contents: FolderContents, folder: Path) -> Path:
    with builder.database.read() as session:
        t = translator("en", "Asia/Shanghai")
        context = DocumentContext(session, builder.company, DocumentSettings(), t, builder.clock(), contents=contents)
        pack(ONE, context, case_ids(ONE, context), folder / "pack.zip")
    return unpack(folder / "pack.zip", folder)


def test_a_pack_holds_the_files_of_its_case(builder: CaseBuilder, contents: FolderContents, tmp_path: Path) -> None:
    kept(builder, contents)
    folder = unpacked(builder, contents, tmp_path)
    assert (folder / "attachments/F-1/1-1-rating.log").read_bytes() == LOG
    assert "  attachments/F-1/1-1-rating.log\n" in (folder / "SHA256SUMS").read_text()
    assert checked(folder)[0] == 0


def test_the_name_of_a_file_is_no_path(builder: CaseBuilder, contents: FolderContents, tmp_path: Path) -> None:
    kept(builder, contents, "../../evil.log/../x")
    folder = unpacked(builder, contents, tmp_path)
    assert [one.name for one in (folder / "attachments/F-1").iterdir()] == ["1-1-.._.._evil.log_.._x.bin"]


def test_a_file_that_was_exchanged_is_found(builder: CaseBuilder, contents: FolderContents, tmp_path: Path) -> None:
    kept(builder, contents)
    folder = unpacked(builder, contents, tmp_path)
    (folder / "attachments/F-1/1-1-rating.log").write_bytes(b"another")
    status, told = checked(folder)
    assert status == 1
    assert "F-1: the file rating.log is missing or was changed" in told
    assert "attachments/F-1/1-1-rating.log is not in the history" in told


def test_a_content_that_is_gone_or_changed_is_found(builder: CaseBuilder, contents: FolderContents) -> None:
    case = kept(builder, contents)

    def found() -> list[tuple[int, str]]:
        with builder.database.read() as session:
            return [(number, one.kind.value) for number, one in verify_files(session, contents)]

    [path] = [one for one in contents.folder.rglob("*") if one.is_file()]
    assert found() == []
    path.write_bytes(b"another")
    assert found() == [(case, "file_changed")]
    path.unlink()
    assert found() == [(case, "file_missing")]


def test_a_missing_content_is_told_in_the_pack(builder: CaseBuilder, contents: FolderContents, tmp_path: Path) -> None:
    kept(builder, contents)
    [path] = [one for one in contents.folder.rglob("*") if one.is_file()]
    path.unlink()
    folder = unpacked(builder, contents, tmp_path)
    assert "rating.log" in (folder / "0-gaps-and-index.html").read_text()
    assert "F-1: the file rating.log is missing or was changed" in checked(folder)[1]
