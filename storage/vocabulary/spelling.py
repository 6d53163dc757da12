"""Which texts are the same name, and which show nothing (Unicode: `NFKC_Casefold`, `Default_Ignorable_Code_Point`)."""

import re
from unicodedata import category, normalize

#: Characters that are not shown: joiners, marks of direction, variation selectors, fillers, tags.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
#: One character may stand for eighteen others, and an index of PostgreSQL takes at most 2,704 bytes.
_MAX_COMPARED = 600
_BRAILLE_BLANK = "\u2800"


def comparable(name: str) -> str:
    """Return what names are compared by.

    Compatible characters, upper and lower case, spaces, and characters that are not shown make no difference. Of a very
    long name the beginning is compared.
    """
    folded = normalize("NFKC", normalize("NFKC", _IGNORABLE.sub("", name)).casefold())
    return " ".join(_IGNORABLE.sub("", folded).split())[:_MAX_COMPARED].rstrip()


def is_visible(text: str) -> bool:
    """Return whether anything of a text is shown: it is more than spaces, controls and characters without a shape."""
    rest = _IGNORABLE.sub("", text).replace(_BRAILLE_BLANK, "")
    return any(category(character)[0] not in "ZC" or category(character) in ("Co", "Cn") for character in rest)


def is_whole(text: str) -> bool:
    """Return whether a text has no half of a character, as of an emoji that was cut. No database stores one."""
    return _HALF_CHARACTER.search(text) is None


def whole(text: str) -> str:
    """Return a text that nobody can correct, such as the name of a file, with a mark for each half of a character."""
    return _HALF_CHARACTER.sub("\ufffd", text)
