"""The pack holds every version of a case's documents as it was, with whether it is still in force."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.casework.reading.full_record import full_record
from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.documents import produce as making
from bot.documents.case.document import document_contents
from bot.documents.case.outlines import OUTLINES
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.pack.index import INDEX
from bot.documents.pack.pack import case_ids, pack
from bot.documents.produce import produce
from bot.documents.wording import Wording
from bot.i18n.translator import translator
from bot.workflow import export_refusals
from bot.workflow.context import Policy
from bot.workflow.refusal import Refused
from storage.vocabulary import Paper, State, Step
from tests.support.case_builder import SEVERE, CaseBuilder
from tests.support.case_documents import SCENARIOS, SHANGHAI, CaseDocuments
from tests.support.manual_clock import ManualClock
from tests.support.word_reader import Read, read

NOVEMBER = ExportOrder(
    what=ExportKind.PACK, asker="", form="zip", language="en", first=date(2026, 11, 1), last=date(2026, 11, 30)
)


@pytest.fixture
def files(builder: CaseBuilder, clock: ManualClock) -> CaseDocuments:
    return CaseDocuments(builder, clock)


def context_of(builder: CaseBuilder, session: Any) -> DocumentContext:
    return DocumentContext(
        session, builder.company, DocumentSettings(), translator("en", "Asia/Shanghai"), builder.clock()
    )


def unpacked(builder: CaseBuilder, folder: Path, case: int, language: str = "en") -> Path:
    """The pack of a case, unpacked into a folder."""
    order = ExportOrder(what=ExportKind.PACK, asker="", form="zip", language=language, case_id=case)
    with builder.database.read() as session:
        context = context_of(builder, session)
        pack(order, context, case_ids(order, context), folder / "pack.zip")
    with ZipFile(folder / "pack.zip") as archive:
        archive.extractall(folder / "pack")
    return folder / "pack"


def versions(folder: Path, paper: Paper) -> Iterator[tuple[int, str, int | None, Read]]:
    """The versions of a document in a pack: number, status, the version that supersedes it, and content."""
    for one in json.loads((folder / "index.json").read_text())["files"]:
        if one["document"] == paper and one["case"]:
            yield one["version"], one["status"], one["superseded_by"], read((folder / one["name"]).read_bytes())


def test_each_version_of_a_sheet_is_in_the_pack_as_it_was(files: CaseDocuments, tmp_path: Path) -> None:
    folder = unpacked(files.builder, tmp_path, SCENARIOS["redrafted"](files))
    found = list(versions(folder, Paper.FAULT_SHEET))
    assert [one[:3] for one in found] == [(1, "returned", 3), (2, "returned", 3), (3, "void", None)]
    first, second, third = (document for *_, document in found)
    assert [document.document.paragraphs[0].text for document in (first, second, third)] == [
        "Fault-handling task sheet (superseded by version 3)",
        "Fault-handling task sheet (superseded by version 3)",
        "Fault-handling task sheet (Void)",
    ]
    assert "which provinces?" in first.text, "the reason of the return is shown"
    assert "Somebody else must draft it" not in first.text
    assert first.answers("Fault")["Impact"] == "One customer 一家客户"
    assert third.answers("Fault")["Impact"] == "Anhui and Hubei 安徽、湖北"
    assert [len(document.listed("Change history")) for document in (first, second, third)] == [1, 2, 4]
    records = files.records(1, Paper.FAULT_SHEET)
    for record, document in zip(records, (first, second, third), strict=True):
        assert record.content_hash in document.running


def test_the_index_says_which_version_is_in_force(files: CaseDocuments, tmp_path: Path) -> None:
    folder = unpacked(files.builder, tmp_path, SCENARIOS["redrafted"](files))
    page = (folder / INDEX).read_text()
    assert "1 · Returned · superseded by version 3" in page
    assert "3 · Void<" in page


def test_superseded_and_void_are_marked_in_both_languages(files: CaseDocuments, tmp_path: Path) -> None:
    folder = unpacked(files.builder, tmp_path, SCENARIOS["redrafted"](files), "both")
    titles = [document.document.paragraphs[0].text for *_, document in versions(folder, Paper.FAULT_SHEET)]
    assert titles[0] == ("故障处理任务单（已由第 3 版取代） Fault-handling task sheet (superseded by version 3)")
    assert titles[-1] == "故障处理任务单（已作废） Fault-handling task sheet (Void)"


def test_the_record_of_a_failed_test_does_not_show_the_later_passed_one(files: CaseDocuments, tmp_path: Path) -> None:
    folder = unpacked(files.builder, tmp_path, SCENARIOS["very_severe"](files))
    (_one, _status, _later, failed), (*_, passed) = versions(folder, Paper.TEST_RECORD)
    assert [heading for heading, _rows in failed.sections if heading.startswith("Round")] == ["Round 1"]
    assert [heading for heading, _rows in passed.sections if heading.startswith("Round")] == ["Round 1", "Round 2"]
    assert "V3.2.1-rc2" not in failed.text


def test_a_draft_is_in_the_pack_only_until_the_report_is_published(files: CaseDocuments, tmp_path: Path) -> None:
    case = files.report()
    files.onward(case, State.ANALYSIS)
    files.usual(Step.PUBLISH_ANALYSIS, case, **{**SEVERE, "deadline_basis": "negotiating", "deadline_at": None})
    (tmp_path / "before").mkdir()
    draft = list(versions(unpacked(files.builder, tmp_path / "before", case), Paper.ANALYSIS_REPORT))
    assert [one[:3] for one in draft] == [(1, "draft", None)]
    files.usual(Step.PUBLISH_ANALYSIS, case, **SEVERE)
    found = list(versions(unpacked(files.builder, tmp_path, case), Paper.ANALYSIS_REPORT))
    assert [one[:3] for one in found] == [(2, "published", None)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_version_of_every_document_can_be_made(files: CaseDocuments, scenario: str) -> None:
    case_id = SCENARIOS[scenario](files)
    with files.builder.database.read() as session:
        case = full_record(session, case_id, Policy())
    for paper in OUTLINES:
        for record in case.versions(paper):
            made = document_contents(case, paper, Wording("en", SHANGHAI), "QM", version=record.version)
            assert made is not None
            assert (made.version, made.hash) == (record.version, record.content_hash)
            assert made.history[-1].version == str(record.version)
        newest = case.newest(paper)
        if newest:
            last = document_contents(case, paper, Wording("en", SHANGHAI), "QM", version=newest.version)
            assert last == document_contents(case, paper, Wording("en", SHANGHAI), "QM")
            with pytest.raises(ValueError, match="empty"):
                case.at_version(paper, newest.version + 1)


def test_a_pack_ordered_in_slack_is_refused_if_it_has_too_many_documents(
    files: CaseDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    SCENARIOS["redrafted"](files)
    files.usual(Step.TRIAGE, 1)
    monkeypatch.setattr(making, "MAX_DOCUMENTS_IN_SLACK", 2)
    with files.builder.database.read() as session, pytest.raises(Refused) as refused:
        produce(NOVEMBER, context_of(files.builder, session))
    assert refused.value.problems[0].refusal == export_refusals.TooManyDocumentsForSlack(3, 2)
    monkeypatch.setattr(making, "MAX_DOCUMENTS_IN_SLACK", 3)
    with files.builder.database.read() as session:
        assert produce(NOVEMBER, context_of(files.builder, session))
