"""Classifies errors of attempts to send: retry and when, post again, or give up (slack-platform.md §4.2).

A message is given up for what Slack itself says of it or of its target. Everything else may pass: an answer of a proxy,
a connection that broke, an access that an administrator restores, an error code that this version does not know.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from typing import Any
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from storage.outbox import LIMITED, MAX_RETRY_DELAY, SENDER_DIED

#: Seconds to wait after each failed attempt. The last value repeats, so that after a long outage a message is sent
#: within about a minute.
BACKOFF = (1, 2, 5, 10, 30, 60)
#: Each wait is longer or shorter by up to this share, so that what failed together is not retried together.
_JITTER = 0.2
#: An error of our own code is not retried after so many attempts in a row, which take less than ten minutes.
OWN_ATTEMPTS = 5

#: The message is refused, wherever it is sent.
_MESSAGE_REFUSED = {
    "attachment_payload_limit_exceeded",
    "block_mismatch",
    "duplicate_channel_not_found",
    "duplicate_message_not_found",
    "file_deleted",
    "file_not_found",
    "file_type_not_allowed",
    "file_upload_size_restricted",
    "file_uploads_disabled",
    "file_uploads_except_images_disabled",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "markdown_text_conflict",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
    "missing_argument",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "slack_connect_file_link_sharing_blocked",
    "slack_connect_file_upload_sharing_blocked",
    "snippet_too_large",
    "storage_limit_reached",
    "too_many_attachments",
}
#: The channel or person gets no message from this bot.
_TARGET_REFUSED = {
    "cannot_dm_bot",
    "cannot_reply_to_message",
    "cant_post_message",
    "channel_not_found",
    "invalid_channel",
    "is_archived",
    "messages_tab_disabled",
    "no_user",
    "not_in_channel",
    "posting_to_channel_denied",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "thread_not_found",
    "user_disabled",
    "user_not_found",
    "user_not_in_channel",
    "user_not_visible",
    "users_not_found",
}
#: The channel itself does not exist any more, or never did.
CHANNEL_GONE = {"channel_not_found"}
#: The message to edit cannot be edited any more.
_EDIT_GONE = {"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"}
#: The workspace does not let the bot in. An administrator can change that, and then the messages go out.
_OUR_ACCESS = {
    "access_denied",
    "accesslimited",
    "account_inactive",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "team_added_to_org",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
}
#: Slack cannot answer just now.
_TRANSIENT = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
_LIMITED = {"ratelimited", "rate_limited"}
_NO_SCOPE = "missing_scope"
#: Answers after which the message is certainly not there.
_REFUSED = {*_MESSAGE_REFUSED, *_TARGET_REFUSED, *_EDIT_GONE, *_OUR_ACCESS, *_LIMITED, _NO_SCOPE}
#: Scopes without which the bot cannot send anything. A workspace may refuse the others (slack-2026.md §4).
_NEEDED_SCOPES = {"chat:write", "im:write"}
#: Begins the reason of an answer that is not one of Slack's, such as the page of a proxy. The HTTP status follows.
_PAGE = "http_"
_OWN = re.compile(r".*\((\d+)\)$")
#: The form of Slack's error codes. Of a page with status 200 Slack's client makes an error that quotes the page.
_CODE = re.compile(r"[a-z][a-z0-9_]*")
#: Nothing was sent, because the person may not read what the message says.
READER_REFUSED = "reader_refused"
#: The reasons that are counted by name: what Slack is known to answer, and two of our own.
_COUNTED = {
    *(LIMITED, _NO_SCOPE, READER_REFUSED, SENDER_DIED),
    *(_MESSAGE_REFUSED | _TARGET_REFUSED | _EDIT_GONE | _OUR_ACCESS | _TRANSIENT),
}
#: HTTP statuses of a proxy that gives up waiting.
_GATEWAY_TIMEOUTS = (408, 502, 504)


class FailureAction(Enum):
    """What to do with a message that Slack did not accept: retry it, post it anew, or give it up."""

    RETRY = auto()
    #: The message to edit no longer exists.
    POST_ANEW = auto()
    GIVE_UP = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """A classified failure.

    `wait` is the time before the next attempt. `limited`: Slack limits the rate of messages to the target.
    """

    action: FailureAction
    reason: str
    wait: timedelta = timedelta()
    limited: bool = False
    #: Slack does not let the bot in, or does not answer as it should. Whatever waits for it is not stuck.
    away: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of a call that failed.

    `status` is that of HTTP, None if nobody answered. `reason` is Slack's error code, the HTTP status of an answer that
    is not one of Slack's (slack-platform.md §4.1), or the class of the error.
    """

    status: int | None
    reason: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    #: The scopes that Slack misses.
    needed: str = ""

    @classmethod
    def of(cls, error: Exception) -> "_Answer":
        """Take an error apart, whoever raised it: Slack's client, or `urllib` for the upload URL of a file."""
        if isinstance(error, HTTPError):
            return cls(error.code, f"{_PAGE}{error.code}", dict(error.headers or {}))
        if not isinstance(error, SlackApiError):
            return cls(None, type(error).__name__)
        response, status = error.response, error.response.status_code
        said = response.data if isinstance(response.data, dict) else {}
        is_slacks = status == 200 and said.get("ok") is False and _CODE.fullmatch(str(said.get("error")))
        reason = str(said["error"]) if is_slacks else f"{_PAGE}{status}"
        return cls(status, reason, response.headers, str(said.get("needed") or ""))

    @property
    def is_limit(self) -> bool:
        """Whether Slack limits the rate."""
        return self.status == 429 or self.reason in _LIMITED

    @property
    def lacks_needed_scope(self) -> bool:
        """Whether a scope is missing without which the bot cannot send anything."""
        return self.reason == _NO_SCOPE and not _NEEDED_SCOPES.isdisjoint(map(str.strip, self.needed.split(",")))

    def retry_after(self, otherwise: timedelta) -> timedelta:
        """Return how long Slack says to wait, at most `MAX_RETRY_DELAY`."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        value = headers.get("retry-after", "")
        value = value[0] if isinstance(value, list) else value
        return min(timedelta(seconds=int(value)), MAX_RETRY_DELAY) if str(value).isdigit() else otherwise


def classify(error: Exception, attempts: int, chance: Callable[[], float] = random.random) -> Failure:
    """Classify an error raised by a call to Slack.

    `attempts` counts the attempts so far, including this one. `chance` returns a number from 0 to 1 for the jitter.
    """
    answer, wait = _Answer.of(error), _pause(attempts, chance())
    if answer.is_limit:
        return Failure(FailureAction.RETRY, LIMITED, answer.retry_after(wait), limited=True)
    if answer.reason in _EDIT_GONE:
        return Failure(FailureAction.POST_ANEW, answer.reason)
    if answer.reason in _MESSAGE_REFUSED | _TARGET_REFUSED | {_NO_SCOPE} and not answer.lacks_needed_scope:
        return Failure(FailureAction.GIVE_UP, answer.reason)
    return Failure(FailureAction.RETRY, answer.reason, wait, away=True)


def reason_of(error: Exception) -> str:
    """Return Slack's error code, `http_` with the status of an answer that is not Slack's, or the class of the error"""
    return _Answer.of(error).reason


def is_page(reason: str) -> bool:
    """Return whether this is the reason of an answer that is not Slack's, such as the page of a proxy."""
    return reason.startswith(_PAGE)


def may_have_arrived(error: Exception) -> bool:
    """Whether Slack may have done what it was asked for, or may still do it, although the call raised this error.

    It cannot if the request was not sent completely, which `urllib` reports as `URLError`, or if Slack refused it.
    """
    answer = _Answer.of(error)
    if answer.status is None:
        return not isinstance(error, URLError)
    return not answer.is_limit and answer.reason not in _REFUSED


def may_come_late(error: Exception) -> bool:
    """Whether Slack may still do what it was asked for: nobody answered, or a proxy that had waited for it in vain.

    After any other answer Slack does no more for this request.
    """
    return _Answer.of(error).status in (None, *_GATEWAY_TIMEOUTS)


def is_away(error: Exception) -> bool:
    """Whether an error means that Slack cannot be reached or does not let the bot in, so that a later call may succeed.

    A refusal with an unknown code does not: whoever pressed a button gets a reference to report.
    """
    answer = _Answer.of(error)
    if answer.status is None:
        return isinstance(error, (SlackClientError, OSError))
    return is_page(answer.reason) or answer.reason in _OUR_ACCESS | _LIMITED | _TRANSIENT


def own_error(error: Exception, earlier: str | None, chance: Callable[[], float] = random.random) -> Failure:
    """Classify an error of our own code. `earlier` is the reason of the attempt before this one.

    The reason names the error and counts the attempts in a row that ended with one, at most `OWN_ATTEMPTS`.
    """
    matched = _OWN.match(earlier or "")
    count = 1 + (int(matched[1]) if matched else 0)
    reason = f"{type(error).__name__} ({count})"
    if count >= OWN_ATTEMPTS:
        return Failure(FailureAction.GIVE_UP, reason)
    return Failure(FailureAction.RETRY, reason, _pause(count, chance()))


def counted_as(reason: str) -> str:
    """Return the label of a reason in the metrics, one of a fixed list: a known reason, or the kind of another one."""
    if reason in _COUNTED:
        return reason
    if is_page(reason):
        return "page"
    if _OWN.match(reason):
        return "own_error"
    return "connection" if reason[:1].isupper() else "other"  # a class of Python, or a code that is new


def _pause(attempts: int, chance: float) -> timedelta:
    seconds = BACKOFF[min(attempts, len(BACKOFF)) - 1]
    return timedelta(seconds=seconds * (1 + _JITTER * (2 * chance - 1)))
