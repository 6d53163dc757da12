"""Socket Mode over the bot's own connection."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.health import Health
from bot.sandbox import Person, StandIn, Workspace
from bot.sandbox.workspace.deliveries import Delivery
from bot.slack.socket import Socket
from bot.slack.web_client import SlackClient
from tests.sandbox.conftest import DESK
from tests.support.sample_blocks import modal


@pytest.fixture
def socket_app(standin: StandIn, bot_client: SlackClient) -> Iterator[App]:
    workspace = standin.workspace
    bolt = App(client=bot_client, token_verification_enabled=False, process_before_response=True)
    socket = Socket(bolt, workspace.app_token, bot_client, lambda: 0.0, Health(lambda: 0.0))
    socket.start()
    workspace.wait_until(lambda: standin.transport.sockets.count)
    yield bolt
    socket.stop()


def test_commands_views_and_events_arrive_over_the_socket(socket_app: App, chen: Person, ws: Workspace) -> None:
    heard: list[Any] = []

    @socket_app.command("/hello")
    def hello(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal())
        ack("over the socket")

    @socket_app.view("form")
    def submitted(ack: Ack) -> None:
        ack()

    @socket_app.event("app_home_opened")
    def opened(event: dict[str, Any]) -> None:
        heard.append(event)

    answer = chen.command("/hello", DESK)
    assert answer.message is not None
    assert answer.message.plain == "over the socket"
    assert chen.submit().closed
    assert chen.open_home() is not None
    assert heard[0]["user"] == "U0CHEN"


def test_an_unacknowledged_command_times_out(socket_app: App, chen: Person, ws: Workspace) -> None:
    ws.ack_limit = 0.2
    assert chen.command("/unknown").error == "operation_timeout"


def test_unacknowledged_events_are_sent_again(socket_app: App, standin: StandIn, ws: Workspace) -> None:
    again: list[Any] = []
    ws.ack_limit = 0.2
    ws.scheduler = lambda seconds, call: again.append(call)
    heard: list[Any] = []

    @socket_app.middleware
    def note(req: Any) -> None:
        heard.append(req.headers.get("x-slack-retry-num"))

    standin.transport.send_event(Delivery("events_api", "x", {"type": "event_callback", "event": {"type": "x"}}))
    again.pop()()
    assert heard == [["0"], ["1"]]


def test_a_disconnected_app_opens_a_new_socket(socket_app: App, standin: StandIn, ws: Workspace) -> None:
    before = len(ws.log.calls("apps.connections.open"))
    standin.transport.sockets.disconnect()
    ws.wait_until(lambda: len(ws.log.calls("apps.connections.open")) > before)
