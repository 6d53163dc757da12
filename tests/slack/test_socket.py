"""The part `socket` of health: a connection of Socket Mode that is silent, lost or refused, and what the bot does."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App

from bot.health import Health
from bot.metrics import Metrics, SocketEnd
from bot.sandbox import StandIn, Workspace
from bot.slack.socket import Socket
from bot.slack.web_client import SlackClient
from tests.conftest import MakeTeam
from tests.sandbox.conftest import bot_client as bot_client
from tests.sandbox.conftest import standin as standin
from tests.security.test_malformed_requests import SECRET_WORDS, event, press, without
from tests.support import world
from tests.support.logged import Logged
from tests.support.manual_clock import ManualClock
from tests.support.raw_requests import send


@pytest.fixture
def ws() -> Workspace:
    return world.workspace()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def health(clock: ManualClock) -> Health:
    return Health(clock.ticks)


@pytest.fixture
def metrics(health: Health) -> Metrics:
    return health.metrics


Connect = Callable[..., Socket]


@pytest.fixture
def connect(standin: StandIn, bot_client: SlackClient, clock: ManualClock, health: Health) -> Iterator[Connect]:
    """Starts a socket with an app that answers nothing."""
    started: list[Socket] = []

    def make(token: str = standin.workspace.app_token) -> Socket:
        app = App(client=bot_client, token_verification_enabled=False)
        started.append(Socket(app, token, bot_client, clock.ticks, health))
        started[-1].start()
        return started[-1]

    yield make
    standin.transport.sockets.be_silent(False)
    for one in started:
        one.stop()


def ends(metrics: Metrics, end: SocketEnd) -> float:
    value = metrics.registry.get_sample_value("faultdesk_socket_reconnects_total", {"reason": end})
    assert value is not None
    return value


def opened(ws: Workspace) -> int:
    return len(ws.log.calls("apps.connections.open"))


def test_a_silent_peer_is_told_and_the_bot_connects_again(
    connect: Connect, standin: StandIn, ws: Workspace, clock: ManualClock, metrics: Metrics
) -> None:
    """The TCP connection stays open, and nothing comes: no frame, no answer to a ping (point 9)."""
    socket = connect()
    ws.wait_until(lambda: socket.state() == "ok")
    standin.transport.sockets.be_silent(True)
    clock.move(seconds=29)
    assert socket.state() == "ok"
    clock.move(seconds=2)
    assert socket.state() == "no answer for 31 s"
    ws.wait_until(lambda: opened(ws) > 1)
    clock.move(seconds=119)
    assert socket.state() == "no answer for 150 s", "a new connection that says nothing is no better"
    assert ends(metrics, SocketEnd.SILENT) >= 1
    standin.transport.sockets.be_silent(False)
    clock.move(seconds=11)  # a connection that was made in the silence hears nothing before it asks
    ws.wait_until(lambda: socket.state() == "ok")


def test_a_peer_that_answers_pings_and_says_nothing_else_is_fine(
    connect: Connect, standin: StandIn, ws: Workspace, clock: ManualClock, metrics: Metrics
) -> None:
    socket = connect()
    ws.wait_until(lambda: socket.state() == "ok")
    for _ in range(4):
        heard = socket._heard_at
        clock.move(seconds=11)
        ws.wait_until(lambda heard=heard: socket._heard_at > heard)  # type: ignore[misc]
    assert socket.state() == "ok"
    assert opened(ws) == 1


def test_a_wrong_app_token_is_told_at_once_and_tried_again(
    connect: Connect, ws: Workspace, clock: ManualClock, metrics: Metrics
) -> None:
    socket = connect("xapp-1-wrong")
    ws.wait_until(lambda: socket.state() == "invalid_auth for 0 s")
    clock.move(seconds=40)
    assert socket.state() == "invalid_auth for 40 s"
    ws.wait_until(lambda: opened(ws) > 1)
    assert ends(metrics, SocketEnd.NOT_MADE) >= 1


def test_a_token_that_is_refused_for_a_while_connects_later(connect: Connect, ws: Workspace) -> None:
    ws.failures.refuse("apps.connections.open", "invalid_auth")
    socket = connect()
    ws.wait_until(lambda: socket.state() == "ok")


def test_slack_asks_to_connect_again_and_nothing_is_lost(
    connect: Connect, standin: StandIn, ws: Workspace, metrics: Metrics
) -> None:
    socket = connect()
    ws.wait_until(lambda: socket.state() == "ok")
    standin.transport.sockets.disconnect()
    ws.wait_until(lambda: ends(metrics, SocketEnd.REFRESHED) == 1 and opened(ws) == 2)
    assert socket.state() == "ok"


def frame(content: Any) -> bytes:
    return json.dumps({"envelope_id": "E1", "type": "interactive", "payload": content}).encode()


@pytest.mark.parametrize(
    "text",
    [
        *(b"[" * 100_000 + b"]" * 100_000, b"[]", b"null", b'"words"', b"1"),
        *map(frame, ([], 5, None, SECRET_WORDS, {}, press(type=5), press(user=None))),
        *(frame(without(press(), "user")), frame({**event(), "event": SECRET_WORDS}), frame({**event(), "event": {}})),
    ],
)
def test_a_malformed_frame_is_refused_and_leaves_the_connection_as_it_is(
    connect: Connect, ws: Workspace, metrics: Metrics, logged: Logged, text: bytes
) -> None:
    socket = connect()
    ws.wait_until(lambda: socket.state() == "ok")
    assert socket._is_farewell(text) is False
    socket.stop()
    [line] = logged.of("request.refused")
    assert line["reason"] == "malformed"
    assert "Traceback" not in logged.text
    assert SECRET_WORDS not in logged.text
    assert opened(ws) == 1


def test_the_part_socket_is_unhealthy_because_a_restart_can_help(make_team: MakeTeam) -> None:
    team = make_team(SLACK_APP_TOKEN="xapp-1-wrong")
    health = team.playground.bot.health
    team.workspace.wait_until(lambda: health.report().parts["socket"].startswith("invalid_auth for"))
    answer = send(team, "", method="GET", path="/health")
    assert answer.status == 503


def test_over_http_there_is_no_part_socket(make_team: MakeTeam) -> None:
    assert "socket" not in make_team().playground.bot.health.report().parts
