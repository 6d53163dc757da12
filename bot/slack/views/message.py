"""A message and the blocks that it is made of, as plain data within Slack's limits."""

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

#: The longest notification text.
NOTIFICATION = 300
#: Slack refuses messages whose blocks together exceed about 13,000 characters (slack-platform.md §2.1).
LONGEST_MESSAGE = 11_500
#: How many characters of each long text a message shows, tried in this order until the message fits.
EXCERPTS = (1500, 900, 600, 300, 150, 80, 40)
_SECTION, _FIELD, _HEADER = 3000, 2000, 150


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, and the text of the notification (escaped, at most 300 characters)."""

    text: str
    blocks: list[Block]


def message(text: str, *blocks: Block | None) -> Message:
    """A message of the blocks that are there; `text` is mrkdwn."""
    return Message(clip(text, NOTIFICATION) or NOTHING, [block for block in blocks if block])


def fitting(make: Callable[[int], Message], longest: Sequence[int] = EXCERPTS) -> Message:
    """The message with the longest excerpts that Slack takes. `make` gets the length of an excerpt.

    Should even the shortest be too long, the longest blocks are left out; never a header, never a button.
    """
    made = make(longest[0])
    for limit in longest[1:]:
        if size(made.blocks) <= LONGEST_MESSAGE:
            break
        made = make(limit)
    return Message(made.text, _without_longest(made.blocks))


def _without_longest(blocks: list[Block]) -> list[Block]:
    while size(blocks) > LONGEST_MESSAGE:
        spare = [block for block in blocks if block["type"] not in ("header", "actions")]
        if not spare:
            break
        longest = max(spare, key=lambda block: size([block]))
        blocks = [block for block in blocks if block is not longest]
    return blocks


def size(blocks: Sequence[Block]) -> int:
    """The characters of the blocks as JSON."""
    return len(json.dumps(blocks, ensure_ascii=False))


def compact(value: object) -> str:
    """JSON without spaces, for a button's value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(text: str, limit: int = _SECTION) -> PlainTextObject:
    """Text without any markup; emoji codes in it stay as typed."""
    return PlainTextObject(text=shorten(tame(text), limit) or NOTHING, emoji=False)


def mrkdwn(text: str, limit: int = _SECTION) -> MarkdownTextObject:
    """Text with our own markup, in which Slack looks for no other links and mentions."""
    return MarkdownTextObject(text=clip(text, limit) or NOTHING, verbatim=True)


def header(text: str) -> Block:
    """A headline of plain text."""
    return HeaderBlock(text=plain(text, _HEADER)).to_dict()


def divider() -> Block:
    """A line between two parts."""
    return DividerBlock().to_dict()


def section(text: str) -> Block:
    """A paragraph of mrkdwn."""
    return SectionBlock(text=mrkdwn(text)).to_dict()


def plain_section(text: str) -> Block:
    """A paragraph without markup."""
    return SectionBlock(text=plain(text)).to_dict()


def context(*texts: str) -> Block | None:
    """Small gray lines of mrkdwn; None if all are empty."""
    elements = [mrkdwn(text) for text in texts if text]
    return ContextBlock(elements=elements[:10]).to_dict() if elements else None


def grid(pairs: Iterable[tuple[str, str]]) -> Block | None:
    """Labels above values in two columns, at most ten; values are mrkdwn. None if there are none."""
    fields = [mrkdwn(f"*{label}*\n{value}", _FIELD) for label, value in pairs if value]
    return SectionBlock(fields=fields[:10]).to_dict() if fields else None


def actions(buttons: Sequence[ButtonElement]) -> Iterator[Block]:
    """Rows of buttons, at most 25 in each."""
    rest = iter(buttons)
    while row := list(islice(rest, 25)):
        yield ActionsBlock(elements=row).to_dict()
