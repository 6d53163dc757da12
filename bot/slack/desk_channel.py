"""Checks who reads the service-desk channel: only the service center may (process.md §6 R9)."""

from collections.abc import Iterator
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.health import OK, UNKNOWN
from bot.slack.identity import Identity
from bot.slack.pagination import MEMBERS_PER_PAGE, all_pages
from storage import channel_moves
from storage.database import Database, Unavailable

SHARED = "shared with another company"


@dataclass(frozen=True, slots=True)
class FoundDesk:
    """The service-desk channel as Slack shows it. `id` is the present one, which Slack may have changed.

    `outsiders` are the members who are not ours; None where the channel is shared with another company anyway.
    """

    id: str
    name: str
    is_member: bool
    is_archived: bool
    outsiders: tuple[str, ...] | None


def moved(channel: str) -> str:
    """Return the state of a service-desk channel that Slack gave another id, which the settings do not have yet."""
    return f"has the id {channel} now: set FAULT_CHANNEL"


def look_at_desk(client: WebClient, identity: Identity, database: Database, configured: str) -> FoundDesk:
    """Return the service-desk channel. `configured` is its id in the settings.

    Slack is asked about members whom it has not reported yet. Raises `SlackClientError`, `OSError` or `Unavailable`.
    """
    with database.read() as session:
        channel = channel_moves.current(session, configured)
    shown = client.conversations_info(channel=channel)["channel"]
    name, is_member = str(shown.get("name") or channel), bool(shown.get("is_member", True))
    outsiders = None if shown.get("is_ext_shared") else _outsiders(client, identity, channel)
    return FoundDesk(channel, name, is_member, bool(shown.get("is_archived")), outsiders)


def check_desk_channel(client: WebClient, identity: Identity, database: Database, configured: str) -> str:
    """Return the state of the service-desk channel for the health report. `configured` is its id in the settings.

    It is `ok`, or what is wrong, or why it is unknown.
    """
    try:
        found = look_at_desk(client, identity, database, configured)
    except SlackApiError as error:
        return f"{UNKNOWN}: {error.response['error']}"
    except (SlackClientError, OSError, Unavailable) as error:
        return f"{UNKNOWN}: {type(error).__name__}"
    if found.outsiders is None:
        return SHARED
    if found.outsiders:
        return f"outsiders: {', '.join(found.outsiders)}"
    return OK if found.id == configured else moved(found.id)


def _outsiders(client: WebClient, identity: Identity, channel: str) -> tuple[str, ...]:
    members = frozenset(_members(client, channel))
    identity.meet(members)
    return tuple(identity.outsiders(members))


def _members(client: WebClient, channel: str) -> Iterator[str]:
    for page in all_pages(client.conversations_members, channel=channel, limit=MEMBERS_PER_PAGE):
        yield from page.get("members") or ()
