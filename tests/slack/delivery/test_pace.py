"""The pace of about one message a second in each channel, and the meaning of Slack's refusals."""

import json
from datetime import timedelta
from email.message import Message
from http.client import RemoteDisconnected
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.slack.delivery.pace import Pace
from bot.slack.failures import BACKOFF, FailureAction, classify, is_away, may_have_arrived, own_error
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


def test_limits_of_several_channels_pause_all_until_the_first_is_over(clock: ManualClock, pace: Pace) -> None:
    pace.limited("C1", 30 * SECOND)
    assert (pace.waits(), pace.pause()) == ({"C1": 30 * SECOND}, timedelta()), "another channel is free"
    pace.limited("C2", 10 * SECOND)
    assert pace.pause() == 10 * SECOND
    clock.advance(10 * SECOND)
    assert pace.pause() == timedelta()
    assert pace.waits() == {"C1": 20 * SECOND}


def error(status: int, data: Any, **headers: str) -> SlackApiError:
    response = SlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers, status_code=status
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


@pytest.mark.parametrize("header", ["Retry-After", "retry-after", "RETRY-AFTER"])
def test_the_wait_is_the_retry_after_of_slack(header: str) -> None:
    failure = classify(error(429, {"ok": False, "error": "ratelimited"}, **{header: "17"}), 1)
    assert (failure.action, failure.wait, failure.limited) == (FailureAction.RETRY, 17 * SECOND, True)


def test_no_wait_is_longer_than_an_hour() -> None:
    assert classify(error(429, {}, **{"Retry-After": "999999"}), 1).wait == outbox.MAX_RETRY_DELAY


@pytest.mark.parametrize("header", ["", "soon", "-1"])
def test_a_rate_limit_without_a_number_waits_for_the_backoff(header: str) -> None:
    failure = classify(error(429, {}, **{"Retry-After": header}), 2, chance=lambda: 0.5)
    assert failure.wait == BACKOFF[1] * SECOND


@pytest.mark.parametrize(
    "caught",
    [
        error(403, {"ok": False, "error": "channel_not_found"}),
        error(200, {"ok": False, "error": "never_heard_of"}),
        HTTPError("", 404, "", Message(), None),
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
    assert classify(caught, 1).action is FailureAction.RETRY
    assert may_have_arrived(caught)


@pytest.mark.parametrize("status", [200, 301, 403, 404, 408, 409, 500, 503])
def test_a_page_of_a_proxy_says_nothing_of_the_message(status: int) -> None:
    quoted = {"ok": False, "error": "Received a response in a non-JSON format: <html>"}  # as Slack's client does
    for page in (error(status, "<html>"), error(status, quoted)):
        failure = classify(page, 1)
        assert (failure.action, failure.reason, may_have_arrived(page)) == (FailureAction.RETRY, f"http_{status}", True)
        assert is_away(page)


ACCESS = (
    "invalid_auth",
    "token_revoked",
    "account_inactive",
    "accesslimited",
    "access_denied",
    "org_login_required",
    "ekm_access_denied",
    "team_added_to_org",
    "no_permission",
)


@pytest.mark.parametrize("reason", ACCESS)
def test_a_lost_access_is_retried_and_nothing_has_arrived(reason: str) -> None:
    refused = error(200, {"ok": False, "error": reason})
    assert (classify(refused, 1).action, may_have_arrived(refused)) == (FailureAction.RETRY, False)


@pytest.mark.parametrize("reason", [ConnectionRefusedError(), TimeoutError(), OSError("Tunnel connection failed: 503")])
def test_a_request_that_was_not_sent_is_retried_and_has_not_arrived(reason: OSError) -> None:
    unsent = URLError(reason)
    assert (classify(unsent, 1).action, may_have_arrived(unsent)) == (FailureAction.RETRY, False)


@pytest.mark.parametrize("answer", [(429, "<html>"), (429, {"ok": False, "error": "ratelimited"})])
def test_a_rate_limited_message_has_not_arrived(answer: tuple[int, Any]) -> None:
    assert not may_have_arrived(error(*answer))


@pytest.mark.parametrize("reason", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_message_that_can_no_longer_be_edited_is_posted_again(reason: str) -> None:
    assert classify(error(200, {"ok": False, "error": reason}), 1).action is FailureAction.POST_ANEW


@pytest.mark.parametrize(
    "reason",
    [
        *("channel_not_found", "is_archived", "restricted_action_thread_locked", "posting_to_channel_denied"),
        *("invalid_blocks", "missing_scope", "file_uploads_disabled", "slack_connect_file_upload_sharing_blocked"),
    ],
)
def test_a_refusal_of_the_message_or_its_target_is_given_up(reason: str) -> None:
    failure = classify(error(200, {"ok": False, "error": reason}), 1)
    assert (failure.action, failure.reason) == (FailureAction.GIVE_UP, reason)


@pytest.mark.parametrize(("needed", "action"), [("chat:write", "RETRY"), ("files:write", "GIVE_UP")])
def test_a_refused_scope_is_final_unless_nothing_can_be_sent_without_it(needed: str, action: str) -> None:
    refused = error(200, {"ok": False, "error": "missing_scope", "needed": f"{needed},x:y", "provided": "commands"})
    assert classify(refused, 1).action is FailureAction[action]


def test_an_error_of_our_own_is_given_up_after_five_attempts_within_ten_minutes() -> None:
    earlier, waited, reasons = None, timedelta(), []
    for _attempt in range(4):
        failure = own_error(KeyError("name"), earlier, chance=lambda: 1.0)
        assert failure.action is FailureAction.RETRY
        earlier, waited = failure.reason, waited + failure.wait
        reasons.append(failure.reason)
    assert reasons == [f"KeyError ({attempt})" for attempt in (1, 2, 3, 4)]
    assert waited < timedelta(minutes=10)
    assert own_error(ValueError(), earlier).action is FailureAction.GIVE_UP
    assert own_error(ValueError(), "TimeoutError").action is FailureAction.RETRY, "only errors in a row count"


def test_the_backoff_grows_up_to_one_minute() -> None:
    waits = [classify(TimeoutError(), attempts, chance=lambda: 0.5).wait for attempts in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[0] == SECOND
    assert waits[-1] == waits[-2] == 60 * SECOND
    assert json.dumps(BACKOFF)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 48), (0.5, 60), (1.0, 72)])
def test_the_waits_of_messages_that_failed_together_differ(chance: float, seconds: int) -> None:
    assert classify(TimeoutError(), 9, lambda: chance).wait == seconds * SECOND


def test_whoever_pressed_is_told_that_slack_is_away_only_if_it_is() -> None:
    away = (TimeoutError(), ConnectionError(), error(404, "<html>"), error(200, {"ok": False, "error": ACCESS[3]}))
    assert all(map(is_away, away))
    assert not is_away(error(200, {"ok": False, "error": "invalid_trigger_id"}))
    assert not is_away(KeyError())
