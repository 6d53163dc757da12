"""`/fault export`: who may order what, where it is delivered, and that failures of Slack neither lose nor double it."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from threading import Event
from typing import Any
from zipfile import ZipFile

import pytest
from sqlmodel import col, delete

from bot.casework.records.export_orders import ExportOrder
from bot.documents.context import DocumentContext
from bot.documents.file import File
from bot.documents.produce import produce
from bot.sandbox import Message
from bot.slack.views.case.buttons import EXPORT
from bot.slack.views.desk.export import ORDER
from storage.tables import RoleGrant
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.documents.pack.test_pack import checked
from tests.slack.listeners import test_command
from tests.slack.listeners.test_command import builder
from tests.support import world
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HE, HUANG, LIN, VIEWER, WU, ZHAO, ZHOU, Team
from tests.support.word_reader import read

COMPLETE = "files.completeUploadExternal"
TABLE = "export table csv en"


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """A team in which everybody reads English."""
    return make_team("en")


def ask(team: Team, user: str, words: str) -> str:
    """The answer to a command that is given when the card of the case is there, below which documents are posted."""
    team.settle()
    return test_command.ask(team, user, words)


def files(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The files attached to these messages."""
    return [dict(file) for message in messages for file in message.files]


def content(team: Team, file: dict[str, Any]) -> bytes:
    stored = team.workspace.files.known(file["id"])
    assert stored.content is not None
    return stored.content


def in_thread(team: Team, number: str) -> list[dict[str, Any]]:
    """The files in the thread of a case's card."""
    return files(team.workspace.thread(DESK, team.posted_card(number).ts))


def test_a_table_is_delivered_as_a_direct_message(team: Team) -> None:
    team.case(State.CLOSED)
    assert "direct message" in ask(team, VIEWER, TABLE)
    (file,) = files(team.inbox(VIEWER))
    assert file["name"] == "BTSP-SM-T05_en.csv"
    rows = list(csv.reader(io.StringIO(content(team, file).decode("utf-8-sig"))))
    assert any("F-1" in row for row in rows)


def test_the_export_button_of_a_case_lists_its_documents(team: Team) -> None:
    team.case(State.CLOSED)
    shown = menu(team, CHEN)
    orders = {button.action_id for button in shown.controls if button.action_id.startswith(ORDER)}
    assert {f"{ORDER}:{paper}:docx" for paper in ("T02", "T04", "T06", "T07")} <= orders
    assert {f"{ORDER}:pack", f"{ORDER}:table:xlsx", f"{ORDER}:table:csv"} <= orders


def menu(team: Team, user: str) -> Message:
    person, card = team.person(user), team.look(user, "F-1")
    before = len(person.ephemerals())
    person.press(EXPORT, message=card)
    team.workspace.wait_until(lambda: len(person.ephemerals()) > before)
    return person.ephemerals()[-1]


def test_a_document_is_delivered_into_the_thread_of_its_case(team: Team) -> None:
    number = team.case(State.ANALYSIS)
    assert "thread" in ask(team, VIEWER, f"export {number} T02")
    (file,) = in_thread(team, number)
    assert file["name"].startswith("BTSP-SM-T02")
    assert file["name"].endswith(".docx")
    assert content(team, file).startswith(b"PK")
    assert not files(team.inbox(VIEWER))


def test_a_button_orders_a_document(team: Team) -> None:
    number = team.case(State.ANALYSIS)
    person = team.person(CHEN)
    person.press(f"{ORDER}:T02:docx", message=menu(team, CHEN))
    assert [file["name"] for file in in_thread(team, number)]


def test_a_document_is_delivered_to_the_assigned_where_they_read_it(team: Team) -> None:
    """The modifier works on the case, and the service-desk channel is read by the center."""
    number = team.case(State.MODIFICATION)
    assert "direct message" in ask(team, ZHAO, f"export {number} T02")
    assert [file["name"] for file in files(team.inbox(ZHAO))] == ["BTSP-SM-T02-F1_V1_en.docx"]
    assert not in_thread(team, number)


def test_internal_documents_are_refused_outside_the_center(team: Team) -> None:
    work = builder(team)
    work.onward(work.report(ANNA), State.CLOSED)
    assert "internal" in ask(team, ANNA, "export F-1 T04")
    assert "people of the center" in ask(team, ANNA, "export pack F-1")
    assert "people of the center" in ask(team, ANNA, TABLE)
    orders = {button.action_id for button in menu(team, ANNA).controls}
    assert not orders & {f"{ORDER}:T04:docx", f"{ORDER}:T02:docx", f"{ORDER}:pack"}
    assert f"{ORDER}:T07:docx" in orders
    assert "direct message" in ask(team, ANNA, "export F-1 T07")
    assert [file["name"] for file in files(team.inbox(ANNA))] == ["BTSP-SM-T07-F1_V1_en.docx"]
    assert not in_thread(team, "F-1")


def test_a_reporter_outside_the_center_reads_neither_effort_nor_who_was_consulted(team: Team) -> None:
    work = builder(team)
    case = work.report(ANNA)
    work.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
    work.take(Step.ANSWER, CHEN, case, answer="So", category="usage", consulted=WU, effort_hours="7.5")
    work.take(Step.RECORD_VERDICT, CHEN, case, satisfied="no", dissatisfied_reason="Why?", evidence="Phone")
    work.take(Step.ANSWER, CHEN, case, answer="Because", category="usage", consulted=WU, effort_hours="8.25")
    ask(team, ANNA, "export F-1 T01")
    ask(team, CHEN, "export F-1 T01")
    (theirs,), (ours,) = files(team.inbox(ANNA)), in_thread(team, "F-1")
    outside, inside = read(content(team, theirs)), read(content(team, ours))
    for word in ("Effort", "7.5", "8.25", "consulted", "Wu Gang"):
        assert word not in outside.text
        assert word in inside.text
    assert list(outside.answers("Answer", 1)) == ["Answer", "Question category", "Recorded by", "Recorded at"]
    assert outside.answers("Answer", 1)["Answer"] == "Because"


def test_a_person_who_is_not_involved_gets_no_document(team: Team) -> None:
    team.case(State.CLOSED)
    team.workspace.add_user("U0CURIOUS", name="curious", real_name="Curious", locale="en-US")
    assert "not yours to read" in ask(team, "U0CURIOUS", "export F-1 T07")
    assert "not yours to read" in ask(team, "U0CURIOUS", "export F-1")


def test_a_forged_button_is_answered_without_an_error(team: Team) -> None:
    team.case(State.CLOSED)
    for value in (
        "nonsense",
        json.dumps({"what": "paper", "paper": "T99", "case": 1, "form": "docx"}),
        json.dumps({"what": "pack", "case": 1, "form": "exe"}),
        json.dumps({"what": "table", "form": "csv", "first": "yesterday", "last": "today"}),
        json.dumps({"what": "paper", "paper": "T02", "form": "docx"}),
    ):
        said = team.press_copy(CHEN, team.forged(CHEN, f"{ORDER}:x", "F-1", value), f"{ORDER}:x")
        assert "went wrong" not in said, value
        assert not files(team.inbox(CHEN)), value


def test_words_that_are_not_understood_are_answered_with_examples(team: Team) -> None:
    team.case(State.CLOSED)
    for words in ("", "nonsense", "T02", "F-1 T02 last month", "table nonsense", "pdf"):
        said = ask(team, VIEWER, f"export {words}")
        assert "export F-12" in said or "neither a period" in said, words


def test_a_format_that_is_not_made_is_answered_with_those_that_are(team: Team) -> None:
    team.case(State.CLOSED)
    assert "docx, pdf" in ask(team, VIEWER, "export F-1 T02 csv")


def test_a_document_that_does_not_exist_yet_is_refused(team: Team) -> None:
    team.case(State.TRIAGE)
    assert "no such document yet" in ask(team, VIEWER, "export F-1 T02")
    assert not in_thread(team, "F-1")


def test_an_earlier_file_of_the_same_name_is_not_taken_for_an_upload_that_failed(team: Team) -> None:
    """The table is ordered twice. Slack takes nothing of the second upload, but its error leaves that open."""
    team.case(State.CLOSED)
    ask(team, VIEWER, TABLE)
    assert len(files(team.inbox(VIEWER))) == 1
    team.workspace.failures.refuse(COMPLETE, "internal_error", times=1)
    ask(team, VIEWER, TABLE)
    assert len(files(team.inbox(VIEWER))) == 2


def test_the_seal_in_the_message_proves_the_pack(team: Team, tmp_path: Path) -> None:
    team.case(State.CLOSED)
    ask(team, VIEWER, "export pack F-1")
    (message,) = [one for one in team.inbox(VIEWER) if one.files]
    seal = message.text.partition("seal: ")[2].strip()
    with ZipFile(io.BytesIO(content(team, dict(message.files[0])))) as archive:
        archive.extractall(tmp_path / "pack")
    assert checked(tmp_path / "pack", seal)[0] == 0
    assert checked(tmp_path / "pack", seal[::-1])[0] == 1


def test_rights_are_checked_again_when_a_document_is_made(team: Team) -> None:
    team.case(State.CLOSED)
    team.workspace.failures.refuse(COMPLETE, "internal_error", times=2)
    ask(team, HE, TABLE)
    with team.database.write() as session:
        session.exec(delete(RoleGrant).where(col(RoleGrant.person_id) == HE))
    team.settle()
    assert not files(team.inbox(HE))
    assert "people of the center" in team.read(HE)


def test_an_admin_gets_no_case_content(team: Team) -> None:
    team.case(State.CLOSED)
    for words in ("F-1 T04", "pack F-1", "pack this month", "table", "report this month"):
        said = ask(team, ADMIN, f"export {words}")
        assert "not its content" in said or "people of the center" in said


def test_documents_being_made_do_not_delay_messages(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card of a new case is posted however many documents are being made."""
    team.case(State.CLOSED)
    team.settle()
    going_on = Event()

    def slowly(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
        assert going_on.wait(world.MAX_WAIT_SECONDS)
        return produce(order, context)

    monkeypatch.setattr("bot.slack.delivery.render.produce", slowly)
    askers = (CHEN, HUANG, LIN, HE, WU, ZHOU, VIEWER)
    for asker in askers:
        test_command.ask(team, asker, TABLE)
    team.report(CHEN)
    team.workspace.wait_until(lambda: any(one.text.startswith("F-2 ") for one in team.workspace.history(DESK)))
    going_on.set()
    assert all(len(files(team.inbox(asker))) == 1 for asker in askers)


def test_a_document_that_cannot_be_made_is_reported_to_the_asker(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.case(State.CLOSED)

    def full(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.slack.delivery.render.produce", full)
    monkeypatch.setattr("bot.slack.failures.BACKOFF", (0.01,))
    ask(team, VIEWER, TABLE)
    assert "An administrator was told" in team.read(VIEWER)


def test_a_lost_response_of_slack_doubles_no_file(team: Team) -> None:
    team.case(State.CLOSED)
    team.settle()
    team.workspace.failures.lose_answer(COMPLETE)
    ask(team, VIEWER, TABLE)
    assert len(files(team.inbox(VIEWER))) == 1


def test_a_file_is_delivered_after_slack_refused_the_upload_once(team: Team) -> None:
    team.case(State.CLOSED)
    team.workspace.failures.refuse(COMPLETE, "internal_error", times=1)
    ask(team, HUANG, TABLE)
    assert len(files(team.inbox(HUANG))) == 1


def test_a_redelivered_command_is_one_order(team: Team) -> None:
    team.case(State.CLOSED)
    person = team.person(LIN)
    answered = person.command(f"/fault {TABLE}", channel=DESK)
    person.redeliver(answered)
    assert len(files(team.inbox(LIN))) == 1


def test_a_document_being_made_does_not_delay_messages_of_its_case(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other messages of the case reach the same channel meanwhile."""
    number, going_on = team.case(State.ANALYSIS), Event()
    team.settle()

    def slowly(order: ExportOrder, context: DocumentContext) -> tuple[File, ...]:
        assert going_on.wait(world.MAX_WAIT_SECONDS)
        return produce(order, context)

    monkeypatch.setattr("bot.slack.delivery.render.produce", slowly)
    ask(team, VIEWER, f"export {number} T02")
    team.take(WU, Step.COMMENT, number, text="Meanwhile")
    team.workspace.wait_until(lambda: any("Meanwhile" in text for text in stories(team, number)))
    going_on.set()
    assert in_thread(team, number)


def stories(team: Team, number: str) -> list[str]:
    card = next(m for m in team.workspace.history(DESK) if m.thread_ts is None and m.text.startswith(f"{number} "))
    return [message.plain for message in team.workspace.thread(DESK, card.ts)]
