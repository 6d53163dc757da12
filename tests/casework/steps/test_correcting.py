"""Correcting a report on a real database (process.md rule 2.2): names, records, history, and what is signed."""

import json
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot.casework.reading.full_record import full_record
from bot.casework.records.fault_records import RecordRow, record_rows_of
from bot.casework.records.verify import verify
from bot.documents.case.document import document_contents
from bot.documents.wording import Wording
from bot.i18n.translator import translator
from bot.slack.prefill import prefill
from storage import documents, registers
from storage.record_rows import RecordFilter
from storage.tables import AuditEntry, Case, Outgoing, ProductVersion
from storage.vocabulary import Paper, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.team import ANNA, CHEN, HUANG, ZHOU

ENGLISH = translator("en", None)
OTHER = {"customer": "Beta 贝塔", "product": "Port Exchange 口岸数据交换平台"}


def correct(builder: CaseBuilder, case: int, by: str = CHEN, **changed: Any) -> None:
    """Submit the prefilled form with these changes."""
    builder.take(Step.CORRECT, by, case, **filled(builder, case, **changed))


def filled(builder: CaseBuilder, case: int, **changed: Any) -> dict[str, Any]:
    known = {code: value for code, value in prefill(Step.CORRECT, builder.card(case), ENGLISH).items() if value}
    return {**known, "reason": "Misheard", **changed}


def findings(builder: CaseBuilder, case: int) -> tuple[object, ...]:
    with builder.database.read() as session:
        return verify(session, case).findings


def rows(builder: CaseBuilder) -> list[RecordRow]:
    with builder.database.read() as session:
        return list(record_rows_of(session, RecordFilter(), builder.company.policy, builder.clock()))


def shown(builder: CaseBuilder, case: int, paper: Paper) -> dict[str, Any]:
    """The part about the case in a document."""
    with builder.database.read() as session:
        made = document_contents(
            full_record(session, case, builder.company.policy), paper, Wording("en", ZoneInfo("UTC")), "X"
        )
    assert made is not None
    return {entry.code: entry.value for entry in made.chapters["case"][0].parts["case"].entries}


def test_new_names_are_registered_and_the_case_is_moved_to_them(builder: CaseBuilder) -> None:
    case = builder.report()
    correct(builder, case, **OTHER)
    card = builder.card(case)
    assert (card.customer, card.product, card.product_version) == (*OTHER.values(), "V3.2")
    with builder.database.read() as session:
        product = registers.find_product(session, OTHER["product"])
        assert product is not None
        assert registers.knows_part(session, ProductVersion, product.id or 0, "V3.2"), "the version is its own"
        papers = [one for one in documents.all_of(session, case) if one.paper is Paper.CASE]
    assert [json.loads(one.content)["product"] for one in papers][1] == OTHER["product"]
    assert json.loads(papers[1].content)["channel"] == "phone", "what was not corrected is carried on"
    assert findings(builder, case) == ()


def test_a_name_in_another_spelling_changes_nothing(builder: CaseBuilder) -> None:
    case = builder.report()
    raw = filled(builder, case, product="BILLING suite 计费账务系统")
    assert builder.refused(Step.CORRECT, CHEN, case, **raw) == ["NothingCorrected"]


def test_a_new_name_is_refused_where_the_company_allows_none(builder: CaseBuilder) -> None:
    case = builder.report()
    builder.company = replace(builder.company, new_names=False)
    for changed in ({"customer": "Beta"}, {"product": "Beta"}, {"version": "V9"}):
        assert builder.refused(Step.CORRECT, CHEN, case, **filled(builder, case, **changed)) == ["UnknownName"]
    assert builder.card(case).product.startswith("Billing Suite")


def test_the_history_keeps_both_values_and_of_persons_their_hashes_alone(builder: CaseBuilder) -> None:
    case = builder.report()
    correct(builder, case, contact="Gao Feng 高峰", summary="Another summary")
    with builder.database.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.step == Step.CORRECT)).one()
        record = full_record(session, case, builder.company.policy)
        stored = [one.content for one in documents.all_of(session, case)]
        row = session.get_one(Case, case)
        assert (row.contact, row.summary) == ("Gao Feng 高峰", "Another summary")
    for text in (entry.data, entry.changes or "", *stored):
        assert "Gao Feng" not in text
        assert "Sun Li" not in text
    told = record.acts[-1].answers
    assert (told["contact"], told["before_contact"]) == ("Gao Feng 高峰", "Sun Li 孙丽")
    assert told["before_summary"].startswith("Rating process exits")
    assert findings(builder, case) == ()


def test_a_published_fault_gets_a_new_row_and_the_earlier_one_stays(builder: CaseBuilder) -> None:
    case = builder.fault(State.TESTING)
    correct(builder, case, **OTHER)
    first, second = rows(builder)
    assert (first.current, first.product, first.module) == (False, "Billing Suite 计费账务系统", "Rating 批价")
    assert first.customer == "Huadong Telecom Anhui 华东电信安徽分公司"
    assert (second.current, second.product, second.module) == (True, OTHER["product"], None)
    assert second.severity is first.severity
    correct(builder, case, module="Certificate login 证书登录")
    assert [row.module for row in rows(builder)] == ["Rating 批价", None, "Certificate login 证书登录"]
    correct(builder, case, summary="The row does not need a version for this")
    assert len(rows(builder)) == 3
    assert findings(builder, case) == ()


def test_a_corrected_module_leaves_the_report_in_the_documents(builder: CaseBuilder) -> None:
    case = builder.fault(State.TESTING)
    correct(builder, case, **OTHER)
    before = shown(builder, case, Paper.ANALYSIS_REPORT)
    assert before["product"] == OTHER["product"]
    correct(builder, case, module="Certificate login 证书登录")
    assert shown(builder, case, Paper.ANALYSIS_REPORT) == before


def test_a_report_that_is_published_again_carries_the_corrected_names(builder: CaseBuilder) -> None:
    case = builder.fault(State.DECISION)
    builder.take(Step.REANALYZE, HUANG, case, reason="Look again")
    correct(builder, case, version="V3.3")
    builder.usual(Step.PUBLISH_ANALYSIS, case)
    with builder.database.read() as session:
        newest = documents.newest_of(session, case, Paper.FAULT_RECORD)
    assert newest is not None
    assert json.loads(newest.content)["version_reported"] == "V3.3"


def test_what_is_signed_stays_as_signed_and_other_documents_show_what_is_right(builder: CaseBuilder) -> None:
    case = builder.fault(State.DECISION)
    with builder.database.read() as session:
        before = documents.newest_of(session, case, Paper.FAULT_SHEET)
    correct(builder, case, summary="Another summary", contact="Gao Feng")
    with builder.database.read() as session:
        after = documents.newest_of(session, case, Paper.FAULT_SHEET)
    assert before is not None
    assert after is not None
    assert (before.content_hash, before.signature) == (after.content_hash, after.signature)
    sheet, report = shown(builder, case, Paper.FAULT_SHEET), shown(builder, case, Paper.ANALYSIS_REPORT)
    assert (sheet["summary"], sheet["contact"]) != (report["summary"], report["contact"])
    assert sheet["contact"] == "Sun Li 孙丽"
    assert (report["summary"], report["contact"], report["channel"]) == ("Another summary", "Gao Feng", "Phone")


def told(builder: CaseBuilder) -> set[str]:
    with builder.database.read() as session:
        seq = session.exec(select(AuditEntry.seq).where(AuditEntry.step == Step.CORRECT)).one()
        rows = session.exec(select(Outgoing).where(Outgoing.view == "notice")).all()
    return {row.target for row in rows if json.loads(row.arguments).get("seq") == seq}


def test_the_signer_hears_of_a_correction_once_the_sheet_is_signed(builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    correct(builder, case, summary="Another summary")
    assert told(builder) == {HUANG}


def test_the_service_managers_hear_of_the_reporters_correction(builder: CaseBuilder) -> None:
    case = builder.report(ANNA)
    correct(builder, case, ANNA, summary="Another summary")
    assert told(builder) == {CHEN, ZHOU}


def test_a_void_sheet_has_no_signer_to_tell(builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    builder.take(Step.RECLASSIFY, HUANG, case, reason="No fault")
    correct(builder, case, summary="Another summary")
    assert told(builder) == set()


def test_half_a_character_and_names_too_long_are_refused_at_their_fields(builder: CaseBuilder) -> None:
    case = builder.report()
    for code in ("customer", "product", "version"):
        raw = filled(builder, case, **{code: "half \ud83d"})
        assert builder.refused(Step.CORRECT, CHEN, case, **raw) == ["HalfCharacter"], code
    assert builder.refused(Step.CORRECT, CHEN, case, **filled(builder, case, product="x" * 141)) == ["TooLong"]
