"""A finished file in memory, and file names that are safe on every system."""

import re
from dataclasses import dataclass

_UNSAFE = re.compile(r"[^\w.()+-]+")


#: The longest file name in bytes. Most file systems allow 255; the rest is left for prefixes such as “Copy of”.
MAX_NAME_BYTES = 200


@dataclass(frozen=True, slots=True)
class File:
    """A finished file.

    `title` is shown above it in Slack. `subject` names its content where several files are sent at once.
    """

    name: str
    title: str
    content: bytes
    subject: str = ""


def safe_name(name: str, ending: str) -> str:
    """Return a file name without directories, spaces, and characters that are special to shells or file systems.

    With its ending (given without a dot) it has at most `MAX_NAME_BYTES` bytes in UTF-8. It is cut between characters.
    """
    whole = _UNSAFE.sub("_", name).strip("._-").encode()
    stem = whole[: MAX_NAME_BYTES - len(f".{ending}")].decode(errors="ignore")
    return f"{stem or 'file'}.{ending}"
