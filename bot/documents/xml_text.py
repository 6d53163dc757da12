"""Cleans typed text for Word and Excel files, which are XML inside."""

import re

_UNHELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def holdable(text: str) -> str:
    """Return the text without the characters that XML does not allow."""
    return _UNHELD.sub("", text)
