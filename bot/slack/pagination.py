"""Lists that Slack gives in pages (slack-platform.md §4)."""

from collections.abc import Callable, Iterator
from typing import Any

from slack_sdk.web import SlackResponse


def all_pages(method: Callable[..., SlackResponse], **arguments: Any) -> Iterator[SlackResponse]:
    """Every page, one call each.

    The library's own way from page to page takes a server's error page for an answer and breaks on it.
    """
    page = method(**arguments)
    yield page
    while cursor := (page.get("response_metadata") or {}).get("next_cursor"):
        page = method(**arguments, cursor=cursor)
        yield page
