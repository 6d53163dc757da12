"""The bundled templates are correct, and a company's own templates are checked before use."""

import re
import shutil
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn

from bot.documents.case.outlines import OUTLINES
from bot.documents.case_files import case_of, paper_file
from bot.documents.context import DocumentSettings
from bot.documents.word.draw_templates import draw, template
from bot.documents.word.fill_template import BUNDLED
from bot.documents.word.template_check import WrongTemplate, bundled, check, check_template, fields_of
from bot.documents.wording import Wording
from bot.runtime.process import templates
from bot.settings.declaration import WrongSettings
from bot.settings.settings import load
from bot.workflow.context import Policy
from bot.workflow.reading_levels import Level
from storage.vocabulary import Paper
from tests.support.case_builder import CaseBuilder
from tests.support.case_documents import SHANGHAI, CaseDocuments, question
from tests.support.manual_clock import ManualClock
from tests.support.word_reader import read

BODY = "word/document.xml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "forms"
    shutil.copytree(BUNDLED, own)
    return own


def change(path: Path, old: str, new: str, part: str = BODY) -> None:
    """Replace text in a part of a Word file. The text must be there."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def refused(folder: Path) -> str:
    with pytest.raises(WrongTemplate) as wrong:
        check(folder)
    return str(wrong.value)


# Bundled templates


@pytest.mark.parametrize(("path", "paper"), list(bundled()), ids=lambda one: str(getattr(one, "name", one)))
def test_each_bundled_template_is_correct_and_equals_the_drawn_one(path: Path, paper: Paper) -> None:
    check_template(path, paper)
    assert path.read_bytes() == template(paper), "regenerate them: faultdesk templates"


@pytest.mark.parametrize("paper", OUTLINES)
def test_rows_do_not_break_between_pages_and_header_rows_repeat(paper: Paper) -> None:
    body = docx.Document(BytesIO(template(paper))).element.body
    heads = 0
    for table in body.iter(qn("w:tbl")):
        rows = table.findall(qn("w:tr"))
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        repeated = [row for row in rows if row.trPr.find(qn("w:tblHeader")) is not None]
        assert repeated in ([], rows[:1]), "Word repeats only the first rows of a table"
        heads += len(repeated)
        columned = any("{%tr for" in "".join(row.itertext()) for row in rows)
        assert columned == bool(repeated)
    assert heads == (3 if paper is Paper.TEST_RECORD else 2)


def test_there_is_one_template_for_each_document() -> None:
    assert {path.name for path in BUNDLED.iterdir()} == {f"{paper.value}.docx" for paper in OUTLINES}


def test_templates_drawn_into_a_folder_pass_the_check_of_a_companys_own(tmp_path: Path) -> None:
    draw(tmp_path)
    check(tmp_path)


def test_the_fields_of_a_part_have_distinct_names() -> None:
    for outline in OUTLINES.values():
        for chapter in outline.chapters:
            for part in chapter.parts:
                codes = [field.code for _step, field in part.fields()] + list(part.facts)
                assert len(codes) == len(set(codes))
                assert not {"heading", "label"} & set(codes)


# Refused templates


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("{{ case.customer }}", "{{ case.custommer }}", "case.custommer"),
        ("{{ case.customer }}", "{{ case.customer }} {{ asker }}", "asker"),
        ("{{ case.label.customer }}", "{{ case.label.custommer }}", "case.label.custommer"),
        ("{{ fault.impact }}", "{{ fault.impact }}{% if fault.sink %}x{% endif %}", "fault.sink"),
        ("{{ words.legend }}", "{{ words.legende }}", "words.legende"),
        ("{{ course.decision.modifier }}", "{{ course.decision.modifer }}", "courses.decision.modifer"),
        ("{{ change.letter }}", "{{ change.leter }}", "history.leter"),
        ("{{ fault.impact }}", "{{ fault['effect'] }}", "fault.effect"),
        ("{{ fault.impact }}", "{{ fault }}", "fault"),
        ("{{ fault.impact }}", "{{ fault.impact.__class__ }}", "fault.impact.__class__"),
        ("{%p for course in courses %}", "{%p for course in corses %}", "corses"),
    ],
)
def test_an_unknown_field_is_refused_by_name(folder: Path, old: str, new: str, field: str) -> None:
    change(folder / "T02.docx", old, new)
    assert refused(folder) == f"T02.docx: unknown field {field}"


@pytest.mark.parametrize(
    ("paper", "field"),
    [
        ("T01", "rounds.answer.answer"),
        ("T02", "fault.impact"),
        ("T02", "signing.testers"),
        ("T03", "requirement.value"),
        ("T04", "rating.severity"),
        ("T04", "discussions.end.outcome"),
        ("T06", "rounds.test.regression"),
        ("T07", "changes.manual.after"),
    ],
)
def test_a_missing_field_is_refused_by_name(folder: Path, paper: str, field: str) -> None:
    *_rounds, name = field.partition(".")[2].rpartition(".")
    with ZipFile(folder / f"{paper}.docx") as archive:
        body = archive.read(BODY).decode()
    last = re.escape(".".join(field.split(".")[1:]) or name)
    found = re.search(r"{{ \w+\." + last + " }}", body)
    assert found
    change(folder / f"{paper}.docx", found[0], "")
    assert refused(folder) == f"{paper}.docx: missing field {field}"


def test_the_notice_of_an_internal_document_is_required(folder: Path) -> None:
    change(folder / "T04.docx", "{{ document.notice }}", "")
    check(folder)  # the notice is still on every page
    change(folder / "T04.docx", "{{ document.notice }}", "", "word/header1.xml")
    assert refused(folder) == "T04.docx: missing field document.notice"


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("{{ fault.impact | shout }}", "unknown filter shout"),
        ("{{ fault.impact | safe }}", "unknown filter safe"),
        ("{{ fault.impact", "T02.docx: "),
        ("{%p if fault %}", "T02.docx: "),
    ],
)
def test_errors_of_jinja_are_reported(folder: Path, new: str, said: str) -> None:
    change(folder / "T02.docx", "{{ fault.impact }}", new)
    assert said in refused(folder)


def test_headers_and_footers_are_checked(folder: Path) -> None:
    change(folder / "T01.docx", "{{ document.hash }}", "{{ document.sum }}", "word/footer1.xml")
    assert refused(folder) == "T01.docx: unknown field document.sum"


def test_files_that_are_no_templates_are_ignored_or_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "~$T01.docx").write_bytes(b"Word has it open")
    (folder / "readme.txt").write_text("ours")
    check(folder)
    (folder / "T03.docx").write_bytes(b"PK no Word file")
    assert refused(folder) == "T03.docx: is no Word file (.docx)"
    (folder / "T03.docx").unlink()
    check(folder)
    shutil.copy(folder / "T02.docx", folder / "T2.docx")
    assert refused(folder).startswith("T2.docx: is the template of no document")
    assert refused(tmp_path / "none").endswith("is no folder")
    (tmp_path / "empty").mkdir()
    assert "has no template" in refused(tmp_path / "empty")


def test_names_that_a_template_sets_itself_are_accepted(folder: Path) -> None:
    mine = "{% set seen = fault.impact %}{{ seen | upper }}"
    change(folder / "T02.docx", "{{ fault.impact }}", mine)
    change(folder / "T02.docx", "{{ change.letter }}", "{{ loop.index }} {{ change['letter'] }}")
    check(folder)


@pytest.mark.parametrize("paper", OUTLINES)
def test_the_check_knows_the_common_fields_of_every_document(paper: Paper) -> None:
    assert {"document", "words", "case", "signatures", "history"} <= set(fields_of(paper))


# Use of templates


def test_a_companys_own_template_is_used(builder: CaseBuilder, clock: ManualClock, folder: Path) -> None:
    change(folder / "T01.docx", "{{ case.label.customer }}", "Our client")
    for other in OUTLINES:
        if other is not Paper.SERVICE_REPORT:
            (folder / f"{other.value}.docx").unlink()
    check(folder)
    case = question(CaseDocuments(builder, clock))
    with builder.database.read() as session:
        wording, own = Wording("zh-CN", SHANGHAI), DocumentSettings(templates=folder)
        file = paper_file(case_of(session, case, Policy()), Paper.SERVICE_REPORT, "docx", wording, own)
    answers = read(file.content).answers("问题单")
    assert answers["Our client"] == "Binhai Port Clearance 滨海口岸通关中心"


def test_a_template_without_its_condition_still_shows_no_internal_answer_outside(
    builder: CaseBuilder, clock: ManualClock, folder: Path
) -> None:
    change(folder / "T01.docx", "if document.inside", "if document.number")
    check(folder)
    case = question(CaseDocuments(builder, clock))
    with builder.database.read() as session:
        wording, own = Wording("en", SHANGHAI), DocumentSettings(templates=folder)
        make = partial(paper_file, case_of(session, case, Policy()), Paper.SERVICE_REPORT, "docx", wording, own)
        inside, outside = (
            read(make(level=level).content).answers("Answer") for level in (Level.CENTER, Level.REPORTER)
        )
    assert (inside["Effort (hours)"], outside["Effort (hours)"]) == ("0.5", "–")


def test_every_wrong_template_has_its_own_line(folder: Path) -> None:
    change(folder / "T02.docx", "{{ fault.impact }}", "")
    (folder / "T03.docx").write_bytes(b"garbage")
    (folder / "T99.docx").write_bytes(b"")
    with pytest.raises(WrongSettings) as wrong:
        templates(load({"FAULT_TEMPLATES": str(folder)}, needs_slack=False))
    assert [line.split(": ")[1] for line in wrong.value.lines] == ["T02.docx", "T03.docx", "T99.docx"]


def test_a_wrong_template_stops_the_start_with_one_line(folder: Path) -> None:
    settings = load({"FAULT_TEMPLATES": str(folder)}, needs_slack=False)
    assert templates(settings) == folder
    change(folder / "T02.docx", "{{ fault.impact }}", "")
    with pytest.raises(WrongSettings) as wrong:
        templates(settings)
    (line,) = wrong.value.lines
    assert line == "FAULT_TEMPLATES: T02.docx: missing field fault.impact; for example FAULT_TEMPLATES=templates"
