"""What the documents come to: a file with a name that is safe anywhere."""

import re
from dataclasses import dataclass

_UNSAFE = re.compile(r"[^\w.()+-]+")


#: Bytes of a name. Most disks take 255; whoever copies a file puts a word in front.
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class File:
    """A finished file. `title` is what people read above it; `subject` what it is about, where several come at once."""

    name: str
    title: str
    content: bytes
    subject: str = ""


def safe_name(name: str, ending: str) -> str:
    """A file name without directories, spaces and signs that a shell or a disk could misread.

    With its ending it has at most `LONGEST_NAME` bytes in UTF-8; it is cut between characters.
    """
    whole = _UNSAFE.sub("_", name).strip("._-").encode()
    stem = whole[: LONGEST_NAME - len(f".{ending}")].decode(errors="ignore")
    return f"{stem or 'file'}.{ending}"
