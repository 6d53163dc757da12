"""Checks who reads the service-desk channel: only the service center may (process.md §6 R9)."""

from collections.abc import Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.health import OK, UNKNOWN
from bot.slack.identity import Identity
from bot.slack.pagination import MEMBERS_PER_PAGE, all_pages
from storage import channel_moves
from storage.database import Database, Unavailable

SHARED = "shared with another company"


def moved(channel: str) -> str:
    """Return the state of a service-desk channel that Slack gave another id, which the settings do not have yet."""
    return f"has the id {channel} now: set FAULT_CHANNEL"


def check_desk_channel(client: WebClient, identity: Identity, database: Database, configured: str) -> str:
    """Return the state of the service-desk channel for the health report. `configured` is its id in the settings.

    It is `ok`, or what is wrong, or why it is unknown. Slack is asked about members whom it has not reported yet.
    """
    try:
        with database.read() as session:
            channel = channel_moves.current(session, configured)
        if client.conversations_info(channel=channel)["channel"].get("is_ext_shared"):
            return SHARED
        members = frozenset(_members(client, channel))
        identity.meet(members)
        outsiders = identity.outsiders(members)
    except SlackApiError as error:
        return f"{UNKNOWN}: {error.response['error']}"
    except (SlackClientError, OSError, Unavailable) as error:
        return f"{UNKNOWN}: {type(error).__name__}"
    if outsiders:
        return f"outsiders: {', '.join(outsiders)}"
    return OK if channel == configured else moved(channel)


def _members(client: WebClient, channel: str) -> Iterator[str]:
    for page in all_pages(client.conversations_members, channel=channel, limit=MEMBERS_PER_PAGE):
        yield from page.get("members") or ()
