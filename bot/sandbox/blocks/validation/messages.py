"""Checks of a message's blocks, attachments and metadata (slack-platform.md §2.3)."""

from collections.abc import Iterator
from typing import Any

from bot.sandbox.blocks.validation.blocks import check_block_list
from bot.sandbox.blocks.validation.rules import Findings, Rule, anything, list_of, record, string
from bot.sandbox.shared_state import Json

MAX_MARKDOWN_LENGTH = 12_000
MAX_CELL_TEXT_LENGTH = 10_000
# Slack does not document this limit. It was observed at about 13,200 characters of combined text (bolt-js issue 2509).
MAX_BLOCK_TEXT_LENGTH = 13_200
MAX_CHARTS = 2

_attachment: Rule = record(
    {},
    {
        "footer": string(300),
        "color": string(pattern="good|warning|danger|#?[0-9a-fA-F]{3,6}"),
        "blocks": anything,
    },
    more=True,
)


def check_blocks(blocks: list[Json]) -> list[str]:
    """Return the problems that Slack finds in the blocks of a message. The list is empty if they are valid."""
    findings = Findings("message")
    check_block_list(blocks, "/blocks", findings)
    _cumulative(blocks, "/blocks", findings)
    return findings.problems


def check_attachments(attachments: list[Json]) -> list[str]:
    """Return the problems that Slack finds in the attachments of a message. The list is empty if they are valid."""
    findings = Findings("message")
    list_of(_attachment, 100)(attachments, "/attachments", findings)
    for position, attachment in enumerate(attachments):
        if attachment.get("blocks"):
            check_block_list(attachment["blocks"], f"/attachments/{position}/blocks", findings)
        elif not (attachment.get("text") or attachment.get("fallback")):
            findings.add("missing required field: fallback", f"/attachments/{position}")
    return findings.problems


def blocks_too_long(blocks: list[Json]) -> bool:
    """Return whether the combined text of the blocks is longer than Slack accepts."""
    return sum(len(found) for found in _texts(blocks)) > MAX_BLOCK_TEXT_LENGTH


def check_metadata(metadata: Any) -> str | None:
    """Return Slack's error for message metadata, or None if it is valid."""
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        return "invalid_metadata_format"
    payload = metadata.get("event_payload")
    if not isinstance(payload, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        return "invalid_metadata_format"
    return None if all(_allowed_in_metadata(value) for value in payload.values()) else "invalid_metadata_schema"


def _allowed_in_metadata(value: Any) -> bool:
    """Return whether this is a string, number or boolean, or one level of objects or arrays of objects; not null."""
    if isinstance(value, list):
        return all(isinstance(item, dict) and _flat(item) for item in value)
    return _flat(value) if isinstance(value, dict) else isinstance(value, str | int | float)


def _flat(value: Json) -> bool:
    return all(isinstance(item, str | int | float) for item in value.values())


def _cumulative(blocks: list[Json], pointer: str, findings: Findings) -> None:
    markdown = sum(len(str(b.get("text", ""))) for b in blocks if b.get("type") == "markdown")
    if markdown > MAX_MARKDOWN_LENGTH:
        findings.add(f"must be less than {MAX_MARKDOWN_LENGTH + 1} characters", pointer)
    tables = [block for block in blocks if block.get("type") == "table"]
    if len(tables) > 1:
        # An older version of the documentation allows one table per message. The newest version no longer says so.
        findings.add("only_one_table_allowed", pointer)
    if sum(len(found) for found in _texts([table.get("rows") for table in tables])) > MAX_CELL_TEXT_LENGTH:
        findings.add(f"must be less than {MAX_CELL_TEXT_LENGTH + 1} characters", pointer)
    if sum(block.get("type") == "data_visualization" for block in blocks) > MAX_CHARTS:
        findings.add(f"no more than {MAX_CHARTS} items allowed", pointer)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
