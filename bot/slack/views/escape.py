"""Typed text made safe to show: it never pings, never links, never forges layout.

Typed text goes into `plain_text` objects and rich text where it can. Where it stands in mrkdwn, `typed` has
made it one escaped line whose signs of markup are full-width, so that Slack reads no markup in it.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.i18n.translator import Translator

Block = dict[str, Any]

#: What stands where nothing is.
NOTHING = "–"
_PERSON = re.compile(r"[UW][A-Z0-9]+")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\u0085]")
#: Signs that style text when they stand at the edge of a word; within one (`a_b`) Slack leaves them alone.
_STYLE = re.compile(r"(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])|`")
_WIDE = str.maketrans("*_~`", "＊＿～｀")
#: Where Slack would see a mention, a channel or an emoji.
_CALLING = re.compile(r"[@#](?=\w)|:(?=[\w+'-]+:)")
#: The smallest pieces of mrkdwn that may not be cut.
_ATOM = re.compile(r"<[^<>]*>|&\w+;|.", re.DOTALL)
#: What belongs to the character before it: accents, variation selectors, joiners, skin tones.
_TRAILING = ("Mn", "Me", "Sk")
_JOINER = "\u200d"


def tame(text: str) -> str:
    """Typed text without control characters and turned directions; every line end is a newline."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """Typed text on one line."""
    return " ".join(tame(text).split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last of them "…" if something was cut off; no character is halved."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (_belongs_to_last(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[:end].rstrip() + "…"


def _belongs_to_last(character: str) -> bool:
    return character == _JOINER or unicodedata.category(character) in _TRAILING


def escape(text: str) -> str:
    """Text as Slack's mrkdwn transports it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str, limit: int = 80) -> str:
    """Typed text as one line of mrkdwn, at most `limit` characters before escaping."""
    line = shorten(one_line(text), limit)
    line = _STYLE.sub(lambda sign: sign[0].translate(_WIDE), line)
    line = _CALLING.sub(lambda sign: sign[0] + "\u200b", line)
    if line.startswith(">"):
        line = "＞" + line[1:]
    return escape(line) or NOTHING


def is_person(user_id: object) -> bool:
    """True for what Slack would take as a user's id."""
    return isinstance(user_id, str) and _PERSON.fullmatch(user_id) is not None


def mention(user_id: str) -> str:
    """The person in mrkdwn; anything but a user's id is shown as text."""
    return f"<@{user_id}>" if is_person(user_id) else typed(user_id)


def mentions(people: Iterable[str], most: int = 8) -> str:
    """People in mrkdwn, the number of those left out at the end."""
    everyone = tuple(people)
    shown = " ".join(mention(person) for person in everyone[:most])
    left = len(everyone) - most
    return f"{shown} +{left}" if left > 0 else shown or NOTHING


def moment(at: datetime, t: Translator) -> str:
    """An aware moment in mrkdwn, in the zone of the reader's device."""
    fallback = escape(t.moment(at)).replace("|", "/")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def clip(mrkdwn: str, limit: int) -> str:
    """mrkdwn of at most `limit` characters, cut between its tokens and entities."""
    if len(mrkdwn) <= limit:
        return mrkdwn
    kept, length = [], 0
    for atom in _ATOM.findall(mrkdwn):
        if length + len(atom) > limit - 1:
            break
        kept.append(atom)
        length += len(atom)
    return "".join(kept).rstrip() + "…"


def lines(*found: str) -> str:
    """The lines that have something on them."""
    return "\n".join(line for line in found if line)


def dotted(*found: str) -> str:
    """The parts that have something in them, on one line."""
    return " · ".join(part for part in found if part)
