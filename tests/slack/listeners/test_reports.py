"""The monthly report in Slack: the draft is sent to the service managers, commented, issued and then frozen."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, delete

from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.casework.statistics import monthly_report
from bot.casework.statistics.monthly_report import ReportCard
from bot.i18n.translator import translator
from bot.sandbox import Message
from bot.slack.identity import Reader
from bot.slack.listeners.export import order_of
from storage import checkpoints, outbox
from storage.checkpoints import Subject
from storage.tables import RoleGrant
from storage.vocabulary import SubjectKind
from tests.conftest import MakeTeam
from tests.support.team import ANNA, CHEN, HUANG, LIN, WU, ZHOU, Team

ISSUE, REDRAW = "report_issue", "report_redraw"


def next_month(team: Team) -> datetime:
    """The first day of next month, 08:00 in the company's time zone."""
    zone = team.playground.bot.company.zone
    first = (team.now.astimezone(zone).replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.replace(hour=8, minute=0, second=0, microsecond=0)


def drafted(team: Team) -> Team:
    """Report one case, move on to the first morning of the next month, and let the report be drafted."""
    team.case()
    team.settle()
    team.playground.clock.advance(next_month(team) - team.now)
    assert team.playground.bot.jobs.report() == 1
    assert team.playground.bot.jobs.report() == 0
    team.settle()
    return team


@pytest.fixture
def english(make_team: MakeTeam) -> Team:
    return drafted(make_team("en"))


def reports(team: Team, user: str) -> list[Message]:
    """The messages about reports that somebody received."""
    return [message for message in team.inbox(user) if REDRAW in message.buttons]


def kept(team: Team) -> ReportCard:
    with team.database.read() as session:
        return monthly_report.newest_card(session, 1)


def test_the_draft_is_sent_to_the_service_managers_alone(english: Team) -> None:
    team = english
    for user in (CHEN, ZHOU, HUANG):  # the center manager of the demo team stands in as service manager
        [draft] = reports(team, user)
        said = team.person(user).read(draft)
        assert "Maintenance statistics report" in said
        assert "add your analysis and advice" in said
        assert "Version 1 · Draft" in said
        assert "Overdue: 0" in said
        assert {ISSUE, REDRAW, "export_order:report:docx", "export_order:report:xlsx"} <= set(draft.buttons)
    for user in (WU, LIN, ANNA):
        assert not reports(team, user)


def test_the_draft_is_in_chinese_for_chinese_readers(make_team: MakeTeam) -> None:
    team = drafted(make_team("zh-CN"))
    said = team.person(CHEN).read(reports(team, CHEN)[0])
    for words in ("维护统计报告", "请查看数据，填写分析与建议，并发布报告。", "第 1 版", "草稿", "故障数", "超期：0"):
        assert words in said
    assert "Version" not in said


def test_the_buttons_order_the_documents_of_the_draft(english: Team) -> None:
    team = english
    [draft] = reports(team, CHEN)
    snapshot = kept(team).snapshot
    reader = Reader(CHEN, translator("en", "Asia/Shanghai"))
    for form in ("docx", "xlsx"):
        value = next(one.value for one in draft.controls if one.action_id == f"export_order:report:{form}")
        ordered = order_of(json.loads(value or ""), reader)
        assert ordered == ExportOrder(
            what=ExportKind.REPORT,
            asker=CHEN,
            form=form,
            language="en",
            first=snapshot.first,
            last=snapshot.last,
            version=1,
        )


def test_a_button_delivers_the_file(english: Team) -> None:
    team = english
    team.person(CHEN).press("export_order:report:xlsx", message=reports(team, CHEN)[0])
    files = [file["name"] for message in team.inbox(CHEN) for file in message.files]
    assert files == [f"BTSP-SM-T08-{kept(team).snapshot.first:%Y%m}_V1_draft_en.xlsx"]


def open_form(team: Team, user: str) -> None:
    team.person(user).press(ISSUE, message=reports(team, user)[0])
    team.person(user).opened(ISSUE)


def test_a_service_manager_comments_and_issues_the_report(english: Team) -> None:
    team = english
    open_form(team, CHEN)
    chen = team.person(CHEN)
    assert "Faults received" in chen.read(chen.opened(ISSUE))
    chen.fill(comment="One problem.\n一个问题。 <!channel> *bold*")
    assert chen.submit().closed
    issued = kept(team).issue
    assert issued is not None
    assert (issued.person, issued.comment) == (CHEN, "One problem.\n一个问题。 <!channel> *bold*")
    assert abs(issued.at - team.now) < timedelta(minutes=1)
    with team.database.read() as session:
        lists = [subject for _number, found in checkpoints.lists(session) for subject in found]
    assert Subject(SubjectKind.REPORT, 1, checkpoints.ISSUED, issued.signature) in lists, "with the issue, not later"


def test_a_blank_comment_is_refused_at_its_field(english: Team) -> None:
    team = english
    open_form(team, CHEN)
    team.person(CHEN).fill(comment="  ")
    assert team.person(CHEN).submit().errors == {"comment": "Please fill this in."}
    assert kept(team).issue is None
    team.person(CHEN).fill(comment="Fine")
    assert team.person(CHEN).submit().closed


def test_a_second_issue_is_refused_in_the_open_form_and_at_the_button(english: Team) -> None:
    team = english
    stale = reports(team, ZHOU)[0]
    open_form(team, ZHOU)
    open_form(team, CHEN)
    team.person(CHEN).fill(comment="First")
    assert team.person(CHEN).submit().closed
    team.person(ZHOU).fill(comment="Second")
    error = team.person(ZHOU).submit().errors["comment"]
    assert "Version 1 was issued by Chen Jing" in error
    assert "stays as it is" in error
    assert "Version 1 was issued by" in team.press_copy(ZHOU, stale, ISSUE)
    issued = kept(team).issue
    assert issued is not None
    assert issued.comment == "First"


def test_a_redrawn_version_replaces_the_draft(english: Team) -> None:
    team = english
    stale = reports(team, ZHOU)[0]
    team.person(CHEN).press(REDRAW, message=reports(team, CHEN)[0])
    assert kept(team).version == 2
    for button in (ISSUE, REDRAW):
        assert "Version 2 was drawn up in the meantime" in team.press_copy(ZHOU, stale, button)
    assert kept(team).version == 2


@pytest.mark.parametrize("user", [LIN, ANNA])
def test_nobody_else_issues_or_redraws_the_report(english: Team, user: str) -> None:
    team = english
    value = json.dumps({"report": 1})
    for button in (ISSUE, REDRAW):
        copy = team.forged(CHEN, button, "F-1", value)
        assert "Only service managers and the center manager" in team.press_copy(user, copy, button)
    assert (kept(team).version, kept(team).issue) == (1, None)


@pytest.mark.parametrize("value", ["", "x", "[]", "{}", '{"report": 9}', '{"report": -1}', '{"report": 99999999999}'])
def test_a_forged_button_has_no_effect(steady: Team, value: str) -> None:
    for button in (ISSUE, REDRAW):
        team, copy = steady, _button(steady, button, value)
        assert "没有该选项" in team.press_copy(CHEN, copy, button)


def _button(team: Team, action: str, value: str) -> Message:
    """A message that this person sees, with a button that the bot did not draw."""
    shown = team.person(CHEN).command("/fault help").message
    assert shown is not None
    label = {"type": "plain_text", "text": action}
    button = {"type": "button", "action_id": action, "text": label, **({"value": value} if value else {})}
    return replace(shown, blocks=({"type": "actions", "block_id": "forged", "elements": [button]},))


def test_the_report_job_runs_every_minute(english: Team) -> None:
    """Most runs only find that no report is due."""
    jobs = english.playground.bot.jobs._scheduler.get_jobs()
    [job] = [job for job in jobs if job.func == english.playground.bot.jobs.report]
    assert (job.max_instances, job.coalesce) == (1, True)
    now = english.now
    assert job.trigger.get_next_fire_time(None, now) == now + timedelta(minutes=1)


def test_every_copy_is_settled_by_an_issue_and_reopened_by_a_new_version(english: Team) -> None:
    team = english
    open_form(team, CHEN)
    team.person(CHEN).fill(comment="Two cases.\nAll is well. <!channel>")
    assert team.person(CHEN).submit().closed
    team.settle()
    for user in (CHEN, ZHOU, HUANG):
        [settled] = reports(team, user)
        said = team.person(user).read(settled)
        assert "Version 1 was issued by @Chen Jing" in said
        assert "Two cases." in said
        assert ISSUE not in settled.buttons
        assert "export_order:report:docx" in settled.buttons
    team.person(ZHOU).press(REDRAW, message=reports(team, ZHOU)[0])
    team.settle()
    for user in (CHEN, ZHOU, HUANG):
        [again] = reports(team, user)
        assert "It is to replace version 1" in team.person(user).read(again)
        assert ISSUE in again.buttons


def test_a_report_issued_before_its_posting_was_recorded_is_settled(english: Team) -> None:
    team, company = english, english.playground.bot.company
    team.workspace.failures.lose_answer("chat.postMessage", channel=team.workspace.direct(WU).id)
    with team.database.write() as session:
        outbox.put(session, "report", WU, team.now, arguments={"report": 1})
    shown = team.workspace.wait_until(lambda: [one for one in team.person(WU).inbox() if ISSUE in one.buttons])
    with team.database.write() as session:
        monthly_report.issue(session, 1, "Fine", CHEN, "view:1", company, team.now)
    team.settle()
    [settled] = reports(team, WU)
    assert settled.ts == shown[0].ts
    assert ISSUE not in settled.buttons


def test_the_report_of_somebody_who_lost_their_role_shows_no_figures_any_more(english: Team) -> None:
    team = english
    [draft] = reports(team, ZHOU)
    with team.database.write() as session:
        session.exec(delete(RoleGrant).where(col(RoleGrant.person_id) == ZHOU))
    with team.database.write() as session:
        monthly_report.issue(session, 1, "Fine", CHEN, "view:1", team.playground.bot.company, team.now)
    message = next(one for one in team.inbox(ZHOU) if one.ts == draft.ts)
    assert not message.buttons
    assert "Overdue" not in message.plain
    assert "Fine" not in message.plain
