"""Classifies errors of Slack calls: retry and when, post again, or give up (slack-platform.md §4.2)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from urllib.error import HTTPError

from slack_sdk.errors import SlackApiError

from storage.outbox import LIMITED, MAX_RETRY_DELAY

#: Seconds to wait after each failed attempt. The last value repeats, so that after a long outage a message is sent
#: within a minute.
BACKOFF = (1, 2, 5, 10, 30, 60)

_TRANSIENT = {
    "ratelimited",
    "rate_limited",
    "internal_error",
    "service_unavailable",
    "request_timeout",
    "fatal_error",
}
_OUR_ACCESS = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
_EDIT_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}


class FailureAction(Enum):
    """What to do with a message that Slack did not accept: retry it, post it anew, or give it up."""

    RETRY = auto()
    #: The message to edit no longer exists.
    POST_ANEW = auto()
    GIVE_UP = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """A classified failure.

    `wait` is the time before the next attempt. `uncertain`: Slack may have posted the message. `limited`: Slack
    limits the rate of messages to the target.
    """

    action: FailureAction
    reason: str
    wait: timedelta = timedelta()
    uncertain: bool = False
    limited: bool = False
    #: Slack rejected the bot's token.
    access: bool = False


def classify(error: Exception, attempts: int) -> Failure:
    """Classify an error raised by a call to Slack. `attempts` counts the attempts so far, including this one."""
    wait = timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1])
    if isinstance(error, HTTPError) and 400 <= error.code < 500 and error.code != 429:
        return Failure(FailureAction.GIVE_UP, f"http_{error.code}")  # the answer of the upload URL of a file
    if not isinstance(error, SlackApiError):
        return Failure(FailureAction.RETRY, type(error).__name__, wait, uncertain=True)
    status = error.response.status_code
    reason = _reason(error)
    if status == 429 or reason in ("ratelimited", "rate_limited"):
        return Failure(FailureAction.RETRY, LIMITED, _retry_after(error, wait), limited=True)
    if status >= 500 or reason in _TRANSIENT | _OUR_ACCESS:
        access = reason in _OUR_ACCESS
        return Failure(FailureAction.RETRY, reason, wait, uncertain=not access, access=access)
    return Failure(FailureAction.POST_ANEW if reason in _EDIT_GONE else FailureAction.GIVE_UP, reason)


def _reason(error: SlackApiError) -> str:
    data = error.response.data
    return str(data.get("error", "unknown")) if isinstance(data, dict) else f"http_{error.response.status_code}"


def _retry_after(error: SlackApiError, otherwise: timedelta) -> timedelta:
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    value = headers.get("retry-after", "")
    value = value[0] if isinstance(value, list) else value
    return min(timedelta(seconds=int(value)), MAX_RETRY_DELAY) if str(value).isdigit() else otherwise
