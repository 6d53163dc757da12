"""The rich_text block that Slack's composer makes of typed text."""

import re
from typing import Any

from bot.sandbox.blocks.mrkdwn import BROADCASTS, unescape
from bot.sandbox.shared_state import Json

STYLES = {"*": "bold", "_": "italic", "~": "strike", "`": "code"}
#: A token, the name of an emoji, or text between two style markers.
PIECE = re.compile(
    r"<(?P<token>[^<>]+)>|:(?P<emoji>[a-z0-9_+'-]*[a-z+][a-z0-9_+'-]*):"
    r"|(?<![\w*_~`])(?P<sign>[*_~`])(?P<inner>\S(?:.*?\S)?)(?P=sign)(?![\w*_~`])"
)
FENCE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
QUOTE = re.compile(r"((?:^&gt;.*(?:\n|\Z))+)", re.MULTILINE)


def block(text: str) -> Json:
    """Return the text of a message, including its tokens, as a rich_text block."""
    parts: list[Json] = []
    for at, fenced in enumerate(FENCE.split(text)):
        if at % 2:
            parts.append({"type": "rich_text_preformatted", "elements": [_text(fenced, {})]})
            continue
        for place, piece in enumerate(QUOTE.split(fenced)):
            kind = "rich_text_quote" if place % 2 else "rich_text_section"
            shown = re.sub("^&gt; ?", "", piece, flags=re.MULTILINE) if place % 2 else piece
            if shown.strip():
                parts.append({"type": kind, "elements": _elements(shown.strip("\n"), {})})
    return {"type": "rich_text", "elements": parts}


def _elements(text: str, style: Json) -> list[Json]:
    found: list[Json] = []
    position = 0
    for piece in PIECE.finditer(text):
        found += _plain(text[position : piece.start()], style)
        found += _piece(piece, style)
        position = piece.end()
    return found + _plain(text[position:], style)


def _piece(piece: re.Match[str], style: Json) -> list[Json]:
    if token := piece["token"]:
        return [_token(token) | _styled(style)]
    if name := piece["emoji"]:
        return [{"type": "emoji", "name": name} | _styled(style)]
    inner = style | {STYLES[piece["sign"]]: True}
    return _plain(piece["inner"], inner) if "code" in inner else _elements(piece["inner"], inner)


def _token(token: str) -> Json:
    target, _, label = token.partition("|")
    kind, known = target[0], target[1:]
    if kind == "@":
        return {"type": "user", "user_id": known}
    if kind == "#":
        return {"type": "channel", "channel_id": known}
    if target.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
    if kind == "!" and known in BROADCASTS:
        return {"type": "broadcast", "range": known}
    return {"type": "link", "url": unescape(target)} | ({"text": unescape(label)} if label else {})


def _plain(text: str, style: Json) -> list[Json]:
    return [_text(text, style)] if text else []


def _text(text: str, style: Json) -> Json:
    return {"type": "text", "text": unescape(text)} | _styled(style)


def _styled(style: Json) -> dict[str, Any]:
    return {"style": style} if style else {}
