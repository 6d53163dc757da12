"""Deterministic ZIP files: the same content gives the same bytes at any time and on any system."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

#: The earliest date that the ZIP format allows, used for all files. The documents state their times themselves.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def entry(name: str) -> ZipInfo:
    """Return the archive entry for a file, with a fixed date and system."""
    made = ZipInfo(name, _LONG_AGO)
    made.create_system = 0
    made.compress_type = ZIP_DEFLATED
    return made


def normalized(archive: bytes) -> bytes:
    """Return a Word file repacked with a fixed order and fixed dates of its parts."""
    made = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(made, "w") as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            target.writestr(entry(name), source.read(name))
    return made.getvalue()
