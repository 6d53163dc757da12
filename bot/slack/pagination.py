"""Reads lists that Slack returns in pages (slack-platform.md §4)."""

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.web import SlackResponse

#: The most members that `conversations.members` returns at once: a limit below 1000.
MEMBERS_PER_PAGE = 999


def all_pages(method: Callable[..., SlackResponse], **arguments: Any) -> Iterator[SlackResponse]:
    """Call `method` once per page and yield each response.

    The iteration built into slack_sdk fails when the server answers with an HTML error page. Raises whatever
    `method` raises.
    """
    page = method(**arguments)
    yield page
    while cursor := (page.get("response_metadata") or {}).get("next_cursor"):
        page = method(**arguments, cursor=cursor)
        yield page
