"""Names of registers, and messages to people who lost their rights (process.md §6 R8 to R10)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, delete, select

from bot.casework.steps.notify import MessageKind
from bot.slack.views.desk.statistics import CHARTS
from storage import outbox
from storage.tables import Outgoing, RoleGrant
from storage.vocabulary import Kind, OutboxState, Severity, State, Step
from tests.conftest import MakeTeam
from tests.slack.listeners.test_command import ask
from tests.slack.listeners.test_export import files, in_thread
from tests.slack.listeners.test_reminder_buttons import reminders
from tests.support.answers import FAILED
from tests.support.long_values import long_unless
from tests.support.raw_requests import command, send
from tests.support.sample_reports import RATING
from tests.support.team import ADMIN, ANNA, CHEN, HE, HUANG, SUNLI, WU, ZHAO, ZHOU, Team

UPLOAD = "files.getUploadURLExternal"
GUEST = "U0GUEST"
#: Words that name several customers, one customer, and nothing.
GUESSES = ("telecom", "alpha", "zzyzx")


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team, speaking English, with two customers of similar names."""
    team = make_team("en")
    for customer in ("Alpha Telecom", "Beta Telecom"):
        team.report(CHEN, RATING, customer=customer)
    return team


@pytest.mark.parametrize("user", long_unless({GUEST}, (GUEST, SUNLI, ZHAO, ADMIN)))
@pytest.mark.parametrize("words", ["export F-1 table", "export F-1", "export F-1 T02", "export table", "export"])
def test_an_export_answers_names_of_customers_to_the_center_alone(team: Team, user: str, words: str) -> None:
    """Whether a word names a customer, several or nothing, people outside the center get the same answer."""
    answers = set()
    for guess in GUESSES:
        text = send(team, command(team, f"{words} {guess}", user)).text
        assert "Telecom" not in text
        answers.add(text.replace(guess, "…"))
    assert len(answers) == 1


def test_the_center_is_asked_which_customer_is_meant(team: Team) -> None:
    assert "Alpha Telecom" in send(team, command(team, "export table telecom", CHEN)).text


@pytest.mark.parametrize("user", [SUNLI, ZHAO, ADMIN])
def test_a_forged_order_of_charts_does_not_tell_which_customers_exist(team: Team, user: str) -> None:
    answers = set()
    for customer in (1, 99):
        copy = team.forged(CHEN, CHARTS, "F-1", "charts")
        carried = {"first": "2026-11-01", "last": "2026-11-30", "customer": customer, "product": None}
        copy = replace(copy, blocks=({**copy.blocks[0], "block_id": json.dumps(carried)},))
        answers.add(team.press_copy(user, copy, CHARTS))
    assert len(answers) == 1


def without_roles(team: Team, person: str) -> None:
    """Take every role from this person."""
    with team.database.write() as session:
        session.exec(delete(RoleGrant).where(col(RoleGrant.person_id) == person))


def test_a_document_ordered_into_the_thread_is_sent_to_an_asker_who_reads_the_channel_no_more(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    team.settle()
    team.workspace.failures.outage(UPLOAD, times=None)
    ask(team, WU, f"export {case} T02")
    team.workspace.wait_until(lambda: bool(team.workspace.log.calls(UPLOAD)))
    without_roles(team, WU)
    team.workspace.failures.clear()
    team.pass_time(timedelta(minutes=1))
    assert [file["name"] for file in files(team.inbox(WU))] == [f"BTSP-SM-T02-F{team.card(case).id}_V1_en.docx"]
    assert not in_thread(team, case)


def failures(team: Team) -> list[str]:
    """Why messages were given up."""
    team.settle()
    with team.database.read() as session:
        return [row.error or "" for row in session.exec(select(Outgoing).where(Outgoing.state == OutboxState.DEAD))]


def test_a_deactivated_modifier_has_no_task_and_the_desk_passes_the_failed_test_on(team: Team) -> None:
    case = team.case(State.TESTING)
    team.settle()
    team.change_account(ZHAO, deleted=True)
    team.usually(HE, Step.FAIL_TEST, case, **FAILED)
    assert any("Please pass this on" in line for line in team.thread(case))
    assert failures(team) == ["reader_refused"]


def test_what_a_deactivated_reporter_was_told_is_passed_on_by_the_desk(team: Team) -> None:
    case = team.case(State.ANSWERING, kind=Kind.QUESTION, reporter=ANNA)
    team.settle()
    team.change_account(ANNA, deleted=True)
    team.usually(CHEN, Step.ANSWER, case)
    assert any("Please pass this on" in line for line in team.thread(case))
    assert failures(team) == ["reader_refused"]


def test_the_task_of_somebody_who_lost_their_role_shows_nothing_of_the_case_any_more(team: Team) -> None:
    case = team.case(State.SHEET_DRAFTING, reporter=ANNA)
    assert case in team.read(ZHOU)
    without_roles(team, ZHOU)
    team.usually(CHEN, Step.DRAFT_SHEET, case)
    task = team.inbox(ZHOU)[-1]
    assert not task.buttons
    assert case not in task.plain
    assert not failures(team)


def test_the_reminder_of_a_reporter_who_left_the_center_shows_nothing_internal_any_more(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_DEPUTIES="")
    case = team.case(State.DECISION, severity=Severity.VERY_SEVERE, reporter=HUANG)
    deadline = team.card(case).deadline_at
    assert deadline is not None
    team.wait_until(deadline + timedelta(minutes=1))
    reminded, theirs = (
        [one for one in reminders(team, person) if "acknowledge" in one.buttons][-1] for person in (HUANG, WU)
    )
    without_roles(team, HUANG)
    team.person(WU).press("acknowledge", message=theirs)
    edited = next(one for one in team.inbox(HUANG) if one.ts == reminded.ts)
    assert not edited.buttons
    for word in (case, "Wu Gang", "deadline"):
        assert word not in edited.plain
    assert case in team.sees(HUANG, case), "they still read their own report"


def test_what_waits_for_somebody_who_lost_their_role_is_not_sent(team: Team) -> None:
    case = team.case(State.SHEET_DRAFTING, reporter=ANNA)
    team.news(ZHOU)
    with team.database.write() as session:
        for person in (ZHOU, ANNA):
            outbox.put(session, MessageKind.NOTICE, person, team.now, case_id=3, arguments={"seq": 2})
        session.exec(delete(RoleGrant).where(col(RoleGrant.person_id) == ZHOU))
    assert case == "F-3"
    assert not team.news(ZHOU)
    assert case in team.read(ANNA)
    assert not failures(team)
