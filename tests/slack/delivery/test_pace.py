"""The pace of about one message a second in each channel, and the meaning of Slack's refusals."""

import json
from datetime import timedelta
from http.client import RemoteDisconnected
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.slack.delivery.failures import BACKOFF, FailureAction, classify
from bot.slack.delivery.pace import Pace
from storage import outbox
from tests.support.manual_clock import ManualClock

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pace(clock: ManualClock) -> Pace:
    return Pace(SECOND, clock.ticks)


def test_a_channel_is_busy_for_a_second_after_each_message(clock: ManualClock, pace: Pace) -> None:
    assert pace.waits() == {}
    pace.posted("C1")
    assert pace.waits() == {"C1": SECOND}, "another channel is free"
    clock.advance(SECOND)
    assert pace.waits() == {}


def test_a_channel_stays_on_hold_until_the_longest_wait_is_over(clock: ManualClock, pace: Pace) -> None:
    pace.hold("C1", 30 * SECOND)
    pace.hold("C1", 5 * SECOND)
    pace.posted("C1")
    assert pace.waits() == {"C1": 30 * SECOND}, "a shorter wait does not replace a longer one"
    clock.advance(30 * SECOND)
    assert pace.waits() == {}


def error(status: int, data: Any, **headers: str) -> SlackApiError:
    response = SlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers, status_code=status
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


@pytest.mark.parametrize("header", ["Retry-After", "retry-after", "RETRY-AFTER"])
def test_the_wait_is_the_retry_after_of_slack(header: str) -> None:
    failure = classify(error(429, {"ok": False, "error": "ratelimited"}, **{header: "17"}), 1)
    assert (failure.action, failure.wait, failure.limited, failure.uncertain) == (
        FailureAction.RETRY,
        17 * SECOND,
        True,
        False,
    )


def test_no_wait_is_longer_than_an_hour() -> None:
    assert classify(error(429, {}, **{"Retry-After": "999999"}), 1).wait == outbox.MAX_RETRY_DELAY


@pytest.mark.parametrize("header", ["", "soon", "-1"])
def test_a_rate_limit_without_a_number_waits_for_the_backoff(header: str) -> None:
    assert classify(error(429, {}, **{"Retry-After": header}), 2).wait == BACKOFF[1] * SECOND


@pytest.mark.parametrize(
    "caught",
    [
        error(500, "<html>"),
        error(503, ""),
        error(200, {"ok": False, "error": "internal_error"}),
        error(200, {"ok": False, "error": "fatal_error"}),
        error(200, {"ok": False, "error": "service_unavailable"}),
        error(200, {"ok": False, "error": "request_timeout"}),
        RemoteDisconnected(""),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
    ids=repr,
)
def test_temporary_failures_are_retried_and_may_have_arrived(caught: Exception) -> None:
    failure = classify(caught, 1)
    assert (failure.action, failure.uncertain) == (FailureAction.RETRY, True)


@pytest.mark.parametrize("reason", ["invalid_auth", "token_revoked", "account_inactive"])
def test_a_lost_access_is_retried_and_nothing_has_arrived(reason: str) -> None:
    failure = classify(error(200, {"ok": False, "error": reason}), 1)
    assert (failure.action, failure.uncertain) == (FailureAction.RETRY, False)


@pytest.mark.parametrize("reason", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_message_that_can_no_longer_be_edited_is_posted_again(reason: str) -> None:
    assert classify(error(200, {"ok": False, "error": reason}), 1).action is FailureAction.POST_ANEW


@pytest.mark.parametrize("reason", ["channel_not_found", "is_archived", "invalid_blocks", "never_heard_of"])
def test_other_refusals_are_given_up(reason: str) -> None:
    failure = classify(error(200, {"ok": False, "error": reason}), 1)
    assert (failure.action, failure.reason) == (FailureAction.GIVE_UP, reason)


def test_the_backoff_grows_up_to_one_minute() -> None:
    waits = [classify(TimeoutError(), attempts).wait for attempts in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[0] == SECOND
    assert waits[-1] == waits[-2] == 60 * SECOND
    assert json.dumps(BACKOFF)
