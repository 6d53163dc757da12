"""Response URLs: five uses within half an hour, and messages whose type never changes."""

import pytest
import urllib3
from slack_sdk import WebClient

from bot.sandbox import Person, StandIn, Workspace
from bot.sandbox.workspace.messages import Message
from tests.sandbox.conftest import DESK
from tests.support.manual_clock import ManualClock
from tests.support.sample_blocks import section


def respond(ws: Workspace, key: str, **content: object) -> tuple[int, str]:
    answer = urllib3.request("POST", f"{ws.base_url}/response/{key}", json=content, retries=False)
    return answer.status, answer.data.decode()


def url_of(ws: Workspace, origin: Message | None = None) -> str:
    return ws.response_urls.issue("U0CHEN", DESK, origin).key


@pytest.fixture
def public(client: WebClient, ws: Workspace) -> Message:
    client.chat_postMessage(channel=DESK, text="card")
    return ws.history(DESK)[-1]


def test_a_response_is_ephemeral_unless_it_asks_for_the_channel(standin: StandIn, ws: Workspace, chen: Person) -> None:
    key = url_of(ws)
    assert respond(ws, key, text="psst") == (200, "ok")
    respond(ws, key, text="all", response_type="in_channel")
    assert [message.text for message in chen.ephemerals(DESK)] == ["psst"]
    assert [message.text for message in ws.history(DESK)] == ["all"]


def test_a_url_works_five_times(standin: StandIn, ws: Workspace) -> None:
    key = url_of(ws)
    assert [respond(ws, key, text="x")[0] for _ in range(6)] == [200] * 5 + [404]
    assert respond(ws, key, text="x") == (404, "used_url")


def test_a_url_expires_after_half_an_hour(standin: StandIn, ws: Workspace, clock: ManualClock) -> None:
    key = url_of(ws)
    clock.move(minutes=30)
    assert respond(ws, key, text="x")[0] == 200
    clock.move(seconds=1)
    assert respond(ws, key, text="x") == (404, "expired_url")


def test_the_original_can_be_replaced_and_deleted(ws: Workspace, public: Message) -> None:
    key = url_of(ws, public)
    assert respond(ws, key, text="done", replace_original=True)[0] == 200
    assert [message.text for message in ws.history(DESK)] == ["done"]
    respond(ws, key, delete_original=True)
    assert ws.history(DESK) == []


def test_ephemeral_messages_can_be_replaced(client: WebClient, ws: Workspace, chen: Person) -> None:
    client.chat_postEphemeral(channel=DESK, user="U0CHEN", text="a")
    respond(ws, url_of(ws, chen.ephemerals()[0]), text="b", replace_original=True)
    assert [message.text for message in chen.ephemerals()] == ["b"]


def test_a_replacement_cannot_change_the_type_of_the_message(ws: Workspace, public: Message) -> None:
    refused = respond(ws, url_of(ws, public), text="x", replace_original=True, response_type="ephemeral")
    assert refused == (400, "invalid_response_type")


def test_a_command_has_no_original_to_replace(standin: StandIn, ws: Workspace) -> None:
    assert respond(ws, url_of(ws), text="x", replace_original=True) == (400, "message_not_found")


def test_invalid_content_is_refused_without_details(standin: StandIn, ws: Workspace) -> None:
    assert respond(ws, url_of(ws), blocks=[section("")]) == (400, "invalid_blocks")
    assert respond(ws, url_of(ws)) == (400, "no_text")
    assert respond(ws, url_of(ws), text="x", thread_ts="1.0") == (400, "invalid_thread_ts")
