"""Checks who reads the service-desk channel: only the service center may (process.md §6 R9)."""

from collections.abc import Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.health import OK, UNKNOWN
from bot.slack.identity import Identity
from bot.slack.pagination import MEMBERS_PER_PAGE, all_pages
from storage.database import Unavailable

SHARED = "shared with another company"


def check_desk_channel(client: WebClient, identity: Identity, channel: str) -> str:
    """Return the state of the service-desk channel for the health report.

    It is `ok`, or what is wrong, or why it is unknown. Slack is asked about members whom it has not reported yet.
    """
    try:
        if client.conversations_info(channel=channel)["channel"].get("is_ext_shared"):
            return SHARED
        members = frozenset(_members(client, channel))
        identity.meet(members)
        outsiders = identity.outsiders(members)
    except SlackApiError as error:
        return f"{UNKNOWN}: {error.response['error']}"
    except (SlackClientError, OSError, Unavailable) as error:
        return f"{UNKNOWN}: {type(error).__name__}"
    return f"outsiders: {', '.join(outsiders)}" if outsiders else OK


def _members(client: WebClient, channel: str) -> Iterator[str]:
    for page in all_pages(client.conversations_members, channel=channel, limit=MEMBERS_PER_PAGE):
        yield from page.get("members") or ()
