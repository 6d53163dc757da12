"""Names and roles are those of the moment of the act, and personal values can be erased."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.casework.reading.full_record import full_record
from bot.casework.records.fault_records import record_rows_of
from bot.casework.records.findings import FindingKind
from bot.documents.case.document import document_contents
from bot.documents.case_files import paper_file, papers_in
from bot.documents.context import DocumentSettings
from bot.documents.wording import Wording
from storage import audit, documents, people, personal
from storage.audit import replayed_from
from storage.people import Grant, Profile
from storage.record_rows import RecordFilter
from storage.tables import AuditEntry
from storage.vocabulary import Paper, Role, State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.tampering import tamper
from tests.support.team import CHEN, HUANG, LIN, WU, ZHAO, ZHOU
from tests.support.verified import found_in

TEAM = (CHEN, HUANG, LIN, WU, ZHAO, ZHOU)
CONTACT, WAY, AGREED_WITH = "Sun Li 孙丽", "138 0000 0000", "Sun Li"
WORDING = Wording("en", ZoneInfo("Asia/Shanghai"))


def call_all(builder: CaseBuilder, name: str) -> None:
    """Let Slack report that everybody is called so."""
    with builder.database.write() as session:
        said = (Profile(person, f"{name} {person}", None, None, True) for person in TEAM)
        people.keep(session, said, builder.clock())


def files(builder: CaseBuilder, case: int) -> dict[str, bytes]:
    with builder.database.read() as session:
        whole = full_record(session, case, builder.company.policy)
        made = [paper_file(whole, paper, "docx", WORDING, DocumentSettings()) for paper in papers_in(whole)]
        return {file.name: file.content for file in made}


def history(builder: CaseBuilder, case: int) -> list[AuditEntry]:
    with builder.database.read() as session:
        return audit.entries(session, case)


def test_documents_stay_the_same_when_people_rename_their_accounts(builder: CaseBuilder) -> None:
    call_all(builder, "First")
    case = builder.fault(State.CLOSED)
    before = files(builder, case)
    assert len(before) >= 4
    call_all(builder, "Second")
    assert files(builder, case) == before


def test_each_act_has_the_names_of_its_own_moment(builder: CaseBuilder) -> None:
    call_all(builder, "First")
    case = builder.fault(State.SHEET_SIGNING)
    call_all(builder, "Second")
    builder.usual(Step.SIGN_SHEET, case)
    with builder.database.read() as session:
        whole = full_record(session, case, builder.company.policy)
        sheet = document_contents(whole, Paper.FAULT_SHEET, WORDING, "BTSP-SM")
    assert sheet is not None
    assert sheet.author == f"First {CHEN}"
    assert [one.name for one in sheet.signatures][:2] == [f"First {CHEN}", f"Second {HUANG}"]
    assert whole.reporter == f"First {CHEN}"


def test_the_fault_record_table_has_the_names_of_the_moment(builder: CaseBuilder) -> None:
    call_all(builder, "First")
    builder.fault()
    call_all(builder, "Second")
    with builder.database.read() as session:
        rows = list(record_rows_of(session, RecordFilter(), builder.company.policy, builder.clock()))
    assert [row.author for row in rows] == [f"First {WU}"]


def test_a_name_that_was_not_known_at_the_act_is_the_first_that_was_recorded(builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_DRAFTING)
    call_all(builder, "Later")
    assert reporter(builder, case) == f"Later {CHEN}"
    builder.usual(Step.DRAFT_SHEET, case)
    call_all(builder, "Latest")
    assert reporter(builder, case) == f"Later {CHEN}"


def reporter(builder: CaseBuilder, case: int) -> str:
    with builder.database.read() as session:
        return full_record(session, case, builder.company.policy).reporter


def test_the_name_of_an_author_without_a_role_can_be_erased_from_records(builder: CaseBuilder) -> None:
    call_all(builder, "Name of")
    builder.fault(State.TESTING)  # submitted by the modifier, who has no role
    with builder.database.read() as session:
        (record,) = [one for one in documents.all_of(session, 1) if one.paper is Paper.MODIFICATION_RECORD]
        names = {row.hash: row.value for row in personal.rows(session, 1)}
    assert record.author_name is not None
    assert "Name of" not in record.author_name
    assert personal.of_text(record.author_name, names) == f"Name of {ZHAO}"
    assert personal.of_text(record.author_name, {}) is None


def test_the_roles_of_the_moment_stay(builder: CaseBuilder) -> None:
    case = builder.fault(State.CLOSED)
    before = files(builder, case)
    with builder.database.write() as session:
        people.replace_grants(session, "settings", [Grant(WU, Role.TESTER), Grant(LIN, Role.CENTER_MANAGER)])
    assert files(builder, case) == before
    published = next(entry for entry in history(builder, case) if entry.step == Step.PUBLISH_ANALYSIS)
    assert json.loads(published.identities or "")["roles"] == ["technician"]


# ---- Personal values -------------------------------------------------------------------------------------------


def test_contacts_and_names_without_a_role_are_nowhere_but_in_their_table_and_in_the_row(builder: CaseBuilder) -> None:
    call_all(builder, "Name of")
    case = builder.fault(State.TESTING)
    with builder.database.read() as session:
        texts = [
            text for entry in audit.entries(session, case) for text in (entry.data, entry.changes, entry.identities)
        ]
        texts += [record.content for record in documents.all_of(session, case)]
        values = {row.value for row in personal.rows(session, case)}
    assert values == {CONTACT, WAY, AGREED_WITH, f"Name of {ZHAO}"}
    assert not [text for text in texts if text and any(value in text for value in values)]
    assert f"Name of {WU}" in str(texts)


def test_the_same_value_is_stored_once_for_each_case_with_its_own_salt(builder: CaseBuilder) -> None:
    first, second = builder.report(), builder.report()
    with builder.database.read() as session:
        one, other = personal.rows(session, first), personal.rows(session, second)
    assert {row.value for row in one} == {row.value for row in other} == {CONTACT, WAY}
    assert not {row.hash for row in one} & {row.hash for row in other}
    assert not {row.salt for row in one} & {row.salt for row in other}


def test_nothing_looks_different(builder: CaseBuilder) -> None:
    case = builder.fault(State.CLOSED)
    card = builder.card(case)
    assert (card.contact, card.contact_way) == (CONTACT, WAY)
    record = card.paper(Paper.CASE)
    assert record is not None
    assert (record.content["contact"], record.content["contact_way"]) == (CONTACT, WAY)
    with builder.database.read() as session:
        reported = full_record(session, case, builder.company.policy).acts[0]
    assert (reported.answers["contact"], reported.answers["contact_way"]) == (CONTACT, WAY)


def test_a_damaged_reference_to_a_name_is_a_name(builder: CaseBuilder) -> None:
    """It stops no export."""
    assert personal.of_text('{"personal":', {}) == '{"personal":'


def test_who_agreed_the_deadline_can_be_erased_from_the_record_table(builder: CaseBuilder) -> None:
    builder.fault(State.DECISION)
    assert agreed_with(builder) == [AGREED_WITH]
    tamper(builder.database, f"DELETE FROM personal WHERE value = '{AGREED_WITH}'")
    assert agreed_with(builder) == [None]


def agreed_with(builder: CaseBuilder) -> list[str | None]:
    """Who agreed the deadline of each version of the fault records."""
    with builder.database.read() as session:
        rows = record_rows_of(session, RecordFilter(), builder.company.policy, builder.clock())
        return [row.deadline_contact for row in rows]


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE personal SET value = 'Gao Feng 高峰' WHERE value = '{CONTACT}'",
        f"UPDATE personal SET salt = 'x' WHERE value = '{CONTACT}'",
        f"DELETE FROM personal WHERE value = '{CONTACT}'",
        "UPDATE personal SET hash = value WHERE value = '138 0000 0000'",
        "INSERT INTO personal SELECT case_id, 'forged', salt, value FROM personal WHERE value = '138 0000 0000'",
    ],
)
def test_a_changed_personal_value_is_found_without_being_printed(builder: CaseBuilder, statement: str) -> None:
    builder.fault(State.ANALYSIS)
    tamper(builder.database, statement)
    found = found_in(builder.database)
    assert FindingKind.PERSONAL_CHANGED in {kind for _case, kind, _subject in found}
    assert not any(word in str(found) for word in ("Sun", "Gao", "138 0"))  # a hash may hold any digits


def test_row_and_value_are_compared(builder: CaseBuilder) -> None:
    case = builder.report()
    tamper(builder.database, "UPDATE cases SET contact = 'Gao Feng 高峰'")
    assert found_in(builder.database) == [(f"F-{case}", FindingKind.COLUMN_CHANGED, "cases.contact")]


def test_a_case_of_today_is_replayed_from_its_report_on(builder: CaseBuilder, clock: ManualClock) -> None:
    case = builder.report()
    clock.advance(timedelta(minutes=1))
    assert replayed_from(history(builder, case)) == 1
