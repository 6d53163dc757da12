"""Pictures that were attached to a case stand at the end of its documents, as far as their reader may see them."""

from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from PIL import Image

from bot.casework.steps import files
from bot.documents.case_files import case_of, paper_file
from bot.documents.context import DocumentSettings
from bot.documents.wording import Wording
from bot.workflow.context import Policy
from bot.workflow.reading_levels import Level
from storage import audit
from storage.file_contents import FolderContents
from storage.tables import CaseFile
from storage.vocabulary import Paper, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.team import CHEN, WU
from tests.support.world import SHANGHAI

OWN = DocumentSettings()


def png(color: str) -> bytes:
    """A picture that is wider than a page."""
    made = BytesIO()
    Image.new("RGB", (4000, 30), color).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def contents(tmp_path: Path) -> FolderContents:
    """A folder of files of this test's own."""
    return FolderContents(tmp_path / "files")


def keep(builder: CaseBuilder, contents: FolderContents, case: int, file_id: str, name: str, content: bytes) -> None:
    """Let the newest entry of a step that names this file have brought it, and keep it."""
    with builder.database.write() as session:
        brought = [entry.seq for entry in audit.steps(session, case) if f'"{file_id}"' in entry.data]
        stored = contents.store([content])
        found = CaseFile(
            case_id=case, seq=brought[-1], file_id=file_id, name=name, size=stored.size, sha256=stored.sha256
        )
        files.record(session, found, builder.company, builder.clock())


def shown(builder: CaseBuilder, contents: FolderContents, case: int, paper: Paper, level: Level) -> list[str]:
    """The alternative texts of the pictures of a document."""
    with builder.database.read() as session:
        wording = Wording("both", SHANGHAI)
        whole = case_of(session, case, Policy())
        made = paper_file(whole, paper, "docx", wording, OWN, level=level, contents=contents)
        assert made == paper_file(whole, paper, "docx", wording, OWN, level=level, contents=contents)
    document = Document(BytesIO(made.content))
    section = document.sections[0]
    room = sum((section.page_width or 0, -(section.left_margin or 0), -(section.right_margin or 0)))
    assert all(shape.width <= room for shape in document.inline_shapes)
    return [shape._inline.docPr.get("descr") for shape in document.inline_shapes]


@pytest.fixture
def case(builder: CaseBuilder, contents: FolderContents) -> int:
    """An analyzed fault with a picture in its report and one in a comment."""
    case = builder.report(attachments=[{"id": "F1", "name": "屏幕.png"}, {"id": "F3", "name": "broken.png"}])
    keep(builder, contents, case, "F1", "屏幕.png", png("red"))
    keep(builder, contents, case, "F3", "broken.png", b"no picture")
    builder.onward(case, State.DECISION)
    builder.take(Step.COMMENT, WU, case, files=[{"id": "F2", "name": "trace.png"}, {"id": "F4", "name": "core.log"}])
    keep(builder, contents, case, "F2", "trace.png", png("blue"))
    keep(builder, contents, case, "F4", "core.log", b"0xdead")
    return case


BROKEN = {
    "cut.gif": b"GIF89a\1\0",
    "cut.jpg": bytes.fromhex("ffd8ffe1001a457869660000"),
    "no frame.jpg": bytes.fromhex("ffd8ffe000104a46494600010101006000600000ffd9"),
    "in truth a tiff.png": b"II*\0\x08\0\0\0" + b"\x03\0" + b"\0\1\3\0\1\0\0\0\1\0\0\0" * 2,
    "no pixels.gif": b"GIF89a" + bytes(7),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_picture_spoils_no_document(builder: CaseBuilder, contents: FolderContents, name: str) -> None:
    case = builder.report(attachments=[{"id": "F1", "name": name}])
    keep(builder, contents, case, "F1", name, BROKEN[name])
    builder.onward(case, State.DECISION)
    assert shown(builder, contents, case, Paper.FAULT_SHEET, Level.CENTER) == []


@pytest.mark.parametrize("paper", [Paper.FAULT_SHEET, Paper.ANALYSIS_REPORT])
def test_internal_documents_show_all_pictures(
    builder: CaseBuilder, contents: FolderContents, case: int, paper: Paper
) -> None:
    assert shown(builder, contents, case, paper, Level.CENTER) == ["屏幕.png", "trace.png"]


def test_the_service_report_shows_what_was_reported(builder: CaseBuilder, contents: FolderContents) -> None:
    case = builder.report(attachments=[{"id": "F1", "name": "screen.png"}])
    keep(builder, contents, case, "F1", "screen.png", png("red"))
    builder.take(Step.TRIAGE, WU, case, is_requirement="no", is_fault="no")
    builder.take(Step.COMMENT, WU, case, files=[{"id": "F2", "name": "trace.png"}])
    keep(builder, contents, case, "F2", "trace.png", png("blue"))
    builder.take(Step.ANSWER, CHEN, case, answer="Press Save", effort_hours="1", category="usage")
    for level in (Level.CENTER, Level.REPORTER):
        assert shown(builder, contents, case, Paper.SERVICE_REPORT, level) == ["screen.png"]
