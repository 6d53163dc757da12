"""Typed text on its way into files that are XML inside: Word and Excel."""

import re

_UNHELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def holdable(text: str) -> str:
    """The text without what XML cannot hold, whatever somebody typed."""
    return _UNHELD.sub("", text)
