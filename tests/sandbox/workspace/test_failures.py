"""Failures on demand: every way in which the stand-in fails as Slack does."""

import http.client
import time
import urllib.error
from datetime import timedelta

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox import StandIn, Workspace
from tests.sandbox.conftest import DESK, refusal
from tests.support.manual_clock import ManualClock

BROKEN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


def test_a_rate_limit_refuses_with_retry_after(client: WebClient, ws: Workspace) -> None:
    ws.failures.rate_limit("chat.postMessage", times=2, retry_after=7)
    for _ in range(2):
        refused = refusal(client.chat_postMessage, channel=DESK, text="x")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert client.chat_postMessage(channel=DESK, text="x")["ok"]


def test_an_outage_answers_without_json(client: WebClient, ws: Workspace) -> None:
    ws.failures.outage("auth.test", status=503)
    with pytest.raises(SlackApiError, match="non-JSON") as refused:
        client.auth_test()
    assert refused.value.response.status_code == 503
    assert client.auth_test()["ok"]


def test_a_refusal_can_be_limited_to_one_channel_until_it_is_cleared(client: WebClient, ws: Workspace) -> None:
    ws.failures.refuse("chat.postMessage", "restricted_action", times=None, channel=DESK)
    for _ in range(2):
        refused = refusal(client.chat_postMessage, channel=DESK, text="x")
        assert refused["error"] == "restricted_action"
    assert client.chat_postMessage(channel="C0OUT", text="x")["ok"]
    ws.failures.clear()
    assert client.chat_postMessage(channel=DESK, text="x")["ok"]


def test_a_refusal_can_be_limited_to_one_person(client: WebClient, ws: Workspace) -> None:
    ws.failures.refuse("chat.postMessage", "fatal_error", times=None, user="U0CHEN")
    direct = ws.direct("U0CHEN").id
    for place in ("U0CHEN", direct):
        assert refusal(client.chat_postMessage, channel=place, text="x")["error"] == "fatal_error"
    assert client.chat_postMessage(channel="U0ANNA", text="x")["ok"]


def test_a_reset_connection_has_no_effect(client: WebClient, ws: Workspace) -> None:
    ws.failures.reset("chat.postMessage")
    with pytest.raises(BROKEN):
        client.chat_postMessage(channel=DESK, text="x")
    assert ws.history(DESK) == []


def test_a_call_whose_answer_is_lost_has_its_effect(client: WebClient, ws: Workspace) -> None:
    ws.failures.lose_answer("chat.postMessage")
    with pytest.raises(BROKEN):
        client.chat_postMessage(channel=DESK, text="x")
    assert [message.text for message in ws.history(DESK)] == ["x"]


def test_a_call_whose_answer_is_cut_off_has_its_effect(client: WebClient, ws: Workspace) -> None:
    ws.failures.cut_answer("chat.postMessage")
    with pytest.raises(http.client.IncompleteRead):
        client.chat_postMessage(channel=DESK, text="x")
    assert [message.text for message in ws.history(DESK)] == ["x"]


def test_a_call_can_have_its_effect_late(client: WebClient, ws: Workspace, clock: ManualClock) -> None:
    ws.failures.take_late("chat.postMessage", after_seconds=15)
    with pytest.raises(BROKEN):
        client.chat_postMessage(channel=DESK, text="late")
    clock.advance(timedelta(seconds=14))
    assert ws.history(DESK) == []
    clock.advance(timedelta(seconds=1))
    assert [message.text for message in ws.history(DESK)] == ["late"]
    client.chat_postMessage(channel=DESK, text="next")
    assert [message.text for message in ws.history(DESK)] == ["late", "next"]


def test_several_calls_can_have_their_effects_at_once(client: WebClient, ws: Workspace, clock: ManualClock) -> None:
    for text in ("one", "two", "three"):
        ws.failures.take_late("chat.postMessage", after_seconds=15)
        with pytest.raises(BROKEN):
            client.chat_postMessage(channel=DESK, text=text)
    clock.advance(timedelta(seconds=15))
    ws.failures.slow(0)  # any change performs what is due
    assert [message.text for message in ws.history(DESK)] == ["one", "two", "three"]


def test_a_late_effect_that_is_refused_leaves_no_trace(client: WebClient, ws: Workspace, clock: ManualClock) -> None:
    ws.failures.take_late("chat.postMessage", after_seconds=15)
    with pytest.raises(BROKEN):
        client.chat_postMessage(channel=DESK, text="late")
    ws.channels.change(DESK, archived=True)
    clock.advance(timedelta(seconds=15))
    assert ws.history(DESK) == []


def test_a_call_that_hangs_times_out(standin: StandIn, ws: Workspace) -> None:
    ws.failures.hang("auth.test", seconds=20)
    impatient = WebClient(ws.bot_token, base_url=standin.url, timeout=1, retry_handlers=[])
    with pytest.raises(BROKEN):
        impatient.auth_test()


def test_a_slow_call_takes_its_time(client: WebClient, ws: Workspace) -> None:
    ws.failures.slow(0.2)
    started = time.monotonic()
    client.auth_test()
    assert time.monotonic() - started >= 0.2
