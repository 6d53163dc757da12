"""What the documents come to: a file with a name that is safe anywhere."""

import re
from dataclasses import dataclass

_UNSAFE = re.compile(r"[^\w.()+-]+")


@dataclass(frozen=True, slots=True)
class File:
    """A finished file. `title` is what people read above it."""

    name: str
    title: str
    content: bytes


def safe_name(name: str, ending: str) -> str:
    """A file name without directories, spaces and signs that a shell or a disk could misread; at most 120 long."""
    stem = _UNSAFE.sub("_", name).strip("._-")[: 119 - len(ending)]
    return f"{stem or 'file'}.{ending}"
