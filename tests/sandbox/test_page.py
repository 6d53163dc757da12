"""The page's addresses: a person's screen as data, the stream of changes, files, and who may ask."""

import json
from typing import Any

import pytest
import urllib3
from slack_sdk import WebClient

from bot.sandbox import StandIn, Workspace
from tests.sandbox.conftest import DESK, client_of


def asked(standin: StandIn, desk: str, headers: dict[str, str] | None = None, **wanted: Any) -> Any:
    return urllib3.request("POST", f"{standin.base_url}/sandbox/{desk}", json=wanted, headers=headers, retries=False)


@pytest.fixture
def client(standin: StandIn) -> WebClient:
    return client_of(standin)


def test_a_screen_is_one_persons(standin: StandIn, ws: Workspace, client: WebClient) -> None:
    client.chat_postMessage(channel=DESK, text="for all")
    client.chat_postEphemeral(channel=DESK, user="U0CHEN", text="for Chen")
    chen, anna = (asked(standin, "screen", user=user, channel=DESK).json() for user in ("U0CHEN", "U0ANNA"))
    assert [one["text"] for one in chen["messages"]] == ["for all", "for Chen"]
    assert [one["text"] for one in anna["messages"]] == ["for all"]
    assert chen["me"]["locale"] == "zh-CN"
    assert anna["me"]["tz"] == "Europe/Berlin"
    desk = next(one for one in chen["channels"] if one["id"] == DESK)
    assert desk["others"] == [one["ts"] for one in chen["messages"]]
    assert {one["kind"] for one in chen["channels"]} >= {"public", "im"}


def test_a_channel_that_one_is_not_in_is_not_shown(standin: StandIn, ws: Workspace) -> None:
    ws.add_channel("C0SECRET", "secret", ["U0ANNA"], private=True)
    screen = asked(standin, "screen", user="U0CHEN", channel="C0SECRET").json()
    assert screen["channel"] != "C0SECRET"
    assert "C0SECRET" not in {one["id"] for one in screen["channels"]}


def test_somebody_unknown_has_no_screen(standin: StandIn) -> None:
    answer = asked(standin, "screen", user="U0NOBODY")
    assert (answer.status, answer.json()["ok"]) == (400, False)


def test_every_change_is_told(standin: StandIn, client: WebClient) -> None:
    stream = urllib3.request("GET", f"{standin.base_url}/page/stream", preload_content=False, retries=False)
    words = stream.read_chunked()
    first = next(words)
    client.chat_postMessage(channel=DESK, text="news")
    second = next(words)
    stream.close()
    told = [int(text.decode().removeprefix("data: ")) for text in (first, second)]
    assert told[1] > told[0]


def test_the_page_runs_nothing_from_elsewhere(standin: StandIn) -> None:
    page = urllib3.request("GET", f"{standin.base_url}/", retries=False)
    assert page.status == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    text = page.data.decode()
    assert "http://" not in text
    assert "https://" not in text


def test_pages_of_the_internet_cannot_act(standin: StandIn) -> None:
    assert asked(standin, "screen", {"Origin": "https://evil.example"}, user="U0CHEN").status == 403
    assert asked(standin, "screen", {"Origin": standin.base_url}, user="U0CHEN").status == 200
    assert urllib3.request("GET", f"{standin.base_url}/sandbox/redeliver", retries=False).status == 405
    rebound = asked(standin, "screen", {"Host": "evil.example"}, user="U0CHEN")
    assert rebound.status == 400


def test_files_of_people_are_never_run(standin: StandIn, ws: Workspace) -> None:
    script = ws.files.put("x.html", b"<script>alert(1)</script>", "U0CHEN")
    picture = ws.files.put("a.png", b"\x89PNG", "U0CHEN")
    shown = {one.id: urllib3.request("GET", f"{standin.base_url}/page/files/{one.id}") for one in (script, picture)}
    assert shown[script.id].headers["Content-Disposition"] == "attachment"
    assert shown[script.id].headers["Content-Type"] == "application/octet-stream"
    assert shown[picture.id].headers["Content-Type"] == "image/png"
    assert urllib3.request("GET", f"{standin.base_url}/page/files/F0NONE").status == 404


def test_troubles_ahead_are_told(standin: StandIn, ws: Workspace) -> None:
    asked(standin, "bad-days", trouble="outage", times=3, status=500)
    asked(standin, "bad-days", trouble="slow", seconds=0.01)
    assert asked(standin, "screen", user="U0CHEN").json()["troubles"] == ["slow 0.01 s", "outage × 3"]
    asked(standin, "bad-days", trouble="clear")
    assert asked(standin, "screen", user="U0CHEN").json()["troubles"] == []


def test_nothing_was_sent_yet(standin: StandIn) -> None:
    answer = asked(standin, "redeliver")
    assert (answer.status, json.loads(answer.data)["detail"]) == (400, "nothing was sent yet")


def test_looking_changes_nothing(standin: StandIn) -> None:
    first = asked(standin, "screen", user="U0CHEN").json()["changes"]
    assert {asked(standin, "screen", user="U0CHEN").json()["changes"] for _ in range(3)} == {first}
