"""What was posted before a restore stands for nothing after it (decision 0058)."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot.casework.company_settings import CompanySettings
from bot.casework.dead_letters import Overview
from bot.casework.reading.cases import Listing
from bot.casework.restores import begin_epoch
from bot.casework.statistics import periods, query
from bot.casework.statistics.measures import StatisticsQuery, statistics
from bot.sandbox import Message
from bot.sandbox.blocks.validation.messages import check_blocks
from bot.slack.delivery.find_posted import _is_of
from bot.slack.epoch_marks import MARK, EpochMarks, marked
from bot.slack.views.desk import statistics as statistics_views
from bot.slack.views.desk.export import menu
from bot.slack.views.desk.home import home
from bot.slack.views.desk.statistics import Number
from bot.slack.views.desk.statistics_report import issue_form, statistics_report
from bot.slack.views.operators.outbox import overview
from bot.workflow.reading_levels import Level
from storage import epochs
from storage.database import Database
from storage.dead_letters import Cause
from storage.epochs import Mark
from storage.statistics import Side
from storage.tables import METADATA, Customer, Epoch, Outgoing, Product, Reminder
from storage.vocabulary import Paper, State, Step
from tests.conftest import MakeTeam
from tests.slack.views.desk.test_statistics_report import card as report_card
from tests.support import sample_messages
from tests.support.sample_cases import ENGLISH, NOW, a_card
from tests.support.team import CHEN, DESK, HUANG, WU, Team

REFUSED = "from before the database was restored, so nothing was done"


def restore(team: Team) -> Epoch:
    """Let the database be one that was just restored."""
    with team.database.write() as session:
        return begin_epoch(session, DESK, team.now)


def pressable(payload: Any, block_id: str = "") -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield everything that can be pressed or filled in, each with the id of its block."""
    if isinstance(payload, Mapping):
        block_id = payload.get("block_id", block_id)
        if "action_id" in payload:
            yield payload, block_id
        for value in payload.values():
            yield from pressable(value, block_id)
    elif isinstance(payload, list):
        for value in payload:
            yield from pressable(value, block_id)


def is_marked(element: Mapping[str, Any], block_id: str, code: str) -> bool:
    carried = element["value"] if element["type"] == "button" else block_id
    return bool(json.loads(carried)[MARK] == code)


def every_message() -> Iterator[tuple[str, Message | Any]]:
    yield from sample_messages.messages("x", ENGLISH)
    yield "menu", menu(a_card(), list(Paper), ENGLISH, Level.CENTER)
    yield "report", statistics_report(report_card("x"), ENGLISH)
    yield "outbox", overview(Overview(1, 1, (Cause("e", DESK, 1, NOW, NOW),)), ENGLISH)


def every_view() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from sample_messages.views("x", ENGLISH)
    yield "home", home(Listing((sample_messages._list_line("x"),), 0), Listing((), 0), ENGLISH)
    yield "issue", issue_form(report_card("x"), ENGLISH)


def test_everything_that_can_be_pressed_in_any_message_carries_the_epoch(steady: Team) -> None:
    marks, found = EpochMarks(steady.database), set()
    code = marks.current().code
    for name, message in every_message():
        sent = marks.marked({"text": message.text, "blocks": message.blocks})
        assert check_blocks(sent["blocks"]) == [], name
        for element, block_id in pressable(sent["blocks"]):
            assert is_marked(element, block_id, code), (name, element)
            found.add(element["action_id"].partition(":")[0])
    assert {*Step} - {Step.REPORT} - found == set()
    assert {"open_case", "acknowledge", "export_order", "stats_cases", "report_issue", "outbox_discard"} <= found


def test_the_longest_question_of_statistics_fits_into_its_controls_with_the_mark(fresh_url: str) -> None:
    """Slack allows a `block_id` 255 characters. The ids are the largest, the names and the code the longest."""
    largest, name = 2**31 - 1, "支" * 200
    code = "f" * METADATA.tables["epochs"].c.code.type.length  # type: ignore[attr-defined]
    with closing(Database(fresh_url)) as database, database.write() as session:
        session.add_all([Customer(id=largest, name=name), Product(id=largest, name=name)])
        session.flush()
        period = periods.between(date(2000, 1, 1), date(2199, 12, 31), UTC)
        asked = StatisticsQuery(period, name, name)
        found = statistics(session, asked, CompanySettings(DESK), NOW)
        question = query.to_json(session, asked)
    number = Number(replace(found[0], n=1, numerator=1, denominator=1), Side.NUMERATOR)
    for message in (
        statistics_views.overview(asked, [number.measure], question, ENGLISH, NOW),
        statistics_views.cases_behind(number, [number.measure], [], (0, 99), question, ENGLISH),
    ):
        sent = marked({"blocks": message.blocks}, Mark(2, code, ""))["blocks"]
        (controls,) = (block for block in sent if block["type"] == "actions")
        assert json.loads(controls["block_id"]) == {**question, MARK: code}
        assert check_blocks(sent) == []


def test_every_view_carries_the_epoch(steady: Team) -> None:
    marks = EpochMarks(steady.database)
    for name, view in every_view():
        sent = marks.marked({"view": view})["view"]
        assert json.loads(sent["private_metadata"])[MARK] == marks.current().code, name


def test_an_alarm_and_a_refusal_are_sent_without_the_database(steady: Team) -> None:
    call = {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}]}
    assert EpochMarks(None).marked(call) == call  # type: ignore[arg-type]


def test_everything_in_slack_carries_the_epoch(team: Team) -> None:
    """The same from outside: whatever way a message or view takes to Slack."""
    case = team.case(State.SHEET_SIGNING)
    code = EpochMarks(team.database).current().code
    team.person(HUANG).open_home()
    team.workspace.wait_until(lambda: team.person(HUANG).home is not None)
    team.person(WU).command("/fault stats", channel=DESK)
    huang = team.open(HUANG, Step.RETURN_SHEET, case)
    team.look(HUANG, case)
    team.settle()
    shown = [element for message in team.workspace.messages.all() for element in pressable(list(message.blocks))]
    assert {element["action_id"] for element, _id in shown} >= {"open_case", "sign_sheet", "export"}
    assert all(is_marked(element, block_id, code) for element, block_id in shown)
    home = team.person(HUANG).home
    assert home is not None
    for view in (*huang.views, home):
        assert json.loads(view.private_metadata)[MARK] == code


@pytest.mark.parametrize(("speaking", "said"), [("en", REFUSED), ("zh-CN", "来自数据库恢复之前，因此未作任何处理")])
def test_a_button_from_before_a_restore_takes_no_step(make_team: MakeTeam, speaking: str, said: str) -> None:
    team = make_team(speaking)
    case = team.case(State.SHEET_DRAFTING)
    task = team.inbox(CHEN)[-1]
    restore(team)
    answer = team.press_copy(CHEN, task, Step.DRAFT_SHEET)
    assert said in answer
    assert f"/fault {case}" in answer
    assert "open_case" in task.buttons
    assert said in team.press_copy(CHEN, task, "open_case")
    assert team.person(CHEN).view is None
    assert team.state(case) is State.SHEET_DRAFTING
    team.usually(CHEN, Step.DRAFT_SHEET, case)
    assert team.state(case) is State.SHEET_SIGNING, "a button from after the restore takes it"


def test_a_form_from_before_a_restore_stays_open_and_says_so(make_team: MakeTeam) -> None:
    team = make_team("en")
    case = team.case(State.SHEET_SIGNING)
    huang = team.open(HUANG, Step.RETURN_SHEET, case)
    huang.fill(reason="Which provinces?")
    restore(team)
    submission = huang.submit()
    assert REFUSED in submission.errors["reason"]
    assert team.state(case) is State.SHEET_SIGNING


def test_a_reminder_from_before_a_restore_acknowledges_nothing(make_team: MakeTeam) -> None:
    team = make_team("en")
    case = team.case(State.TRIAGE)
    restore(team)
    value = json.dumps({"case": 1, "version": 1, "reminder": 1})
    assert REFUSED in team.press_copy(CHEN, team.forged(CHEN, "acknowledge", case, value), "acknowledge")
    with team.database.read() as session:
        assert session.exec(select(Reminder).where(col(Reminder.acknowledged_by).is_not(None))).all() == []


def test_a_button_of_a_case_that_is_not_there_any_more_answers_the_same(make_team: MakeTeam) -> None:
    team = make_team("en")
    case = team.case(State.TRIAGE)
    gone = team.forged(HUANG, "open_case", case, json.dumps({"case": 4711, "version": 1, MARK: "abcdef01"}))
    answer = team.press_copy(HUANG, gone, "open_case")
    assert REFUSED in answer
    assert "F-4711" in answer


def test_a_problem_can_be_reported_with_a_form_from_before(make_team: MakeTeam) -> None:
    """It names nothing that is stored, so nobody loses what they typed."""
    team = make_team("en")
    anna = team.person(CHEN)
    anna.command("/fault")
    anna.opened("report")
    team.fill_report(CHEN)
    restore(team)
    assert anna.submit().closed


def test_a_button_without_an_epoch_counts_as_of_the_first_one(make_team: MakeTeam) -> None:
    """Versions before 0015 posted such buttons."""
    team = make_team("en")
    case = team.case(State.TRIAGE)
    unmarked = team.forged(HUANG, "open_case", case, '{"case":1,"version":1}')
    assert case in team.press_copy(HUANG, unmarked, "open_case")
    restore(team)
    assert REFUSED in team.press_copy(HUANG, unmarked, "open_case")


def test_a_posted_message_of_another_epoch_is_not_taken_for_that_of_a_row(steady: Team) -> None:
    row = Outgoing(id=7, lane="-", view="card", target=DESK, created_at=NOW, due_at=NOW)
    epoch = Mark(2, "abcdef01", "")

    def posted(**payload: Any) -> dict[str, Any]:
        return {"metadata": {"event_type": "faultdesk_message", "event_payload": {"row": 7, **payload}}}

    assert _is_of(posted(**{MARK: "abcdef01"}), row, frozenset(), epoch)
    assert not _is_of(posted(**{MARK: "01fedcba"}), row, frozenset(), epoch)
    assert not _is_of(posted(), row, frozenset(), epoch)
    assert _is_of(posted(), row, frozenset(), Mark(1, "abcdef01", ""))


@pytest.mark.parametrize(
    ("speaking", "said"),
    [
        ("en", ("restored from a backup", "The last case in it is F-1", "New cases begin at F-101")),
        ("zh-CN", ("数据库已从备份恢复", "最后一个问题单是 F-1", "从 F-101 开始")),
    ],
)
def test_the_desk_channel_hears_of_a_restore(make_team: MakeTeam, speaking: str, said: tuple[str, ...]) -> None:
    team = make_team(speaking)
    team.case(State.TRIAGE)
    restore(team)
    team.settle()
    told = [message.plain for message in team.workspace.history(DESK) if said[0] in message.plain]
    assert len(told) == 1
    assert all(one in told[0] for one in said)


def test_numbers_jump_at_a_restore(team: Team) -> None:
    assert team.report(CHEN) == "F-1"
    team.settle()
    with team.database.read() as session:
        rows = session.exec(select(Outgoing.id)).all()
    begun = restore(team)
    assert (begun.last_case, begun.first_case) == (1, 101)
    with team.database.read() as session:
        (told,) = session.exec(select(Outgoing).where(Outgoing.view == "restored")).all()
    assert (told.id or 0) >= max(one or 0 for one in rows) + epochs.JUMP
    assert team.report(CHEN) == "F-101"
    assert restore(team).first_case == 201


@pytest.mark.database("postgresql")
def test_everything_that_buttons_name_gets_new_numbers(fresh_url: str) -> None:
    with closing(Database(fresh_url)) as database, database.write() as session:
        epochs.begin(session, NOW)
        for table in ("cases", "reminders", "outbox", "reports", "customers", "products"):
            assert session.connection().scalar(text(f"SELECT nextval('{table}_id_seq')")) == epochs.JUMP
