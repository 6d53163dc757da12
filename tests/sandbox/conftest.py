"""A workspace with a few people, its stand-in on a free port, and a small Bolt app in place of the bot."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.middleware import RequestVerification
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock as SignatureClock

from bot.clock import CheckedClock
from bot.sandbox import Person, StandIn, Workspace
from bot.slack.http_client import HttpClient
from bot.slack.web_client import SlackClient
from tests.support.form_app import register_listeners
from tests.support.manual_clock import ManualClock

DESK = "C0DESK"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


@pytest.fixture
def ws(clock: ManualClock) -> Workspace:
    return with_people_and_channels(Workspace(clock=clock.now, find_timeout=0.3))


def with_people_and_channels(workspace: Workspace) -> Workspace:
    """Put some people and channels into a workspace."""
    workspace.add_user(
        "U0CHEN",
        name="chen.jing",
        real_name="Chen Jing 陈静",
        tz="Asia/Shanghai",
        locale="zh-CN",
        email="c@x.test",
    )
    workspace.add_user("U0ANNA", name="anna", real_name="Anna Berg", tz="Europe/Berlin")
    workspace.add_user("U0GONE", name="gone", real_name="Gone Girl", deleted=True)
    workspace.add_user("U0FAR", name="far", real_name="Far Away", stranger=True)
    workspace.add_group("S0TEST", ["U0CHEN"], handle="testers")
    workspace.add_channel(DESK, "service-desk", ["U0CHEN", "U0ANNA"])
    workspace.add_channel("C0OUT", "outside", ["U0CHEN"], with_bot=False)
    workspace.add_channel("C0SECRET", "secret", ["U0CHEN"], with_bot=False, private=True)
    workspace.add_channel("C0OLD", "old", archived=True)
    return workspace


@pytest.fixture
def standin(ws: Workspace) -> Iterator[StandIn]:
    with StandIn(ws) as running:
        yield running


@pytest.fixture
def client(standin: StandIn) -> WebClient:
    return client_of(standin)


def client_of(standin: StandIn, token: str | None = None) -> WebClient:
    return WebClient(token or standin.workspace.bot_token, base_url=standin.url, retry_handlers=[])


@pytest.fixture
def bot_client(standin: StandIn) -> Iterator[SlackClient]:
    """The client that the bot uses."""
    http = HttpClient(ManualClock().ticks)
    yield SlackClient(http, standin.workspace.bot_token, standin.url, CheckedClock(ManualClock()))
    http.close()


@pytest.fixture
def chen(standin: StandIn) -> Person:
    return standin.person("U0CHEN")


@pytest.fixture
def app(standin: StandIn) -> Iterator[App]:
    """A Bolt app that serves the workspace. A test registers its listeners."""
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
    workspace = standin.workspace
    bolt = App(
        client=client_of(standin),
        signing_secret=workspace.signing_secret,
        process_before_response=True,
        token_verification_enabled=False,
    )
    _use_clock_of(workspace, bolt)
    handler = SlackRequestHandler(bolt)
    with make_server("127.0.0.1", 0, handler, server_class=_Server, handler_class=_Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        standin.connect(f"http://127.0.0.1:{server.server_port}/slack/events")
        yield bolt
        server.shutdown()


def _use_clock_of(workspace: Workspace, app: App) -> None:
    """Let the app check the age of a signature by the workspace's clock instead of the real one."""

    class Seconds(SignatureClock):
        def now(self) -> float:
            return workspace.state.now().timestamp()

    [verification] = [one for one in app._middleware_list if isinstance(one, RequestVerification)]
    verification.verifier.clock = Seconds()


@pytest.fixture
def requests(app: App) -> list[Any]:
    """The bodies that the app was sent. The app has the form of `form_app`."""
    bodies: list[Any] = []
    register_listeners(app, bodies)
    return bodies


def refusal(call: Callable[..., Any], **arguments: Any) -> Any:
    """Make a call that Slack refuses, and return the answer."""
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return refused.value.response


def trigger(workspace: Workspace, user: str = "U0CHEN", view_id: str | None = None) -> str:
    """A fresh trigger id, as a press would bring it."""
    return workspace.triggers.issue(workspace.app_id, user, view_id)
