"""The documents of the acceptance scenarios, read by another library and compared with the cases' records."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_settings import CompanySettings
from bot.documents.case_files import case_of, papers_in
from bot.documents.wording import LANGUAGES, Language
from bot.i18n.translator import translator
from bot.workflow.context import Policy
from bot.workflow.field import Field, FieldKind
from bot.workflow.fields import FORMS
from bot.workflow.steps import TABLE
from storage.database import Database
from storage.vocabulary import Paper, Step
from tests.support.case_builder import CaseBuilder
from tests.support.case_documents import NAMES, SCENARIOS, CaseDocuments, moment
from tests.support.manual_clock import ManualClock
from tests.support.team import CHEN, DESK

_FAULT = (Paper.FAULT_SHEET, Paper.ANALYSIS_REPORT, Paper.TEST_RECORD, Paper.MANUAL_PART)
PAPERS: dict[str, tuple[Paper, ...]] = {
    "question": (Paper.SERVICE_REPORT,),
    "dissatisfied": (Paper.SERVICE_REPORT,),
    "requirement": (Paper.REQUIREMENT_SHEET,),
    "very_severe": _FAULT,
    "general": _FAULT,
    "redrafted": (Paper.FAULT_SHEET,),
}
ALL = [(scenario, paper) for scenario, papers in PAPERS.items() for paper in papers]
#: The records of which a document shows every version. Of the others it shows the newest.
EVERY = {Paper.SERVICE_REPORT, Paper.TEST_RECORD, Paper.MODIFICATION_RECORD, Paper.MANUAL_PART, Paper.DECISION}
#: Further records that a document shows besides its own and that of the case.
BESIDE = {
    Paper.FAULT_SHEET: (Paper.DECISION, Paper.RELEASE_NOTE, Paper.REPLY, Paper.CLOSE_NOTE),
    Paper.ANALYSIS_REPORT: (Paper.FAULT_RECORD, Paper.MINUTES),
    Paper.TEST_RECORD: (Paper.MODIFICATION_RECORD,),
}


class ScenarioFiles(CaseDocuments):
    """All scenarios in one database, for tests that only read."""

    def __init__(self, builder: CaseBuilder, clock: ManualClock) -> None:
        super().__init__(builder, clock)
        self.cases = {name: scenario(self) for name, scenario in SCENARIOS.items()}


@pytest.fixture(scope="module")
def filing(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScenarioFiles]:
    path = shutil.copy(migrated, tmp_path_factory.mktemp("filing") / "faultdesk.db")
    database, clock = Database(f"sqlite:///{path}"), ManualClock()
    builder = CaseBuilder(database, CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai")), clock.now)
    builder.seed()
    yield ScenarioFiles(builder, clock)
    database.close()


def asked(paper: Paper) -> dict[str, tuple[Step, Field]]:
    """The fields that the forms behind a record ask, with their steps."""
    found: dict[str, tuple[Step, Field]] = {}
    for row in TABLE:
        for field in FORMS[row.step] if paper in row.papers else ():
            found.setdefault(field.code, (row.step, field))
    return found


def words(language: Language) -> list[str]:
    return ["zh-CN", "en"] if language == "both" else [language]


def labelled(step: Step, code: str, language: Language) -> str:
    return " ".join(dict.fromkeys(translator(one, "UTC").field(step, code) for one in words(language)))


def said(field: Field, value: Any, language: Language) -> list[str]:
    """The pieces of text that the document must show for an answer."""
    match field.kind:
        case FieldKind.CHOICE:
            assert field.options is not None
            option = field.options(value)
            return [" ".join(dict.fromkeys(translator(one, "UTC").word(option) for one in words(language)))]
        case FieldKind.PERSON:
            return [NAMES[value]]
        case FieldKind.PEOPLE:
            return [NAMES[one] for one in value]
        case FieldKind.MOMENT:
            return [moment(datetime.fromisoformat(value), language)]
        case FieldKind.HOURS:
            return [f"{value:g}"]
        case FieldKind.FILES:
            return [file["name"] for file in value]
        case FieldKind.TEST_CASES:
            return [case[part] for case in value for part in ("title", "expected", "actual")]
    return [str(value)]


def pairs(row: list[str]) -> range:
    return range(0, len(row) - 1, 2)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_has_its_documents(filing: ScenarioFiles, scenario: str) -> None:
    with filing.builder.database.read() as session:
        assert papers_in(case_of(session, filing.cases[scenario], Policy())) == PAPERS[scenario]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("scenario", "paper"), ALL)
def test_every_answer_of_the_records_is_shown_under_its_label(
    filing: ScenarioFiles, scenario: str, paper: Paper, language: Language
) -> None:
    case = filing.cases[scenario]
    document = filing.opened(case, paper, language)
    rows = [row for _heading, rows in document.sections for row in rows]
    cells = [(row[place], row[place + 1]) for row in rows for place in pairs(row)]
    missing, compared = [], 0
    for record in shown(filing, case, paper):
        for code, (step, field) in asked(record.paper).items():
            if record.paper is Paper.FAULT_RECORD and step is not Step.PUBLISH_ANALYSIS:
                continue  # the report does not show how the case was closed
            label = labelled(step, code, language)
            for piece in said(field, record.content[code], language) if code in record.content else ():
                inside = (
                    [row for row in rows if piece in row]
                    if field.kind is FieldKind.TEST_CASES
                    else [value for name, value in cells if label == name and piece in value]
                )
                compared += 1
                if not inside:
                    missing.append((label, piece))
    assert not missing
    assert compared > 10


def shown(filing: ScenarioFiles, case: int, paper: Paper) -> list[Any]:
    """The versions of records that a document must show."""
    found = filing.records(case, Paper.CASE, paper, *BESIDE.get(paper, ()))
    newest = {card.paper: card for card in found}
    return [card for card in found if card.paper in EVERY or card is newest[card.paper]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("scenario", "paper"), ALL)
def test_a_document_shows_number_version_status_and_title(
    filing: ScenarioFiles, scenario: str, paper: Paper, language: Language
) -> None:
    case = filing.cases[scenario]
    document = filing.opened(case, paper, language)
    record = filing.records(case, paper)[-1]
    t = translator("zh-CN" if language == "zh-CN" else "en", "Asia/Shanghai")
    head = [cell for _heading, rows in document.sections[1:3] for row in rows for cell in row]
    assert {f"BTSP-SM-{paper}-F{case}", f"F-{case}", str(record.version), NAMES[str(record.author)]} <= set(head)
    assert any(t.word(record.status) in cell for cell in head)
    assert moment(record.created_at, language) in head
    assert t.word(paper) in document.sections[1][0]
    assert f"BTSP-SM-{paper}" in document.running
    assert record.content_hash in document.running


@pytest.mark.parametrize(("scenario", "paper"), ALL)
def test_a_bilingual_document_has_labels_in_both_languages_and_typed_text_once(
    filing: ScenarioFiles, scenario: str, paper: Paper
) -> None:
    case = filing.cases[scenario]
    both, en, zh = (filing.opened(case, paper, language) for language in ("both", "en", "zh-CN"))
    assert len(both.sections) == len(en.sections) == len(zh.sections)
    for two, english, chinese in zip(both.sections, en.sections, zh.sections, strict=True):
        assert two[0] in (f"{chinese[0]} {english[0]}", english[0])
        assert [len(row) for row in two[1]] == [len(row) for row in english[1]] == [len(row) for row in chinese[1]]
    summary = filing.records(case, Paper.CASE)[0].content["summary"]
    assert both.text.count(summary) == 1


@pytest.mark.parametrize(("scenario", "paper"), ALL)
def test_a_chinese_document_has_no_english_words(filing: ScenarioFiles, scenario: str, paper: Paper) -> None:
    document = filing.opened(filing.cases[scenario], paper, "zh-CN")
    labels = {
        row[place] for _head, rows in document.sections for row in rows if len(row) in (2, 4) for place in pairs(row)
    }
    headings = {heading for heading, _rows in document.sections}
    assert not {one for one in labels | headings if one.isascii()} - {""}


@pytest.mark.parametrize(("scenario", "paper"), ALL)
def test_the_same_case_gives_the_same_bytes(filing: ScenarioFiles, scenario: str, paper: Paper) -> None:
    case = filing.cases[scenario]
    first = filing.made(case, paper, "both")
    filing.clock.move(days=3)
    filing.take(Step.COMMENT, CHEN, case, text="It does not matter for the documents")
    assert filing.made(case, paper, "both") == first


def test_only_the_analysis_report_is_marked_internal(filing: ScenarioFiles) -> None:
    for paper in _FAULT:
        document = filing.opened(filing.cases["very_severe"], paper, "both")
        marked = "仅内部可见 Internal only"
        assert (marked in document.text, marked in document.running) == (paper is Paper.ANALYSIS_REPORT,) * 2
