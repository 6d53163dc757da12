"""Cleans typed text for Word and Excel files, which are XML inside."""

import re

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def allowed_in_xml(text: str) -> str:
    """Return the text without the characters that XML does not allow."""
    return _NOT_IN_XML.sub("", text)
