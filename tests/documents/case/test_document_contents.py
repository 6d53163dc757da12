"""The content of a case's documents: rounds, signatures, history, hostile text, and refused orders."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.casework.imports.historic_faults import write_fault
from bot.documents.case_files import case_of, paper_file, papers_in
from bot.documents.context import DocumentSettings
from bot.documents.word.pdf import converter
from bot.documents.wording import LANGUAGES, Language, Wording
from bot.workflow import export_refusals
from bot.workflow.context import Policy
from bot.workflow.refusal import Refused
from bot.workflow.refusals import NoSuchCase
from storage import people
from storage.people import Grant, Profile
from storage.vocabulary import Paper, PaperStatus, Role, State, Step
from tests.support.case_builder import GRANTS, CaseBuilder
from tests.support.case_documents import NAMES, SCENARIOS, SHANGHAI, CaseDocuments, moment
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, CHEN, HE, HUANG, LIN, WU, ZHOU
from tests.support.word_reader import read


@pytest.fixture
def files(builder: CaseBuilder, clock: ManualClock) -> CaseDocuments:
    return CaseDocuments(builder, clock)


def test_the_answer_rounds_are_listed_in_order(files: CaseDocuments) -> None:
    case = SCENARIOS["dissatisfied"](files)
    report = files.opened(case, Paper.SERVICE_REPORT)
    assert [heading for heading, _rows in report.sections if heading.startswith("Round")] == [
        "Round 1",
        "Round 2",
        "Round 3",
    ]
    verdicts = [report.answers("Customer's verdict", number) for number in range(3)]
    assert [one["Is the customer satisfied?"] for one in verdicts] == ["No", "No", "Yes"]
    assert [one["Outcome"] for one in verdicts] == ["Being answered", "Being answered", "Closed"]
    assert verdicts[0]["Why not satisfied"] == "Still empty 还是空的"
    assert [one["Customer's score"] for one in verdicts][-1] == "–", (
        "the score of an earlier round is not shown in a later one"
    )
    assert verdicts[0]["Customer's score"].startswith("2")


def test_records_are_listed_with_their_modifications(files: CaseDocuments) -> None:
    case = SCENARIOS["very_severe"](files)
    record = files.opened(case, Paper.TEST_RECORD)
    first, second = (record.answers("Test record", number + 1) for number in range(2))  # the first is the title
    assert (first["Conclusion"], second["Conclusion"]) == ("Failed", "Passed")
    assert (first["Round"], second["Round"]) == ("1", "2")
    assert record.answers("Modification record", 1)["Build"] == second["Build"] == "V3.2.1-rc2"
    tried = [row for row in record.rows("Test record", 1) if len(row) == 5]
    assert tried[1:] == [
        ["1", "Rate a long call 长话批价", "rated", "exits", "Failed"],
        ["2", "Rate a short call", "rated", "rated", "Passed"],
    ]


def test_a_task_sheet_shows_what_followed_from_it(files: CaseDocuments) -> None:
    case = SCENARIOS["general"](files)
    sheet = files.opened(case, Paper.FAULT_SHEET)
    opinions = [sheet.answers("Customer's opinion", number) for number in range(2)]
    assert [one["Act"] for one in opinions] == ["Reject the fix", "Confirm"]
    assert [one["Reason"] for one in opinions] == ["Still blurred 仍然模糊", "–"]
    assert sheet.answers("Release", 1)["Released version"] == "V3.2.1"
    assert sheet.answers("Counts") == {"Times returned": "0", "Times reopened": "1"}


def test_severity_and_deadline_are_the_ones_in_force(files: CaseDocuments) -> None:
    case = files.report()
    files.onward(case, State.DECISION)
    first = files.opened(case, Paper.ANALYSIS_REPORT).answers("Severity and deadline")
    later = int(files.clock.now().timestamp()) + 86_400
    agreed = {"deadline_contact": "Li Ming", "deadline_agreed_at": later - 86_460, "deadline_evidence": "Mail"}
    files.take(Step.CHANGE_DEADLINE, HUANG, case, deadline_at=later, reason="They test first", **agreed)
    moved = files.opened(case, Paper.ANALYSIS_REPORT).answers("Severity and deadline")
    assert moved["Deadline"] == moment(datetime.fromtimestamp(later, SHANGHAI)) != first["Deadline"]
    assert moved["Severity"] == first["Severity"] == "Very severe"
    assert moved["Who at the customer said so"] == "Li Ming"


def test_a_report_under_negotiation_is_a_draft(files: CaseDocuments) -> None:
    case = files.report()
    files.onward(case, State.ANALYSIS)
    files.usual(Step.PUBLISH_ANALYSIS, case, severity="severe", deadline_basis="negotiating", deadline_at=None)
    report = files.opened(case, Paper.ANALYSIS_REPORT)
    assert "Draft" in [cell for row in report.sections[2][1] for cell in row]
    assert report.answers("Severity and deadline")["Who sets the deadline"] == "Negotiating"


def test_the_report_of_an_imported_fault_shows_the_imported_values(files: CaseDocuments) -> None:
    now = files.clock.now()
    told = {"cause_class": "data", "direct_cause": "Two rows alike", "measure": "One removed", "severity": "general"}
    values = {"reference": "OLD-7", "product": "Billing Suite", "version": "V2", "summary": "Doubled 重复", **told}
    moments = {"reported_at": now - timedelta(days=90), "closed_at": now - timedelta(days=80)}
    with files.builder.database.write() as session:
        case = write_fault(session, {**values, **moments, "channel": "mail"}, ADMIN, now)
    report = files.opened(case, Paper.ANALYSIS_REPORT)
    assert report.answers("Case")["Reported at"] == moment(moments["reported_at"])
    assert report.answers("Analysis")["Direct cause"] == "Two rows alike"
    assert report.answers("Severity and deadline")["Severity"] == "General"
    (brought_in,) = report.listed("Change history")
    assert (brought_in["A/M/D"], brought_in["Name"]) == ("A", NAMES[ADMIN])


# Signatures and history


def test_a_signed_sheet_names_drafter_and_signer(files: CaseDocuments) -> None:
    case = SCENARIOS["requirement"](files)
    newest = files.records(case, Paper.REQUIREMENT_SHEET)[-1]
    assert newest.signed_at is not None
    drafted, signed = files.opened(case, Paper.REQUIREMENT_SHEET).listed("Signatures")
    assert (drafted["Act"], drafted["Name"], drafted["Role"]) == ("Draft", NAMES[CHEN], "Service manager")
    assert (signed["Act"], signed["Name"], signed["Role"]) == ("Sign", NAMES[HUANG], "Center manager")
    assert signed["Date"] == moment(newest.signed_at)
    assert signed["Content hash (SHA-256)"] == drafted["Content hash (SHA-256)"] == newest.content_hash


def test_an_unsigned_sheet_has_an_empty_place_for_the_signature(files: CaseDocuments) -> None:
    case = files.report()
    files.onward(case, State.SHEET_SIGNING)
    files.take(Step.RETURN_SHEET, HUANG, case, reason="Unclear")
    drafted, signed = files.opened(case, Paper.FAULT_SHEET).listed("Signatures")
    assert drafted["Name"] == NAMES[CHEN]
    assert list(signed.values()) == ["Sign", "–", "–", "–", "–"]


def test_the_signature_of_an_earlier_version_is_not_shown_under_a_new_one(files: CaseDocuments) -> None:
    case = SCENARIOS["redrafted"](files)
    files.usual(Step.TRIAGE, case)
    files.usual(Step.DRAFT_SHEET, case)
    _drafted, signed = files.opened(case, Paper.FAULT_SHEET).listed("Signatures")
    assert signed["Name"] == "–"


def test_a_deputys_signature_names_the_deputy_role(files: CaseDocuments) -> None:
    today = files.clock.now().date()
    with files.builder.database.write() as session:
        others = [grant for grant in GRANTS if grant.role is not Role.CENTER_MANAGER]
        people.replace_grants(session, "settings", [*others, Grant(ZHOU, Role.CENTER_MANAGER, today, today)])
    case = files.report()
    files.onward(case, State.SHEET_SIGNING)
    files.take(Step.SIGN_SHEET, ZHOU, case, testers=[LIN], technicians=[WU])
    signed = files.opened(case, Paper.FAULT_SHEET, "both").listed("签署 Signatures")[1]
    assert signed["角色 Role"] == "客服中心经理（代理） Center manager (deputy)"


@pytest.mark.parametrize(("reporter", "role"), [(CHEN, "Reporter inside the company"), (HE, "Service manager")])
def test_the_internal_reporter_speaks_for_the_customer(files: CaseDocuments, reporter: str, role: str) -> None:
    case = files.builder.report(reporter, source="internal", customer=None)
    files.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
    files.take(Step.ANSWER, ZHOU, case, answer="So", category="usage", effort_hours="1")
    files.take(Step.RECORD_VERDICT, CHEN, case, satisfied="yes", evidence="Said so")
    answered, judged = files.opened(case, Paper.SERVICE_REPORT).listed("Signatures")
    assert (answered["Role"], judged["Role"]) == ("Service manager", role)


@pytest.mark.parametrize(
    ("paper", "roles"),
    [
        (Paper.ANALYSIS_REPORT, ["Technician"]),
        (Paper.TEST_RECORD, ["Modifier", "Tester"]),
        (Paper.MANUAL_PART, ["Tester"]),
    ],
)
def test_signatures_show_the_role_in_which_each_step_was_taken(
    files: CaseDocuments, paper: Paper, roles: list[str]
) -> None:
    case = SCENARIOS["very_severe"](files)
    assert [one["Role"] for one in files.opened(case, paper).listed("Signatures")] == roles


def test_the_change_history_marks_each_version_as_added_modified_or_deleted(files: CaseDocuments) -> None:
    case = SCENARIOS["redrafted"](files)
    lines = files.opened(case, Paper.FAULT_SHEET).listed("Change history")
    assert [(one["Version"], one["A/M/D"]) for one in lines] == [("1", "A"), ("2", "M"), ("3", "M"), ("3", "D")]
    assert [one["What changed"] for one in lines] == [
        "First version",
        "Nothing but the version",
        "Impact",
        "Reclassify: It was a setting 属配置问题",
    ]
    assert [one["Status"] for one in lines] == ["Returned", "Returned", "Void", "Void"]
    assert [one["Name"] for one in lines] == [NAMES[one] for one in (CHEN, HUANG, ZHOU, HUANG)]


def test_the_history_of_a_test_record_includes_the_modifications(files: CaseDocuments) -> None:
    case = SCENARIOS["very_severe"](files)
    lines = files.opened(case, Paper.TEST_RECORD).listed("Change history")
    assert [one["A/M/D"] for one in lines] == ["A", "A", "M", "M"]
    assert lines[2]["What changed"] == "Modification record: What was changed, Build, Risk of the change"


def test_steps_on_one_sheet_are_not_in_the_document_of_the_other(files: CaseDocuments) -> None:
    case = SCENARIOS["redrafted"](files)
    files.take(Step.TRIAGE, LIN, case, is_requirement="yes", new_business="A filter")
    files.take(Step.DRAFT_SHEET, CHEN, case, new_business="A filter", current_gap="None")
    requirement = files.opened(case, Paper.REQUIREMENT_SHEET)
    assert "which provinces" not in requirement.text
    assert [one["A/M/D"] for one in requirement.listed("Change history")] == ["A"]
    assert "Return 2" in files.opened(case, Paper.FAULT_SHEET).text


# Hostile text

HOSTILE = (
    "<script>alert(1)</script> {{ 7*7 }} {% for x in y %} {# gone #} {_{ }_} {_% %_} & &amp; ]]> <w:p/> "
    "\u202eabc\u202c \u200f עברית 👩‍👩‍👧 🇨🇳 汉字 \\n %s %(x)s 'a' \"b\""
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_as_typed(files: CaseDocuments, language: Language) -> None:
    case = files.report(summary=HOSTILE[:140].strip(), description=HOSTILE, contact="{{ document }}")
    files.onward(case, State.SHEET_DRAFTING)
    long = ("界" * 2990 + " <end>")[:3000]
    files.usual(Step.DRAFT_SHEET, case, symptom="one\ntwo\r\nthree\tfour", impact=long, steps=HOSTILE)
    sheet = files.opened(case, Paper.FAULT_SHEET, language)
    cells = {cell for _heading, rows in sheet.sections for row in rows for cell in row}
    assert {HOSTILE, "{{ document }}", long, "one\ntwo\nthree\tfour"} <= cells
    assert " ".join(HOSTILE[:140].split()) in cells


def test_characters_that_xml_cannot_hold_are_left_out(files: CaseDocuments) -> None:
    case = files.report(description="a\x00b\x07c\x0bd\x1fe\ufffef\u2028g\x85h")
    with files.builder.database.write() as session:
        people.keep(session, [people.Profile(CHEN, "Chen\x01 Jing", None, None, True)], files.clock.now())
    files.onward(case, State.SHEET_SIGNING)
    sheet = files.opened(case, Paper.FAULT_SHEET)
    assert sheet.answers("Case")["Description of the problem"] == "abcdef\ng\nh"
    assert sheet.document.core_properties.author == "Chen Jing"


def test_a_person_without_a_known_name_is_shown_by_id(files: CaseDocuments) -> None:
    case = files.report()
    files.onward(case, State.DECISION)
    with files.builder.database.write() as session:
        people.keep(session, [Profile("U0NOBODY", "", None, None, active=True)], files.builder.clock())
    files.take(Step.DECIDE_MODIFICATION, WU, case, modification_needed="yes", modifier="U0NOBODY", target_version="V4")
    sheet = files.opened(case, Paper.FAULT_SHEET)
    assert sheet.answers("Decision on modification")["Modifier"] == "U0NOBODY"


# Reproducible files


def test_a_file_holds_no_other_moments_than_those_of_the_document(files: CaseDocuments) -> None:
    case = SCENARIOS["very_severe"](files)
    content = files.made(case, Paper.FAULT_SHEET)
    with ZipFile(BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = read(content).document.core_properties
    (sheet,) = files.records(case, Paper.FAULT_SHEET)
    assert properties.created == sheet.created_at.replace(microsecond=0)
    last = files.builder.card(case).last
    assert last is not None
    assert properties.modified == last.at.replace(microsecond=0)
    assert properties.title == f"BTSP-SM-T02-F{case} Fault-handling task sheet"


def test_the_file_is_named_and_titled_by_prefix_document_case_and_version(files: CaseDocuments) -> None:
    case = SCENARIOS["requirement"](files)
    with files.builder.database.read() as session:
        wording, own = Wording("zh-CN", SHANGHAI), DocumentSettings("QM-7")
        file = paper_file(case_of(session, case, Policy()), Paper.REQUIREMENT_SHEET, "docx", wording, own)
    assert file.name == f"QM-7-T03-F{case}_V2_zh-CN.docx"
    assert file.title == f"QM-7-T03-F{case} V2 个性化需求任务单"
    assert f"QM-7-T03-F{case}" in read(file.content).running


# Refused orders


def why_not(ask: Callable[[], object]) -> object:
    with pytest.raises(Refused) as refused:
        ask()
    (problem,) = refused.value.problems
    return problem.refusal


def test_unknown_cases_and_missing_documents_are_refused(files: CaseDocuments) -> None:
    case = files.report()
    assert why_not(lambda: files.made(case + 1, Paper.FAULT_SHEET)) == NoSuchCase(f"F-{case + 1}")
    for paper in Paper:
        assert why_not(partial(files.made, case, paper)) == export_refusals.NoSuchPaper(f"F-{case}", paper)
    with files.builder.database.read() as session:
        assert papers_in(case_of(session, case, Policy())) == ()
        assert why_not(lambda: case_of(session, case + 1, Policy())) == NoSuchCase(f"F-{case + 1}")


def test_a_record_that_is_no_document_is_refused(files: CaseDocuments) -> None:
    case = SCENARIOS["very_severe"](files)
    refusal = why_not(lambda: files.made(case, Paper.FAULT_RECORD))
    assert refusal == export_refusals.NoSuchPaper(f"F-{case}", Paper.FAULT_RECORD)


def test_without_a_converter_a_pdf_is_refused(files: CaseDocuments, monkeypatch: pytest.MonkeyPatch) -> None:
    case = SCENARIOS["question"](files)
    monkeypatch.setenv("PATH", "")
    refusal = why_not(lambda: files.made(case, Paper.SERVICE_REPORT, form="pdf"))
    assert isinstance(refusal, export_refusals.NoPdfConverter)


def test_a_failing_converter_is_reported(files: CaseDocuments, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "soffice"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    case = SCENARIOS["question"](files)
    refusal = why_not(lambda: files.made(case, Paper.SERVICE_REPORT, form="pdf"))
    assert isinstance(refusal, export_refusals.PdfFailed)


@pytest.mark.long
@pytest.mark.skipif(converter() is None, reason="LibreOffice is not installed")
def test_a_pdf_is_made_with_embedded_fonts_and_reproducible(files: CaseDocuments) -> None:
    case = SCENARIOS["question"](files)
    first, second = (files.made(case, Paper.SERVICE_REPORT, "both", "pdf") for _time in range(2))
    assert first.startswith(b"%PDF-")
    assert first == second
    assert b"/FontFile" in first, "the fonts are embedded"


def test_a_returned_sheet_shows_the_reason(files: CaseDocuments) -> None:
    case = files.report()
    files.onward(case, State.SHEET_SIGNING)
    files.take(Step.RETURN_SHEET, HUANG, case, reason="which provinces?")
    assert files.records(case, Paper.FAULT_SHEET)[0].status is PaperStatus.RETURNED
    sheet = files.opened(case, Paper.FAULT_SHEET)
    assert sheet.answers("Return 1")["What is missing or unclear"] == "which provinces?"
