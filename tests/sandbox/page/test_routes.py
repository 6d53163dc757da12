"""The HTTP routes of the page: a person's screen as data, the stream of changes, files, and who may ask."""

import json
import socket
from typing import Any

import pytest
import urllib3
from slack_sdk import WebClient

from bot.sandbox import StandIn, Workspace
from bot.sandbox.client.terminal import TOKEN_HEADER
from tests.sandbox.conftest import DESK, client_of
from tests.support.control import at, control, with_token
from tests.support.manual_clock import ManualClock


def asked(standin: StandIn, desk: str, headers: dict[str, str] | None = None, **wanted: Any) -> Any:
    return control(standin.page_url, desk, headers, **wanted)


@pytest.fixture
def client(standin: StandIn) -> WebClient:
    return client_of(standin)


def test_a_screen_shows_what_its_person_may_see(standin: StandIn, ws: Workspace, client: WebClient) -> None:
    client.chat_postMessage(channel=DESK, text="for all")
    client.chat_postEphemeral(channel=DESK, user="U0CHEN", text="for Chen")
    chen, anna = (asked(standin, "screen", user=user, channel=DESK).json() for user in ("U0CHEN", "U0ANNA"))
    assert [one["text"] for one in chen["messages"]] == ["for all", "for Chen"]
    assert [one["text"] for one in anna["messages"]] == ["for all"]
    assert chen["me"]["locale"] == "zh-CN"
    assert anna["me"]["tz"] == "Europe/Berlin"
    assert {one["kind"] for one in chen["channels"]} >= {"public", "im"}


def test_a_screen_names_public_channels_and_those_of_its_person(standin: StandIn, ws: Workspace) -> None:
    ws.add_channel("C0ELSEWHERE", "elsewhere", ["U0CHEN"])
    ws.add_channel("C0SECRET", "secret", ["U0CHEN"], private=True)
    chen, anna = (asked(standin, "screen", user=user).json()["channel_names"] for user in ("U0CHEN", "U0ANNA"))
    assert (chen["C0ELSEWHERE"], anna["C0ELSEWHERE"]) == ("elsewhere", "elsewhere")
    assert chen["C0SECRET"] == "secret"
    assert "C0SECRET" not in anna


def test_unread_messages_are_counted(standin: StandIn, ws: Workspace, client: WebClient) -> None:
    def unread(user: str) -> tuple[int, int]:
        """The unread messages in the desk channel, and the unread direct messages that the list of people shows."""
        screen = asked(standin, "screen", user=user).json()
        others = asked(standin, "screen", user="U0CHEN").json()["people"]
        desk = next(one["unread"] for one in screen["channels"] if one["id"] == DESK)
        return desk, next(one["unread"] for one in others if one["id"] == user)

    sent = [client.chat_postMessage(channel=DESK, text=text)["ts"] for text in ("one", "two")]
    client.chat_postMessage(channel="U0ANNA", text="for you")
    standin.person("U0ANNA").say("my own", DESK)
    assert unread("U0ANNA") == (2, 1)
    asked(standin, "look", user="U0ANNA", channel=DESK, ts=sent[0])
    assert unread("U0ANNA") == (1, 1)
    asked(standin, "look", user="U0ANNA", channel=DESK, ts=sent[1])
    asked(standin, "look", user="U0ANNA", channel=DESK, ts=sent[0])
    assert unread("U0ANNA") == (0, 1)
    assert unread("U0CHEN") == (3, 0)


def test_looking_at_a_message_again_changes_nothing(standin: StandIn, client: WebClient, ws: Workspace) -> None:
    ts = client.chat_postMessage(channel=DESK, text="one")["ts"]
    asked(standin, "look", user="U0ANNA", channel=DESK, ts=ts)
    before = ws.state.changes
    asked(standin, "look", user="U0ANNA", channel=DESK, ts=ts)
    assert ws.state.changes == before


def test_a_channel_without_membership_is_not_shown(standin: StandIn, ws: Workspace) -> None:
    ws.add_channel("C0SECRET", "secret", ["U0ANNA"], private=True)
    screen = asked(standin, "screen", user="U0CHEN", channel="C0SECRET").json()
    assert screen["channel"] != "C0SECRET"
    assert "C0SECRET" not in {one["id"] for one in screen["channels"]}


def test_an_unknown_person_has_no_screen(standin: StandIn) -> None:
    answer = asked(standin, "screen", user="U0NOBODY")
    assert (answer.status, answer.json()["ok"]) == (200, False)


def test_every_change_is_sent_to_the_stream(standin: StandIn, client: WebClient) -> None:
    stream = urllib3.request("GET", with_token(standin.page_url, "/page/stream"), preload_content=False, retries=False)
    words = stream.read_chunked()
    first = next(words)
    client.chat_postMessage(channel=DESK, text="news")
    second = next(words)
    stream.close()
    told = [int(text.decode().removeprefix("data: ")) for text in (first, second)]
    assert told[1] > told[0]


def test_the_page_loads_nothing_from_elsewhere(standin: StandIn) -> None:
    page = urllib3.request("GET", standin.page_url, retries=False)
    assert page.status == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    text = page.data.decode()
    assert "http://" not in text
    assert "https://" not in text


def test_requests_from_other_origins_are_refused(standin: StandIn) -> None:
    assert asked(standin, "screen", {"Origin": "https://evil.example"}, user="U0CHEN").status == 403
    assert asked(standin, "screen", {"Origin": standin.base_url}, user="U0CHEN").status == 200
    for origin in ("null", "", standin.base_url.replace("http", "https"), standin.base_url + "0"):
        assert asked(standin, "screen", {"Origin": origin}, user="U0CHEN").status == 403
    assert urllib3.request("GET", with_token(standin.page_url, "/sandbox/redeliver"), retries=False).status == 405


@pytest.mark.parametrize("path", ["/sandbox/screen", "/api/auth.test", "/response/x", "/upload/v1/F1"])
def test_no_other_page_sends_anything(standin: StandIn, path: str) -> None:
    """The token does not help it, nor a name that was made to lead here."""
    url = with_token(standin.page_url, path)
    port = standin.base_url.rpartition(":")[2]
    for status, headers in (
        (403, {"Origin": "https://evil.example"}),
        (400, {"Host": "evil.example"}),
        (400, {"Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}"}),
        (400, {"Host": f"127.0.0.1.evil.example:{port}"}),
        (400, {"Host": "[127.0.0.1"}),
        (400, {"Host": "192.168.0.1"}),
    ):
        assert urllib3.request("POST", url, json={}, headers=headers, retries=False).status == status


@pytest.mark.parametrize("token", ["", "wrong", "ä"])
def test_what_is_private_needs_the_token(standin: StandIn, ws: Workspace, token: str) -> None:
    file = ws.files.put("a.png", b"\x89PNG", "U0CHEN")
    refused = asked(standin, "screen", {TOKEN_HEADER: token}, user="U0CHEN")
    assert (refused.status, refused.json()["error"]) == (403, "WrongToken")
    for path in ("/page/stream", f"/page/files/{file.id}"):
        url = at(standin.page_url, path)
        assert urllib3.request("GET", url, fields={"token": token}, retries=False).status == 403


def test_each_start_has_a_token_of_its_own(standin: StandIn, clock: ManualClock) -> None:
    with StandIn(Workspace(clock=clock.now)) as other:
        assert other.page_url.partition("?")[2] != standin.page_url.partition("?")[2]


def test_beyond_this_machine_only_addresses_and_its_own_name_lead_here(ws: Workspace) -> None:
    with StandIn(ws, "0.0.0.0") as standin:
        for status, name in (
            (200, "192.168.0.7:80"),
            (200, socket.gethostname()),
            (200, "[::1]"),
            (400, "evil.example"),
        ):
            assert asked(standin, "screen", {"Host": name}, user="U0CHEN").status == status, name


def test_uploaded_files_are_never_run(standin: StandIn, ws: Workspace) -> None:
    script = ws.files.put("x.html", b"<script>alert(1)</script>", "U0CHEN")
    picture = ws.files.put("a.png", b"\x89PNG", "U0CHEN")
    shown = {
        one.id: urllib3.request("GET", with_token(standin.page_url, f"/page/files/{one.id}"))
        for one in (script, picture)
    }
    assert shown[script.id].headers["Content-Disposition"] == "attachment"
    assert shown[script.id].headers["Content-Type"] == "application/octet-stream"
    assert shown[picture.id].headers["Content-Type"] == "image/png"
    assert urllib3.request("GET", with_token(standin.page_url, "/page/files/F0NONE")).status == 404


def test_the_failures_ahead_are_listed(standin: StandIn, ws: Workspace) -> None:
    asked(standin, "inject-failure", failure="outage", times=3, status=500)
    asked(standin, "inject-failure", failure="slow", seconds=0.01)
    asked(standin, "inject-failure", failure="outage", times=None)
    assert asked(standin, "screen", user="U0CHEN").json()["failures"] == [
        {"kind": "slow", "seconds": 0.01},
        {"kind": "outage", "times": 3},
        {"kind": "outage", "times": None},
    ]
    asked(standin, "inject-failure", failure="clear")
    assert asked(standin, "screen", user="U0CHEN").json()["failures"] == []


def test_a_redelivery_before_any_request_is_refused(standin: StandIn) -> None:
    answer = asked(standin, "redeliver")
    assert json.loads(answer.data)["detail"] == "nothing was sent yet"


def test_reading_the_screen_changes_nothing(standin: StandIn) -> None:
    first = asked(standin, "screen", user="U0CHEN").json()["changes"]
    assert {asked(standin, "screen", user="U0CHEN").json()["changes"] for _ in range(3)} == {first}
