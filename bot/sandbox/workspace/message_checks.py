"""Checks of a message's content, as Slack makes them before it posts the message (slack-platform.md §2.3)."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.blocks.validation.messages import blocks_too_long, check_attachments, check_blocks, check_metadata
from bot.sandbox.errors import SlackError
from bot.sandbox.shared_state import Json

MAX_TEXT_LENGTH = 40_000
MAX_MARKDOWN_LENGTH = 12_000


@dataclass(frozen=True)
class MessageContent:
    """Checked content of a message."""

    text: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    metadata: Json | None = None
    link_names: bool = False


def message_content(content: Json) -> MessageContent:
    """Check the content of a message and return it. Text above 40,000 characters is truncated.

    Args:
        content: `text`, `blocks`, `attachments`, `markdown_text`, `metadata`, `link_names` as parsed JSON.

    Raises:
        SlackError: the error that Slack answers, with its details.
    """
    text = str(content.get("text") or "")
    blocks = _listed(content.get("blocks"), "invalid_blocks_format")
    attachments = _listed(content.get("attachments"), "invalid_attachments")
    if content.get("markdown_text"):
        blocks = _from_markdown(content)
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    _refuse("invalid_blocks", check_blocks(blocks))
    if blocks_too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    if len(attachments) > 100:
        raise SlackError("too_many_attachments")
    _refuse("invalid_attachments", check_attachments(attachments))
    metadata = content.get("metadata") or None
    if problem := check_metadata(metadata):
        raise SlackError(problem)
    return MessageContent(
        text[:MAX_TEXT_LENGTH], tuple(blocks), tuple(attachments), metadata, bool(content.get("link_names"))
    )


def _listed(value: Any, error: str) -> list[Json]:
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise SlackError(error)
    return value


def _from_markdown(content: Json) -> list[Json]:
    markdown = str(content["markdown_text"])
    if content.get("text") or content.get("blocks"):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MAX_MARKDOWN_LENGTH:
        raise SlackError("msg_too_long")
    return [{"type": "markdown", "text": markdown}]


def _refuse(error: str, problems: list[str]) -> None:
    if problems:
        listed = [f"[ERROR] {problem}" for problem in problems]
        raise SlackError(error, errors=problems, response_metadata={"messages": listed})
