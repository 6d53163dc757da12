"""Cursor pagination, which all list methods share (slack-platform.md §4.3)."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from bot.sandbox.api.methods.registry import Arguments, bad_arguments
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json

T = TypeVar("T")
MAX_PAGE_SIZE = 999


def page(items: Sequence[T], arguments: Arguments, default: int = 100) -> tuple[list[T], Json]:
    """Return the requested page, and the `response_metadata` with the cursor of the next one.

    Raises:
        SlackError: `invalid_cursor`, or `invalid_arguments` for a limit that is too large or not a number.
    """
    limit = arguments.number("limit", default)
    if limit > max(MAX_PAGE_SIZE, default):
        raise bad_arguments(f"must be less than {MAX_PAGE_SIZE + 1} [json-pointer:/limit]")
    start = _start(arguments.text("cursor"))
    end = start + limit
    return list(items[start:end]), {"next_cursor": _cursor(end) if end < len(items) else ""}


def _cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
