"""Messages and their blocks, as plain data within Slack's limits (slack-platform.md §2)."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.slack.views.escape import NOTHING, Block, clip, shorten, tame
from bot.slack.views.styled_text import as_rich, is_marked, unmarked

#: The longest notification text, in characters.
NOTIFICATION_LENGTH = 300
#: The most characters of all blocks as JSON. Slack refuses messages above about 13,000 (slack-platform.md §2.1).
MAX_MESSAGE_LENGTH = 11_500
#: How many characters of each long text a message shows, tried in this order until the message fits.
EXCERPT_LENGTHS = (1500, 900, 600, 300, 150, 80, 40)
_SECTION, _FIELD, _HEADER = 3000, 2000, 150


@dataclass(frozen=True, slots=True)
class Message:
    """The content of a message: blocks, and the notification text (mrkdwn, at most 300 characters)."""

    text: str
    blocks: list[Block]


def message(text: str, *blocks: Block | None) -> Message:
    """Build a message from the blocks that are not None. `text` is the notification, in mrkdwn."""
    return Message(clip(unmarked(text), NOTIFICATION_LENGTH) or NOTHING, [block for block in blocks if block])


def fitting(make: Callable[[int], Message], longest: Sequence[int] = EXCERPT_LENGTHS) -> Message:
    """Return the message with the longest excerpts that fit into Slack's limit.

    `make` builds the message from the length of an excerpt, in characters; the lengths in `longest` are tried in
    order. If even the last is too long, the longest blocks are left out, except headers and buttons.
    """
    made = make(longest[0])
    for limit in longest[1:]:
        if size(made.blocks) <= MAX_MESSAGE_LENGTH:
            break
        made = make(limit)
    return Message(made.text, _without_longest(made.blocks))


def _without_longest(blocks: list[Block]) -> list[Block]:
    while size(blocks) > MAX_MESSAGE_LENGTH:
        spare = [block for block in blocks if block["type"] not in ("header", "actions")]
        if not spare:
            break
        longest = max(spare, key=lambda block: size([block]))
        blocks = [block for block in blocks if block is not longest]
    return blocks


def size(blocks: Sequence[Block]) -> int:
    """Return the number of characters of the blocks as JSON."""
    return len(json.dumps(blocks, ensure_ascii=False))


def compact(value: object) -> str:
    """Encode a value as JSON without spaces, for a button's value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(text: str, limit: int = _SECTION) -> PlainTextObject:
    """Build a plain-text object. Emoji codes in the text are shown as typed."""
    return PlainTextObject(text=shorten(tame(text), limit) or NOTHING, emoji=False)


def mrkdwn(text: str, limit: int = _SECTION) -> MarkdownTextObject:
    """Build a mrkdwn object. `verbatim` keeps Slack from turning other parts into links and mentions."""
    return MarkdownTextObject(text=clip(text, limit) or NOTHING, verbatim=True)


def header(text: str) -> Block:
    """Build a header block of plain text."""
    return HeaderBlock(text=plain(text, _HEADER)).to_dict()


def divider() -> Block:
    """Build a divider block."""
    return DividerBlock().to_dict()


def section(text: str) -> Block:
    """Build a section block of mrkdwn, or rich text where typed text in it would be styled."""
    if is_marked(text):
        return as_rich(clip(text, _SECTION))
    return SectionBlock(text=mrkdwn(text)).to_dict()


def plain_section(text: str) -> Block:
    """Build a section block of plain text."""
    return SectionBlock(text=plain(text)).to_dict()


def context(*texts: str) -> Block | None:
    """Build a context block (small gray lines) from mrkdwn texts, at most ten. None if all are empty."""
    if any(map(is_marked, texts)):
        return as_rich(*(clip(text, _SECTION) for text in texts[:10]))
    elements = [mrkdwn(text) for text in texts if text]
    return ContextBlock(elements=elements[:10]).to_dict() if elements else None


def grid(pairs: Iterable[tuple[str, str]]) -> Block | None:
    """Build a section of labels and values (mrkdwn) in two columns, at most ten. None if all values are empty."""
    shown = [f"*{label}*\n{value}" for label, value in pairs if value][:10]
    if any(map(is_marked, shown)):
        return as_rich(*(f"{clip(one, _FIELD)}\n" for one in shown))
    fields = [mrkdwn(one, _FIELD) for one in shown]
    return SectionBlock(fields=fields).to_dict() if fields else None


def actions(buttons: Sequence[ButtonElement]) -> Iterator[Block]:
    """Yield rows of buttons, at most 25 in each."""
    rest = iter(buttons)
    while row := list(islice(rest, 25)):
        yield ActionsBlock(elements=row).to_dict()
