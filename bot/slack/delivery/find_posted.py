"""Finds a posted message in Slack by the outbox row id in its metadata (slack-platform.md §2.3)."""

import json
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.slack.delivery.slack_call import SlackCall
from bot.slack.pagination import all_pages
from storage.tables import Outgoing

EVENT_TYPE = "faultdesk_message"
#: How far Slack's clock may be behind ours.
MAX_CLOCK_SKEW = timedelta(minutes=5)


def find_posted(client: WebClient, row: Outgoing, call: SlackCall, channel: str) -> str | None:
    """Return the `ts` of the message that an earlier attempt posted although Slack's answer was lost.

    None if there is no such message. Raises `SlackClientError` or `OSError`.
    """
    since: dict[str, Any] = {
        "channel": channel,
        "oldest": str((row.created_at - MAX_CLOCK_SKEW).timestamp()),
        "limit": 200,
        "include_all_metadata": True,
    }
    if call.thread_ts:
        pages = all_pages(client.conversations_replies, ts=call.thread_ts, **since)
    else:
        pages = all_pages(client.conversations_history, **since)
    uploaded = frozenset(json.loads(row.arguments).get("files", ()))
    found = (str(one["ts"]) for page in pages for one in page["messages"] if _is_of(one, row, uploaded))
    return next(found, None)


def _is_of(message: dict[str, Any], row: Outgoing, uploaded: frozenset[str]) -> bool:
    """Whether a message belongs to the row. A message with files has no metadata, so its file ids are compared."""
    files = {str(file.get("id")) for file in message.get("files") or ()}
    return _row_of(message) == row.id or bool(files and files == uploaded)


def _row_of(message: dict[str, Any]) -> int | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    row = metadata.get("event_payload", {}).get("row")
    return row if isinstance(row, int) else None
