"""The statistics report as Word and Excel, read back with other libraries and compared with the snapshot."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.document import Document
from docx.shared import Pt, Twips
from matplotlib import get_data_path
from PIL import ImageFont
from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics import monthly_report
from bot.casework.statistics.measures import StatisticsQuery
from bot.casework.statistics.periods import parse
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.file import File
from bot.documents.report.files import Form, report_files
from bot.i18n.translator import Translator, translator
from bot.workflow.refusal import Refused
from storage.database import Database
from storage.tables import Report
from storage.vocabulary import State
from tests.casework.statistics.test_measures_of_scenarios import BY_HAND
from tests.support.acceptance_scenarios import BILLING, HUADONG, MORNING, AcceptanceScenarios
from tests.support.case_builder import CaseBuilder
from tests.support.long_values import long
from tests.support.manual_clock import ManualClock
from tests.support.november_report import beat
from tests.support.team import CHEN, DESK, SHANGHAI

ENGLISH, CHINESE = (translator(locale, "Asia/Shanghai") for locale in ("en", "zh-CN"))
COMMENT = 'Sheets: 50 % returned.\n需写明省份。\n=HYPERLINK("x") {{ 7 * 7 }} <b>&amp;\x07'
BOTH = pytest.mark.parametrize("t", [ENGLISH, CHINESE], ids=["en", "zh"])


class ReportDatabase:
    """A database with a report of November. Each file is made only once."""

    def __init__(self, builder: CaseBuilder) -> None:
        self.builder = builder
        self._made: dict[tuple[Any, ...], File] = {}

    def file(self, form: Form, t: Translator = ENGLISH, words: str = "2026-11", **names: Any) -> File:
        key = (form, t, words, *names.items())
        if key not in self._made:
            self._made[key] = made(self.builder, form, t, words, **names)
        return self._made[key]


def made(builder: CaseBuilder, form: Form, t: Translator = ENGLISH, words: str = "2026-11", **names: Any) -> File:
    period = parse(words, builder.company, builder.clock())
    assert period is not None
    with builder.database.read() as session:
        context = DocumentContext(session, builder.company, DocumentSettings(), t, builder.clock())
        (file,) = report_files(StatisticsQuery(period, **names), form, context, t)
    return file


def draw_up(builder: CaseBuilder) -> None:
    assert beat(builder) == 1


def issue(builder: CaseBuilder) -> None:
    with builder.database.write() as session:
        monthly_report.issue(session, 1, COMMENT, CHEN, "view:1", builder.company, MORNING + timedelta(hours=2))


@pytest.fixture(scope="module")
def draft(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportDatabase]:
    """A database with the six scenarios in November and the draft of its report. No test may change it."""
    path, clock = shutil.copy(migrated, tmp_path_factory.mktemp("november")), ManualClock()
    database = Database(f"sqlite:///{path}")
    builder = CaseBuilder(database, CompanySettings(DESK, zone=SHANGHAI), clock.now)
    builder.seed()
    AcceptanceScenarios(builder, clock).all()
    draw_up(builder)
    yield ReportDatabase(builder)
    database.close()


@pytest.fixture
def issued(draft: ReportDatabase, tmp_path: Path) -> Iterator[ReportDatabase]:
    """A copy of that database in which the report is issued."""
    path = tmp_path / "november.db"
    with closing(sqlite3.connect(str(draft.builder.database.engine.url.database))) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    database = Database(f"sqlite:///{path}")
    builder = replace(draft.builder, database=database, clock=ManualClock(MORNING + timedelta(days=1)).now)
    issue(builder)
    yield ReportDatabase(builder)
    database.close()


def word(file: File) -> Document:
    return docx.Document(BytesIO(file.content))


def sheets(file: File) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(BytesIO(file.content))
    return {sheet.title: [tuple(line) for line in sheet.iter_rows(values_only=True)] for sheet in book}


def tables(document: Document) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def texts(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def heads(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.sections[0].header.paragraphs)


# ---- Word ----------------------------------------------------------------------------------------------------


def test_a_draft_is_marked_on_every_page(draft: ReportDatabase) -> None:
    file = draft.file("docx")
    assert file.name == "BTSP-SM-T08-202611_V1_draft_en.docx"
    document = word(file)
    assert len(document.sections) == 1
    assert "DRAFT, not issued" in heads(document)
    assert "BTSP-SM-T08-202611  Version 1" in heads(document)
    assert "DRAFT, not issued" in texts(document)
    about = {row[place]: row[place + 1] for row in tables(document)[0] for place in (0, 2)}
    assert about["Status"] == "Draft"
    assert about["Issued by"] == "–"
    assert about["Period"] == "2026-11-01 – 2026-11-30 (Asia/Shanghai)"
    assert about["Only"] == "all customers and products"


def test_an_issued_report_shows_the_comment_the_issuer_and_the_hashes(issued: ReportDatabase) -> None:
    document = word(issued.file("docx"))
    said = texts(document)
    assert "DRAFT" not in heads(document) + "\n".join(said)
    at = said.index("Analysis and advice")
    assert said[at + 1 : at + 4] == COMMENT.replace("\x07", "").splitlines()
    with issued.builder.database.read() as session:
        row = session.exec(select(Report)).one()
    assert f"Version 1 was issued by {CHEN}, 1 Dec 2026, 10:00 (UTC+8)." in said
    assert f"Content hash (SHA-256): {row.content_hash}" in said
    assert f"Signature (SHA-256): {row.signature}" in said
    assert row.content_hash in document.sections[0].footer.paragraphs[0].text


def test_every_measure_is_listed_with_its_numbers(draft: ReportDatabase) -> None:
    _about, measures, *_others = tables(word(draft.file("docx")))
    lines = {(line[0], line[1]): line[2:] for line in measures if len(set(line)) > 1}
    assert lines["", "Measure"] == ["Value", "Numerator", "Denominator", "n"]
    assert lines["M1", "Faults received"] == ["3", "3", "–", "3"]
    assert lines["M2", "Problems by kind: Question"] == ["33.3%", "2", "6", "2"]
    assert lines["M3", "Time to acknowledge, mean"] == ["31 min", "3 h 5 min", "6", "6"]
    assert lines["M5", "Signing time, median"] == ["1 h 30 min", "–", "4", "4"]
    assert lines["M9", "Late rate"] == ["0%", "0", "1", "1"]
    assert lines["M12", "Backlog index (closed / reported)"] == ["67", "2", "3", "3"]
    assert lines["M6", "Time in state, mean: Awaiting triage"] == ["31 min", "3 h 5 min", "6", "6"]
    assert [line for line in lines.values() if line[0] == "–"] == [["–", "0 min", "0", "0"]], "no case was in handling"
    apart = ("Ended", "Faults from before")
    assert len([line for line in measures if line[0].startswith("M") or line[1].startswith(apart)]) == len(BY_HAND)


def test_the_charts_are_pictures_with_a_description(draft: ReportDatabase) -> None:
    shapes = word(draft.file("docx")).inline_shapes
    assert len(shapes) == 5
    described = [shape._inline.docPr.get("descr") for shape in shapes]
    assert "Faults: 3 reported, 2 closed, 1 open" in described
    assert all(described)


def test_counts_and_lists_equal_the_snapshot(draft: ReportDatabase) -> None:
    document = word(draft.file("docx"))
    _about, _measures, severity, product, _module, _cause, _customer, very_severe = tables(document)
    assert severity[0] == ["Severity", "Received (signed)", "Closed in the period", "Open at the end"]
    assert severity[1:] == [
        ["Very severe", "1", "1", "0"],
        ["General", "1", "1", "0"],
        ["not analyzed yet", "1", "0", "1"],
        ["All", "3", "2", "1"],
    ]
    assert product[1] == [BILLING, "2", "1", "1"]
    assert "Overdue: 0" in texts(document)
    assert very_severe[1][0] == "F-4"
    assert very_severe[1][2:5] == [HUADONG, BILLING, "Closed"]
    assert very_severe[1][5:] == ["2026-11-09 14:00", "2026-11-09 13:20"]


def test_no_word_of_a_state_is_broken_over_two_lines(draft: ReportDatabase) -> None:
    document = word(draft.file("docx"))
    column = document.tables[-1].columns[4]
    assert column.cells[0].text == "State"
    size, margins = document.styles["Small"].font.size, 2 * Twips(100)
    assert size is not None
    wide = ImageFont.truetype(str(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), 100)
    words = {part for state in State for part in ENGLISH.word(state).split()}
    longest = max(wide.getlength(part) for part in words) * size.pt / 100
    assert longest <= (column.width - margins) / Pt(1)


def test_the_report_is_in_chinese_for_chinese_readers(draft: ReportDatabase) -> None:
    document = word(draft.file("docx", CHINESE))
    assert "维护统计报告 2026年11月" in texts(document)
    assert "草稿，未发布" in heads(document)
    _about, measures, severity, *_others = tables(document)
    assert ["M15", "任务单退回率", "50%", "2", "4", "4"] in measures
    assert severity[0] == ["严重性", "已签发故障数", "本期关闭", "期末未结"]
    headings = [one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 1"]
    assert not [heading for heading in headings if heading.isascii()], headings


@pytest.mark.parametrize("form", [long("docx"), "xlsx"])
@pytest.mark.parametrize("t", [long(ENGLISH), CHINESE], ids=["en", "zh"])
def test_the_same_version_is_the_same_file_whenever_it_is_made(
    issued: ReportDatabase, form: Form, t: Translator
) -> None:
    before = issued.file(form, t)
    later = replace(issued.builder, clock=ManualClock(MORNING + timedelta(days=40)).now)
    later.fault(State.ANALYSIS)
    assert made(later, form, t) == before


# ---- Excel ---------------------------------------------------------------------------------------------------


def test_the_measures_are_numbers_in_excel(draft: ReportDatabase) -> None:
    lines = sheets(draft.file("xlsx"))["Measures"]
    assert lines[0] == ("Measure no.", "Measure", "Group", "Value", "Unit", "Numerator", "Denominator", "n")
    found: dict[Any, list[tuple[Any, ...]]] = {}
    for line in lines[1:]:
        found.setdefault(line[0], []).append(line)
    for code, *_name, numerator, denominator, n, value in BY_HAND:
        unit = 3600 if code in ("M3", "M4", "M5", "M6", "M7") else 1
        scaled = tuple(None if number is None else pytest.approx(number / unit) for number in (value, numerator))
        assert any(
            (line[3], line[5], line[6], line[7]) == (*scaled, denominator, n)
            for line in found[code if code.startswith("M") else None]
        ), code


def test_headings_stay_in_sight_and_sheets_can_be_filtered(draft: ReportDatabase) -> None:
    book = openpyxl.load_workbook(BytesIO(draft.file("xlsx").content))
    assert book.sheetnames == [
        *("About this report", "Measures", "Faults counted", "Overdue", "Very severe", "Charts"),
    ]
    for sheet in book.worksheets[1:5]:
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref == sheet.dimensions
    assert len(book["Charts"]._images) == 5
    assert book["About this report"]["A2"].value == "DRAFT, not issued"
    severe = book["Very severe"]
    assert severe["F2"].is_date
    assert severe["F2"].value.isoformat() == "2026-11-09T14:00:00"
    counts = [line[1:] for line in sheets(draft.file("xlsx"))["Faults counted"] if line[0] == "Severity"]
    assert counts == [("Very severe", 1, 1, 0), ("General", 1, 1, 0), ("not analyzed yet", 1, 0, 1)]


def test_typed_text_is_never_a_formula(builder: CaseBuilder, clock: ManualClock) -> None:
    clock.set(MORNING - timedelta(days=9))
    case = builder.report(summary="=1+1", customer='=HYPERLINK("http://x")', product="@SUM(1)")
    builder.onward(case, State.DECISION)
    clock.set(MORNING)
    draw_up(builder)
    issue(builder)
    book = openpyxl.load_workbook(BytesIO(made(builder, "xlsx").content))
    typed = [cell for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value)[:1] in ("=", "@")]
    assert len(typed) == 9, "three in each of two lists; product, module and customer in the counts"
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in typed)
    assert '=HYPERLINK("x")' in book["About this report"]["B16"].value
    assert tables(word(made(builder, "docx")))[-1][1][1] == "=1+1"


# ---- Other periods -------------------------------------------------------------------------------------------


def test_a_period_without_a_stored_report_is_drawn_up_for_the_file_alone(draft: ReportDatabase) -> None:
    file = draft.file("docx", words="2026-11-09..2026-11-15")
    assert file.name == "BTSP-SM-T08-20261109-20261115_draft_en.docx"
    document = word(file)
    assert "DRAFT, drawn up for this file alone" in heads(document)
    assert ["M1", "Faults received", "2", "2", "–", "2"] in tables(document)[1]
    with draft.builder.database.read() as session:
        assert len(session.exec(select(Report)).all()) == 1


def test_a_report_can_be_narrowed_to_one_customer(draft: ReportDatabase) -> None:
    document = word(draft.file("docx", customer=HUADONG))
    assert ["M1", "Faults received", "2", "2", "–", "2"] in tables(document)[1]
    assert f"Customer: {HUADONG}" in [cell for row in tables(document)[0] for cell in row]
    assert "DRAFT, drawn up for this file alone" in heads(document)
    with pytest.raises(Refused):
        draft.file("docx", customer="Nobody")


@BOTH
@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_a_report_of_a_month_without_cases_can_be_made(builder: CaseBuilder, form: Form, t: Translator) -> None:
    file = made(builder, form, t, words="2026-10")
    if form == "docx":
        assert "–" in texts(word(file))
    else:
        assert all(line[3] in (0, None) for line in list(sheets(file).values())[1][1:])


def test_without_a_converter_a_pdf_is_refused(draft: ReportDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Refused) as refused:
        draft.file("pdf")
    assert type(refused.value.problems[0].refusal).__name__ == "NoPdfConverter"


def test_every_heading_is_followed_by_content(draft: ReportDatabase) -> None:
    body = word(draft.file("docx")).element.body
    for first, second in pairwise(body):
        if "Heading1" in str(first.xpath("./w:pPr/w:pStyle/@w:val") if first.tag.endswith("}p") else ""):
            assert not (second.tag.endswith("}p") and "Heading1" in str(second.xpath("./w:pPr/w:pStyle/@w:val")))
