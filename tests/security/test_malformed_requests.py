"""Malformed requests to the running bot: each gets a status of 4xx and one line in the log, without its content."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.i18n.translator import translator
from bot.workflow import refusals as no
from tests.slack.conftest import module_team, steady
from tests.support.logged import Logged
from tests.support.property_examples import examples
from tests.support.raw_requests import FORM, GONE, JSON, Reply, command, payload, send
from tests.support.team import CHEN, DESK, Team

__all__ = ["module_team", "steady"]
SECRET_WORDS = "secret-words"
DEEP = 100_000


def press(**changed: Any) -> dict[str, Any]:
    """A press of a button, as Slack sends it."""
    action = {"type": "button", "action_id": "triage", "block_id": SECRET_WORDS, "value": "{}", "action_ts": "1.1"}
    return {
        "type": "block_actions",
        "team": {"id": "T0SANDBOX", "domain": "sandbox"},
        "user": {"id": CHEN, "name": "chen.jing", "team_id": "T0SANDBOX"},
        "api_app_id": "A0SANDBOX",
        "token": "t",
        "trigger_id": "1.2.3",
        "actions": [action],
        "container": {"type": "message", "message_ts": "1.1", "channel_id": DESK, "is_ephemeral": False},
        "channel": {"id": DESK},
        **changed,
    }


def submission() -> dict[str, Any]:
    """A form that was sent, as Slack sends it."""
    view = {
        "id": "V1",
        "type": "modal",
        "hash": "1.a",
        "callback_id": "comment",
        "private_metadata": '{"case": 1, "version": 1}',
        "blocks": [{"type": "input", "block_id": "text", "element": {"type": "plain_text_input"}}],
        "state": {"values": {"text": {"text": {"type": "plain_text_input", "value": SECRET_WORDS}}}},
    }
    return press(type="view_submission", view=view)


def event(**inner: Any) -> dict[str, Any]:
    """An event, as Slack sends it."""
    return {
        "type": "event_callback",
        "team_id": "T0SANDBOX",
        "api_app_id": "A0SANDBOX",
        "event_id": "Ev1",
        "event": {"type": "app_home_opened", "user": CHEN, "tab": "home", "channel": "D1", **inner},
    }


def dropped(**more: Any) -> dict[str, Any]:
    """What Slack says of events that it dropped."""
    return {"type": "app_rate_limited", "token": "t", "team_id": "T0SANDBOX", "api_app_id": "A0SANDBOX", **more}


def without(content: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != name}


UNSIGNED: dict[str, dict[str, str]] = {
    "a timestamp of 400 digits": {"X-Slack-Request-Timestamp": "9" * 400},
    "a timestamp of 13 digits": {"X-Slack-Request-Timestamp": "1" * 13},
    "a timestamp in words": {"X-Slack-Request-Timestamp": SECRET_WORDS},
    "a broken number": {"X-Slack-Request-Timestamp": "1e9"},
    "no timestamp": {"X-Slack-Request-Timestamp": GONE},
    "no signature": {"X-Slack-Signature": GONE},
    "a signature in words": {"X-Slack-Signature": "ä" + SECRET_WORDS},
    "a signature of zeros": {"X-Slack-Signature": "v0=" + "0" * 64},
    "a long signature": {"X-Slack-Signature": "v0=" + "0" * 20_000},
}
SIGNED: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", FORM),
    "no JSON": (f"{{{SECRET_WORDS}", JSON),
    "JSON nested 100,000 deep": ("[" * DEEP + "]" * DEEP, JSON),
    "objects nested 100,000 deep": ('{"a":' * DEEP + "1" + "}" * DEEP, JSON),
    "an interaction nested 100,000 deep": (f"payload={'[' * DEEP}{']' * DEEP}", FORM),
    "a number of 5,000 digits": (f'{{"type": {"9" * 5000}}}', JSON),
    "no UTF-8": (b'{"type": "\xff\xfe"}', JSON),
    "a form that is no UTF-8": (b"command=\xff&user_id=U0CHEN", FORM),
    "a form that hides no UTF-8": ("command=%ff%fe&user_id=U0CHEN", FORM),
    "UTF-16": (json.dumps(event()).encode("utf-16")[:-1], JSON),
    "a form of a million fields": ("a&" * 1_000_000, FORM),
    "an interaction that is not closed": ("payload=%7B", FORM),
    "an interaction of no words": ("payload=", FORM),
    "an interaction that is a list": (payload([]), FORM),
    "an interaction that is a number": (payload(5), FORM),
    "an interaction that is a word": (payload(SECRET_WORDS), FORM),
    "an interaction that is null": (payload(None), FORM),
    "no type of an interaction": (payload(without(press(), "type")), FORM),
    "a type that is a number": (payload(press(type=5)), FORM),
    "a type that is empty": (payload(press(type="")), FORM),
    "no user": (payload(without(press(), "user")), FORM),
    "nobody": (payload(press(user=None)), FORM),
    "a user without an id": (payload(press(user={})), FORM),
    "a user whose id is a list": (payload(press(user={"id": [SECRET_WORDS]})), FORM),
    "empty actions": (payload(press(actions=[])), FORM),
    "a view of no type": (
        payload({**press(type="view_submission"), "view": {"id": "V1", "callback_id": "triage"}}),
        FORM,
    ),
    "a command of nobody": ("command=%2Ffault&text=secret-words", FORM),
    "a user without a command": (f"user_id={CHEN}", FORM),
    "an event that is a list": ("[]", JSON),
    "an event that is null": ("null", JSON),
    "an event of no type": ("{}", JSON),
    "no event": (json.dumps(without(event(), "event")), JSON),
    "an empty event": (json.dumps({**event(), "event": {}}), JSON),
    "an event that is a word": (json.dumps({**event(), "event": SECRET_WORDS}), JSON),
    "events were dropped, and nobody knows when": (json.dumps(dropped()), JSON),
    "events were dropped in words": (json.dumps(dropped(minute_rate_limited=SECRET_WORDS)), JSON),
    "events were dropped in a list": (json.dumps(dropped(minute_rate_limited=[])), JSON),
    "events were dropped before 1970": (json.dumps(dropped(minute_rate_limited=-60)), JSON),
    "events were dropped in no year": (json.dumps(dropped(minute_rate_limited=10**30)), JSON),
    "no challenge": ('{"type": "url_verification"}', JSON),
    "a challenge that is half an emoji": (r'{"type": "url_verification", "challenge": "\ud83d"}', JSON),
    "XML": ("<xml/>", "text/xml"),
    "no content type": ("payload=%7B%7D", ""),
    "a content type that only resembles one": (json.dumps(event()), "application/jsonp"),
    "a form in parts": (f"--x\r\n\r\n{SECRET_WORDS}\r\n--x--", "multipart/form-data; boundary=x"),
}


def is_refused(reply: Reply, logged: Logged, status: int) -> None:
    assert reply.status == status
    [line] = logged.lines
    assert (line["event"], line["level"]) == ("request.refused", "warning")
    assert len(json.dumps(line)) < 300
    for text in (logged.text, reply.text):
        assert SECRET_WORDS not in text
        assert "Traceback" not in text


@pytest.mark.parametrize("headers", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_a_request_that_is_not_signed_is_refused(logged: Logged, steady: Team, headers: dict[str, str]) -> None:
    is_refused(send(steady, command(steady, SECRET_WORDS), headers=headers), logged, 401)


@pytest.mark.parametrize(("body", "content_type"), SIGNED.values(), ids=SIGNED.keys())
def test_a_signed_request_that_is_malformed_is_refused(
    logged: Logged, steady: Team, body: str | bytes, content_type: str
) -> None:
    is_refused(send(steady, body, content_type), logged, 400)


def test_half_an_emoji_in_a_form_is_refused_at_its_field(logged: Logged, steady: Team) -> None:
    form = submission()
    form["view"] |= {
        "callback_id": "report",
        "private_metadata": "{}",
        "blocks": [{"type": "input", "block_id": "summary", "element": {"type": "plain_text_input"}}],
        "state": {"values": {"summary": {"summary": {"type": "plain_text_input", "value": "billing \ud83d"}}}},
    }
    reply = send(steady, payload(form), FORM)
    assert json.loads(reply.text)["errors"] == {"summary": translator("zh-CN", None).refusal(no.HalfCharacter())}
    assert logged.lines == []


# Properties

#: What may stand where something else is expected.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", SECRET_WORDS, "\ud83d", "\x00", [], {}, [[]], [None], {"id": None}, 2**70, "9" * 5000]),
)


def places(content: Any, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths to everything in a JSON value."""
    inner = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in inner:
        yield (*here, key)
        yield from places(value, (*here, key))


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str | bytes, str]:
    """A request of Slack in which something is missing or has another type, or with bytes that are lost or added."""
    content = deepcopy(
        draw(st.sampled_from([press(), submission(), event(), dropped(minute_rate_limited=1_763_346_000)]))
    )
    for _ in range(draw(st.integers(0, 2))):
        *path, last = draw(st.sampled_from(sorted(places(content), key=str)))
        inner: Any = content
        for key in path:
            inner = inner[key]
        if draw(st.booleans()):
            inner[last] = deepcopy(draw(ODD))  # a second damage may change it
        else:
            del inner[last]
    is_event = "actions" not in content
    raw = (json.dumps(content) if is_event else payload(content)).encode()
    if draw(st.booleans()):
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + draw(st.binary(max_size=4)) + raw[at + draw(st.integers(0, 20)) :]
    return raw, draw(st.sampled_from([JSON if is_event else FORM, JSON, FORM, "text/plain"]))


@settings(
    max_examples=examples(50),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(request=damaged())
def test_whatever_is_damaged_the_bot_has_no_error(
    logged: Logged, steady: Team, request: tuple[str | bytes, str]
) -> None:
    """It is refused, or answered as far as it can be understood."""
    before = len(logged.lines)
    reply = send(steady, *request)
    lines = logged.lines[before:]  # some of them are of earlier requests, on which work goes on after the answer
    assert reply.status in (200, 400, 403)
    malformed = [line for line in lines if (line["event"], line.get("reason")) == ("request.refused", "malformed")]
    assert len(malformed) == (reply.status == 400)
    assert SECRET_WORDS not in json.dumps(lines)
    assert "Traceback" not in reply.text
