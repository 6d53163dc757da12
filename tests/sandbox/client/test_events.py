"""Events: what people write and open, and how Slack retries."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import Ack, App

from bot.sandbox import Delivery, Person, StandIn, Workspace
from tests.sandbox.conftest import DESK


@pytest.fixture
def heard(app: App) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for kind in ("message", "app_mention", "app_home_opened", "member_joined_channel", "app_uninstalled"):

        @app.event(kind)
        def hear(body: dict[str, Any]) -> None:
            events.append(body)

    return events


def test_messages_carry_tokens_and_escapes(chen: Person, heard: list[dict[str, Any]]) -> None:
    chen.say("a<b & @anna, see #service-desk and https://x.test", DESK)
    text = "a&lt;b &amp; <@U0ANNA>, see <#C0DESK|service-desk> and <https://x.test>"
    assert heard[0]["event"]["text"] == text
    assert heard[0]["event"]["channel_type"] == "channel"


def test_messages_carry_rich_text(chen: Person, ws: Workspace) -> None:
    typed = "hello *world* _it_ :tada: https://example.com @here @Anna Berg #service-desk `*x*` 3*4*5 at 10:30:00"
    (block,) = chen.say(typed, DESK).blocks
    (section,) = block["elements"]
    assert [item for item in section["elements"] if item.get("text") != " "] == [
        {"type": "text", "text": "hello "},
        {"type": "text", "text": "world", "style": {"bold": True}},
        {"type": "text", "text": "it", "style": {"italic": True}},
        {"type": "emoji", "name": "tada"},
        {"type": "link", "url": "https://example.com"},
        {"type": "broadcast", "range": "here"},
        {"type": "user", "user_id": "U0ANNA"},
        {"type": "channel", "channel_id": DESK},
        {"type": "text", "text": "*x*", "style": {"code": True}},
        {"type": "text", "text": " 3*4*5 at 10:30:00"},
    ]
    assert {"@here", "U0ANNA"} <= ws.pings(ws.history(DESK)[-1])


def test_quotes_and_code_are_separate_parts(chen: Person) -> None:
    (block,) = chen.say("he said\n> no *way*\n> never\n```x < *y*```\nso", DESK).blocks
    kinds = [part["type"].removeprefix("rich_text_") for part in block["elements"]]
    assert kinds == ["section", "quote", "preformatted", "section"]
    assert block["elements"][2]["elements"] == [{"type": "text", "text": "x < *y*"}]


def test_a_name_in_two_scripts_is_found_by_either(chen: Person) -> None:
    assert chen.say("@Chen Jing @陈静 @Chen Jing 陈静", DESK).text == "<@U0CHEN> <@U0CHEN> <@U0CHEN>"


def test_a_mention_sends_two_events(chen: Person, heard: list[dict[str, Any]]) -> None:
    chen.say("<@U0BOT> hello", DESK)
    assert [body["event"]["type"] for body in heard] == ["app_mention", "message"]
    assert heard[0]["event"]["ts"] == heard[1]["event"]["ts"]


def test_direct_messages_home_and_joining_send_events(
    chen: Person, standin: StandIn, heard: list[dict[str, Any]]
) -> None:
    chen.say("help")
    chen.open_home()
    standin.person("U0FAR").join(DESK)
    standin.send_event({"type": "app_uninstalled"})
    assert [body["event"]["type"] for body in heard] == [
        "message",
        "app_home_opened",
        "member_joined_channel",
        "app_uninstalled",
    ]
    assert heard[0]["event"]["channel_type"] == "im"
    assert len({body["event_id"] for body in heard}) == 4


def test_no_event_is_sent_from_a_channel_without_the_bot(chen: Person, heard: list[dict[str, Any]]) -> None:
    chen.say("secret", "C0OUT")
    assert heard == []


def test_a_failed_event_is_retried_three_times(chen: Person, ws: Workspace, app: App) -> None:
    tries: list[tuple[str, Any, Any]] = []
    delays: list[float] = []
    waiting: list[Callable[[], None]] = []

    def later(seconds: float, call: Callable[[], None]) -> None:
        delays.append(seconds)
        waiting.append(call)

    ws.scheduler = later

    @app.middleware
    def note(req: Any, body: dict[str, Any], next: Callable[[], None]) -> None:
        retry = [req.headers.get(f"x-slack-retry-{name}", [None])[0] for name in ("num", "reason")]
        tries.append((body["event_id"], *retry))

    chen.say("hello")
    while waiting:
        waiting.pop(0)()
    assert delays == [0, 60, 300]
    assert [number for _, number, _ in tries] == [None, "1", "2", "3"]
    assert {reason for _, _, reason in tries[1:]} == {"http_error"}
    assert len({event_id for event_id, _, _ in tries}) == 1


def test_url_verification_returns_the_challenge(standin: StandIn, app: App) -> None:
    challenge = {"type": "url_verification", "token": "t", "challenge": "c"}
    answer = standin.transport.send(Delivery("events_api", "url_verification", challenge))
    assert answer.body == {"challenge": "c"}


def test_a_redelivered_event_has_retry_headers(ws: Workspace, chen: Person, app: App) -> None:
    headers: list[Any] = []

    @app.event("app_home_opened")
    def opened(req: Any, ack: Ack) -> None:
        headers.append(req.headers.get("x-slack-retry-num"))

    answer = chen.open_home()
    assert answer is not None
    chen.redeliver(answer)
    assert headers == [None, ["1"]]
