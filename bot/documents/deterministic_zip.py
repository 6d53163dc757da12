"""ZIP files that are the same for the same content: neither the moment nor the system leaves a mark."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

#: The earliest date that the format knows; what is in a file tells its own times.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def entry(name: str) -> ZipInfo:
    """The place of one file in an archive."""
    made = ZipInfo(name, _LONG_AGO)
    made.create_system = 0
    made.compress_type = ZIP_DEFLATED
    return made


def settled(archive: bytes) -> bytes:
    """A Word file as somebody's library wrote it, in an order and with dates of its own."""
    made = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(made, "w") as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            target.writestr(entry(name), source.read(name))
    return made.getvalue()
