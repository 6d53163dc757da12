"""Finds a posted message in Slack by the outbox row id in its metadata (slack-platform.md §2.3)."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from slack_sdk import WebClient

from bot.slack.delivery.slack_call import SlackCall
from bot.slack.epoch_marks import MARK
from bot.slack.pagination import all_pages
from storage import epochs
from storage.epochs import Mark
from storage.tables import Outgoing

EVENT_TYPE = "faultdesk_message"
#: How far Slack's clock may be behind ours.
MAX_CLOCK_SKEW = timedelta(minutes=5)


def client_msg_id(row: Outgoing) -> str:
    """Return the id by which Slack may know the message of a row again, whichever attempt sends it.

    After a restore another row may have the number of this one, but not its time as well.
    """
    return str(uuid5(NAMESPACE_URL, f"faultdesk:{row.id}:{row.created_at.isoformat()}"))


def find_posted(
    client: WebClient, row: Outgoing, call: SlackCall, channel: str, epoch: Mark, since: datetime
) -> str | None:
    """Return the `ts` of the message that an earlier attempt posted although Slack's answer was lost.

    `since` (aware) is when it can have been posted at the earliest. A message of another epoch belongs to another row
    of the same number. None if there is no such message. Raises `SlackClientError` or `OSError`.
    """
    wanted: dict[str, Any] = {
        "channel": channel,
        "oldest": str((since - MAX_CLOCK_SKEW).timestamp()),
        "limit": 200,
        "include_all_metadata": True,
    }
    if call.thread_ts:
        pages = all_pages(client.conversations_replies, ts=call.thread_ts, **wanted)
    else:
        pages = all_pages(client.conversations_history, **wanted)
    uploaded = frozenset(json.loads(row.arguments).get("files", ()))
    found = (str(one["ts"]) for page in pages for one in page["messages"] if _is_of(one, row, uploaded, epoch))
    return next(found, None)


def _is_of(message: dict[str, Any], row: Outgoing, uploaded: frozenset[str], epoch: Mark) -> bool:
    """Whether a message belongs to the row. A message with files has no metadata, so its file ids are compared."""
    files = {str(file.get("id")) for file in message.get("files") or ()}
    return _row_of(message, epoch) == row.id or bool(files and files == uploaded)


def _row_of(message: dict[str, Any], epoch: Mark) -> int | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload", {})
    row = payload.get("row") if epochs.is_of(payload.get(MARK), epoch) else None
    return row if isinstance(row, int) else None
