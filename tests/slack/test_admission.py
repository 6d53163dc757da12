"""Requests of another workspace or app are not served, whoever signed them (process.md §6 R10)."""

import json
import threading
from contextlib import AbstractContextManager
from typing import Any

import pytest
from slack_bolt import BoltContext
from sqlmodel import Session, select

from bot.slack.epoch_marks import EpochMarks
from bot.slack.listener_context import ListenerContext
from bot.slack.listeners.admission import Admission, is_for_outsiders
from storage.tables import OwnWorkspace, Person
from storage.vocabulary import Step
from tests.support.logged import Logged
from tests.support.raw_requests import JSON, Reply, command, payload, send
from tests.support.team import ANNA, CHEN, SUNLI, Team

TEAM, APP, SECRET = "T0SANDBOX", "A0SANDBOX", "words of another company"


def interaction(kind: str, **changed: Any) -> dict[str, Any]:
    common = {"type": kind, "team": {"id": TEAM}, "enterprise": None, "api_app_id": APP, "trigger_id": "1"}
    return {**common, "user": {"id": CHEN, "team_id": TEAM}, **changed}


def event(**changed: Any) -> str:
    changes = {"type": "user_change", "user": {"id": ANNA, "real_name": SECRET, "team_id": TEAM}}
    body = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": "Ev1", "event": changes}
    return json.dumps({**body, **changed})


def refused(steady: Team, reason: str) -> float:
    """How many requests the metric counts as refused for this reason."""
    text = send(steady, "", method="GET", path="/metrics").text
    line = next((one for one in text.splitlines() if f'requests_refused_total{{reason="{reason}"}}' in one), " 0")
    return float(line.rpartition(" ")[2])


def is_refused(reply: Reply, status: int, logged: Logged, reason: str) -> None:
    assert (reply.status, reply.text) == (status, "")
    (line,) = logged.of("request.refused")
    assert line["reason"] == reason
    assert SECRET not in logged.text


OTHERS = [
    ({"team_id": "T0OTHER"}, {"team": {"id": "T0OTHER"}}, "other_workspace"),
    ({"api_app_id": "A0OTHER"}, {"api_app_id": "A0OTHER"}, "other_app"),
    ({"api_app_id": ""}, {"api_app_id": None}, "other_app"),
    (
        {"team_id": "", "enterprise_id": "E0OTHER"},
        {"team": None, "enterprise": {"id": "E0OTHER"}},
        "other_workspace",
    ),
]


@pytest.mark.parametrize(("form", "_body", "reason"), OTHERS)
def test_a_command_of_another_workspace_or_app_is_refused(
    logged: Logged, steady: Team, form: dict[str, str], _body: object, reason: str
) -> None:
    before = refused(steady, reason)
    is_refused(send(steady, command(steady, SECRET, **form)), 403, logged, reason)
    assert refused(steady, reason) == before + 1


@pytest.mark.parametrize(("_form", "body", "reason"), OTHERS)
@pytest.mark.parametrize(
    "kind", ["block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut", "message_action"]
)
def test_an_interaction_of_another_workspace_or_app_is_refused(
    logged: Logged, steady: Team, kind: str, _form: object, body: dict[str, Any], reason: str
) -> None:
    is_refused(send(steady, payload(interaction(kind, **body, text=SECRET))), 403, logged, reason)


@pytest.mark.parametrize(("form", "_body", "reason"), OTHERS)
def test_an_event_of_another_workspace_or_app_is_acknowledged_and_ignored(
    logged: Logged, steady: Team, form: dict[str, str], _body: object, reason: str
) -> None:
    """Slack stops sending events after many failures."""
    is_refused(send(steady, event(**form), JSON), 200, logged, reason)
    with steady.database.read() as session:
        assert session.get_one(Person, ANNA).name == "Anna Berg"


def test_a_request_that_names_no_workspace_is_ignored(logged: Logged, steady: Team) -> None:
    is_refused(send(steady, f"command=%2Ffault&text=list&user_id={CHEN}&x={SECRET}"), 200, logged, "no_workspace")


def test_the_workspace_of_the_sender_is_not_compared(steady: Team) -> None:
    """People of other companies press buttons in shared channels: their own workspace is not ours."""
    body = interaction("shortcut", callback_id="report", user={"id": SUNLI, "team_id": "T0ELSEWHERE"})
    assert send(steady, payload(body)).status == 200


def own(team: Team) -> OwnWorkspace:
    with team.database.read() as session:
        return session.exec(select(OwnWorkspace)).one()


def test_the_own_workspace_and_app_are_asked_of_slack_and_stored(team: Team) -> None:
    row = own(team)
    assert (row.team_id, row.enterprise_id, row.app_id) == (TEAM, None, APP)
    with team.database.read() as session:
        assert session.get_one(Person, "U0BOT").is_bot


def test_a_null_workspace_is_compared_by_the_enterprise(team: Team) -> None:
    team.workspace.enterprise_id = "E0OURS"
    team.playground.bot.check_slack()
    for enterprise, status in (("E0OURS", 200), ("E0OTHER", 403)):
        form = {"team_id": "", "enterprise_id": enterprise, "is_enterprise_install": "true"}
        assert send(team, command(team, "help", **form)).status == status
        body = interaction("shortcut", callback_id="report", team=None, enterprise={"id": enterprise})
        assert send(team, payload(body)).status == status


def test_without_the_app_of_the_bot_no_app_is_refused(team: Team) -> None:
    """Slack does not tell the app; the one that was stored for another workspace does not count."""
    team.workspace.failures.refuse("bots.info", "missing_scope", times=None)
    team.workspace.team_id = "T0MOVED"
    team.playground.bot.check_slack()
    assert own(team).app_id is None
    assert send(team, command(team, "help", team_id="T0MOVED", api_app_id="A0OTHER")).status == 200
    assert send(team, command(team, "help")).status == 403


def test_nothing_is_refused_before_slack_has_told_who_we_are(team: Team) -> None:
    with team.database.write() as session:
        session.delete(session.exec(select(OwnWorkspace)).one())
    team.playground.bot._own_workspace._known = None
    assert send(team, command(team, "help", team_id="T0OTHER", api_app_id="A0OTHER")).status == 200


# What outsiders may send


@pytest.mark.parametrize("text", ["", "new", "F-1", "show F-1", "mine", "我的", "help", "verify F-1", "gibberish"])
def test_outsiders_may_report_and_follow(text: str) -> None:
    assert is_for_outsiders({"command": "/fault", "text": text})


@pytest.mark.parametrize(
    "action", [*Step, "source", "is_fault", "deadline_basis:1a2b", "open_case", "export", "home_report"]
)
def test_outsiders_may_press_steps_and_steering_fields(action: str) -> None:
    assert is_for_outsiders({"type": "block_actions", "actions": [{"action_id": action}]})


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions", "actions": [{"action_id": "open_case"}, {"action_id": "outbox_resend"}]},
        {"type": "block_actions", "actions": [{}]},
        {"type": "block_suggestion", "action_id": "customer"},
        {"type": "view_submission", "view": {"callback_id": "report_comment"}},
        {"type": "view_submission", "view": {}},
        {"type": "view_submission"},
        {"type": "shortcut", "callback_id": "other"},
        {"type": "unheard_of"},
    ],
    ids=str,
)
def test_outsiders_may_send_nothing_else(body: dict[str, Any]) -> None:
    assert not is_for_outsiders(body)


def test_a_press_is_admitted_with_one_look(steady: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads the sender and the epoch together. What the listener then reads counts as its own."""
    bot, opened = steady.playground.bot, list[str]()
    own = (bot.database, bot.clock, bot.source, bot.identity, bot._responder, bot._client, bot.health)
    more = (bot._own_workspace, EpochMarks(bot.database), bot.contents, bot._seen_events, lambda _t: ())
    admission = Admission(ListenerContext(*own, *more))
    pressed = {"action_id": "open_case", "type": "button", "value": '{"case":1}'}
    body, context = interaction("block_actions", actions=[pressed]), BoltContext()
    admission.admit(body, BoltContext(), lambda: None)  # the first request also reads which workspace is ours
    look, here = bot.database.look, threading.current_thread()

    def counted() -> AbstractContextManager[Session]:
        if threading.current_thread() is here:
            opened.append("look")
        return look()

    monkeypatch.setattr(bot.database, "look", counted)
    monkeypatch.setattr(bot.database, "read", None)
    admission.admit(body, context, lambda: opened.append("admitted"))
    assert opened == ["look", "admitted"]
    assert context["reader"].id == CHEN
