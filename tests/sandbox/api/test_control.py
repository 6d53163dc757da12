"""The demo team, the control endpoints and the terminal client."""

from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox import StandIn, Workspace
from bot.sandbox.client import terminal
from bot.sandbox.workspace.demo import STAFF, environment
from tests.support import world
from tests.support.control import control
from tests.support.sample_blocks import actions, button, field, home, modal, option, section, select, text_input


@pytest.fixture
def ws() -> Workspace:
    return world.workspace(find_timeout=0.3)


@pytest.fixture
def url(standin: StandIn, app: App) -> str:
    @app.command("/fault")
    def fault(ack: Ack, body: dict[str, str], client: WebClient) -> None:
        severity = field(select(option("Severe", "severe"), option("Mild", "mild")), "severity")
        view = modal(section("Tell us"), field(text_input(), "summary", optional=True), severity)
        client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()

    @app.view("form")
    def submitted(ack: Ack, body: dict[str, dict[str, str]], client: WebClient) -> None:
        ack()
        card = actions(button("sign", text="Sign"))
        client.chat_postMessage(channel=body["user"]["id"], text="card", blocks=[section("*Card*"), card])

    @app.action("sign")
    def sign(ack: Ack) -> None:
        ack()

    @app.event("app_home_opened")
    def opened(event: dict[str, str], client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view=home(section("your queue")))

    return standin.page_url


def test_a_form_and_a_card_can_be_used_at_the_terminal(url: str) -> None:
    form = terminal.say(url, "U0CHEN", "/fault", "C0DESK")
    assert "== Form (form) ==" in form
    assert "severity* | Label:" in form
    assert "severe (Severe), mild (Mild)" in form
    with pytest.raises(terminal.Refused, match="does not offer"):
        terminal.fill(url, "U0CHEN", {"severity": "none"})
    assert "summary | Label: broken" in terminal.fill(url, "U0CHEN", {"summary": "broken"})
    assert "! severity: 请填写此必填字段。" in terminal.submit(url, "U0CHEN")
    terminal.fill(url, "U0CHEN", {"severity": "mild"})
    assert "[Sign](sign)" in terminal.submit(url, "U0CHEN")
    assert "Card" in terminal.inbox(url, "U0CHEN")
    assert "acknowledged" in terminal.press(url, "U0CHEN", "sign")
    with pytest.raises(terminal.Refused, match="no 'unsign' to press"):
        terminal.press(url, "U0CHEN", "unsign")
    assert "your queue" in terminal.home(url, "U0CHEN")
    assert "to_app view_submission 200" in terminal.log(url)
    assert "Card" in terminal.show(url, "U0CHEN")
    terminal.say(url, "U0CHEN", "/fault")
    assert terminal.close(url, "U0CHEN") == "(no view)"


def desk(url: str, name: str, **wanted: Any) -> tuple[int, dict[str, object]]:
    answer = control(url, name, **wanted)
    return answer.status, answer.json()


def test_the_control_endpoints_act_on_the_workspace(url: str, ws: Workspace) -> None:
    assert "Chen Jing 陈静" in str(desk(url, "people")[1]["shown"])
    assert desk(url, "say", user="U0CHEN", text="morning", channel="C0GENERAL")[0] == 200
    assert desk(url, "wait", user="U0ANNA", text="morning")[1]["ok"]
    assert desk(url, "inject-failure", failure="refuse", method="auth.test", error="fatal_error")[0] == 200
    assert ws.failures.next("auth.test", {}) is not None


@pytest.mark.parametrize(
    ("name", "wanted", "status"),
    [
        ("nowhere", {}, 404),
        ("say", {"user": "U0CHEN"}, 200),
        ("say", {"user": "U0NONE", "text": "x"}, 200),
        ("inject-failure", {"failure": "flood"}, 200),
        ("wait", {"user": "U0CHEN", "text": "never", "timeout": 0}, 200),
    ],
)
def test_wrong_requests_to_the_control_endpoints_are_refused(
    url: str, name: str, wanted: dict[str, object], status: int
) -> None:
    answered, content = desk(url, name, **wanted)
    assert (answered, content["ok"]) == (status, False)


def test_the_demo_team_matches_its_environment() -> None:
    workspace = world.workspace()
    named = environment(workspace)
    listed = [user for key, users in named.items() if key.startswith("FAULT_") for user in users.split(",")]
    assert {user for user in listed if user.startswith("U0")} <= set(STAFF)
    assert "U0HUANG" not in named["FAULT_SERVICE_MANAGERS"]
    assert named["SLACK_API_URL"].endswith("/api/")
    assert "SLACK_API_URL" not in environment()
    assert workspace.users.known("U0WU").locale == "en-GB"
    assert workspace.bot_user_id in workspace.channels.known("C0DESK").members
