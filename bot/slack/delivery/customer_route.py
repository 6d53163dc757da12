"""Decides how the words for a customer reach them: in the thread that the problem was reported from, or directly.

A channel that is shared with another company may belong to another customer than the case, and somebody who is not in
a channel does not read it (process.md §6 R9). Slack is asked when the message is sent, outside any transaction.
"""

from enum import StrEnum

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack.failures import is_away
from bot.slack.pagination import MEMBERS_PER_PAGE, all_pages

log = structlog.get_logger(__name__)


class CustomerRoute(StrEnum):
    """Where the words for the customer go. All but `THREAD` mean a direct message to the reporter, and say why."""

    THREAD = "thread"
    #: The channel is shared with another company.
    SHARED_CHANNEL = "shared_channel"
    #: The reporter is not in the channel.
    NOT_A_MEMBER = "not_a_member"
    #: Slack does not show us the channel.
    UNKNOWN_CHANNEL = "unknown_channel"


def customer_route(client: WebClient, channel: str, reporter: str) -> CustomerRoute:
    """Return the route of a message to the customer of a case that `reporter` reported from a message in `channel`.

    Raises `SlackClientError` or `OSError` if Slack may answer later.
    """
    try:
        if client.conversations_info(channel=channel)["channel"].get("is_ext_shared"):
            return CustomerRoute.SHARED_CHANNEL
        pages = all_pages(client.conversations_members, channel=channel, limit=MEMBERS_PER_PAGE)
        is_member = any(reporter in (page.get("members") or ()) for page in pages)
    except SlackApiError as error:
        if is_away(error):
            raise
        log.warning("channel.not_shown", channel=channel, error=error.response["error"])
        return CustomerRoute.UNKNOWN_CHANNEL
    return CustomerRoute.THREAD if is_member else CustomerRoute.NOT_A_MEMBER
