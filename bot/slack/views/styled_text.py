"""Shows mrkdwn of ours around typed text that mrkdwn would style: as rich text, which alters no character of it.

mrkdwn has no way to escape `*`, `_`, `~`, a backtick, an emoji code or a leading `>`. `escape.typed` marks a text that
holds one where it would act. A block with such a text is built as rich text, or as plain text beside a button.
"""

import re
from collections.abc import Iterator

from bot.slack.views.escape import TYPED_END, TYPED_START, Block, unescape

_PIECE = re.compile(rf"{TYPED_START}([^{TYPED_END}]*){TYPED_END}?|<([^<>]*)>|([*_`])")
_TYPED = re.compile(rf"{TYPED_START}[^{TYPED_END}]*{TYPED_END}?")
_STYLES = {"*": "bold", "_": "italic", "`": "code"}


def is_marked(mrkdwn: str) -> bool:
    """Return whether typed text in it would be styled."""
    return TYPED_START in mrkdwn


def unmarked(mrkdwn: str) -> str:
    """Return the mrkdwn without marks, for a notification, in which nothing is styled."""
    return mrkdwn.replace(TYPED_START, "").replace(TYPED_END, "")


def as_plain(mrkdwn: str) -> str:
    """Return what the mrkdwn shows, without its styles; moments are as their fallback says."""
    return "".join(str(element.get("text") or element.get("fallback") or "") for element in _elements(mrkdwn))


def as_rich(*lines: str) -> Block:
    """Build a rich text block that shows these lines of mrkdwn."""
    sections = [{"type": "rich_text_section", "elements": list(_elements(line))} for line in lines if line]
    return {"type": "rich_text", "elements": sections}


def _elements(mrkdwn: str) -> Iterator[Block]:
    """Yield the elements of rich text. Only our own marks style; each has its counterpart in the same text."""
    styles: set[str] = set()
    position = 0
    for found in _PIECE.finditer(mrkdwn):
        typed, token, mark = found.groups()
        if mark and not _acts(mrkdwn, found, styles):
            continue
        yield from _text(mrkdwn[position : found.start()], styles)
        position = found.end()
        if typed is not None:
            yield from _text(typed, styles)
        elif token is not None:
            yield _token(token)
        else:
            styles ^= {mark}
    yield from _text(mrkdwn[position:], styles)


def _acts(mrkdwn: str, found: re.Match[str], styles: set[str]) -> bool:
    """Return whether a mark begins or ends a style."""
    mark, before, after = found[0], mrkdwn[: found.start()], mrkdwn[found.end() :]
    if mark in styles:
        return not before[-1:].isspace() and not after[:1].isalnum()
    opens = not before[-1:].isalnum() and bool(after) and not after[0].isspace() and "`" not in styles
    return opens and mark in _TYPED.sub("", after)


def _text(escaped: str, styles: set[str]) -> Iterator[Block]:
    if escaped:
        style = {"style": {_STYLES[mark]: True for mark in sorted(styles)}} if styles else {}
        yield {"type": "text", "text": unescape(escaped), **style}


def _token(token: str) -> Block:
    """Return the element of a mention or a date, which are the only tokens of ours."""
    target, _bar, label = token.partition("|")
    if target.startswith("!date^"):
        _date, stamp, pattern = target.split("^")
        return {"type": "date", "timestamp": int(stamp), "format": pattern, "fallback": unescape(label)}
    if target[:1] == "#":
        return {"type": "channel", "channel_id": target[1:]}
    return {"type": "user", "user_id": target[1:]}
