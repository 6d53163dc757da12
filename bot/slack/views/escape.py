"""Makes text that people typed safe to show: it cannot mention anybody, create links or change the layout.

Where possible, typed text is shown in `plain_text` objects and rich text. In mrkdwn (slack-platform.md §3) it passes
through `typed`, which makes it one escaped line. No character is replaced, because people copy addresses and codes:
mrkdwn of ours is `verbatim`, and a text with markup is marked, so that its block becomes rich text (`styled_text`).
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.i18n.translator import Translator

Block = dict[str, Any]

#: Shown in place of an empty text.
NOTHING = "–"
_PERSON = re.compile(r"[UW][A-Z0-9]+")
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")
#: Around a typed text that mrkdwn would style. They are noncharacters, which no text may hold.
TYPED_START, TYPED_END = "\ufdd0", "\ufdd1"
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\u0085]")
#: What mrkdwn would not show as it is typed: characters that style text at the edge of a word (inside a word, as in
#: `a_b`, Slack shows them), codes of emoji, and a quotation. That `verbatim` keeps `@here` from calling anybody was not
#: measured, so that is never left to it.
_MARKUP = re.compile(
    r"(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])|`|:[\w+'-]+:|^>|(?<![\w@])@(?:here|channel|everyone)\b"
)
#: The pieces of mrkdwn between which it can be cut: tokens, entities and single characters.
_ATOM = re.compile(r"<[^<>]*>|&\w+;|.", re.DOTALL)
#: Unicode categories of characters that modify the one before: accents, variation selectors, skin tones.
_TRAILING = ("Mn", "Me", "Sk")
_JOINER = "\u200d"


def tame(text: str) -> str:
    """Remove control characters and changes of text direction, and turn every line end into a newline."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """Return typed text on one line, without control characters."""
    return " ".join(tame(text).split())


def shorten(text: str, limit: int) -> str:
    """Shorten text to at most `limit` characters; "…" marks a cut. Combined characters are not split."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (_belongs_to_last(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[:end].rstrip() + "…"


def _belongs_to_last(character: str) -> bool:
    return character == _JOINER or unicodedata.category(character) in _TRAILING


def escape(text: str) -> str:
    """Escape `&`, `<` and `>` for mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return what escaped text shows."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, limit: int = 80) -> str:
    """Return typed text as one safe line of mrkdwn, cut to `limit` characters before escaping.

    A text that mrkdwn would style is marked, so that its block becomes rich text.
    """
    line = shorten(one_line(text), limit)
    shown = escape(line) or NOTHING
    return f"{TYPED_START}{shown}{TYPED_END}" if _MARKUP.search(line) else shown


def is_person(user_id: object) -> bool:
    """Whether a value has the form of a Slack user id."""
    return isinstance(user_id, str) and _PERSON.fullmatch(user_id) is not None


def mention(user_id: str) -> str:
    """Return a mention in mrkdwn; what is no user id becomes text."""
    return f"<@{user_id}>" if is_person(user_id) else typed(user_id)


def is_channel(target: str) -> bool:
    """Whether a value has the form of the id of a channel, which a direct message is not."""
    return _CHANNEL.fullmatch(target) is not None


def addressee(target: str) -> str:
    """Return the person or channel that a message is for in mrkdwn; what is neither becomes text."""
    return f"<#{target}>" if is_channel(target) else mention(target)


def mentions(people: Iterable[str], most: int = 8) -> str:
    """Return mentions of at most `most` people in mrkdwn, followed by the number of the others."""
    everyone = tuple(people)
    shown = " ".join(mention(person) for person in everyone[:most])
    left = len(everyone) - most
    return f"{shown} +{left}" if left > 0 else shown or NOTHING


def moment(at: datetime, t: Translator) -> str:
    """Return an aware moment as a date token of mrkdwn. Slack shows it in the time zone of the reader's device."""
    fallback = escape(t.moment(at)).replace("|", "/")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"


def clip(mrkdwn: str, limit: int) -> str:
    """Shorten mrkdwn to at most `limit` characters without splitting a token or an entity."""
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
    """Join the parts that are not empty, one a line."""
    return "\n".join(line for line in found if line)


def dotted(*found: str) -> str:
    """Join the parts that are not empty on one line, separated by dots."""
    return " · ".join(part for part in found if part)
