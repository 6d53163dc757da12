"""The file of a backup: of which kind it is, and whether it is as it was written."""

from pathlib import Path

from storage import backup_checksum

#: The first bytes of a backup of each kind.
KINDS = {b"SQLite format 3\0": "SQLite", b"PGDMP": "PostgreSQL"}


class WrongDatabase(Exception):
    """The named database cannot be used for this; nothing was done."""


class WrongFile(Exception):
    """The named file cannot be used for this; nothing was done."""


class BackupFailed(Exception):
    """The attempt failed: no file was created, and the database is as empty as before."""


def seal(made: Path) -> None:
    """Add the checksum to a backup, and read it again: what does not hold gets no name."""
    backup_checksum.append(made)
    if not backup_checksum.holds(made):
        raise BackupFailed("what was written cannot be read again as it was")


def kind(file: Path) -> str:
    """Return the kind of database that the file is a backup of."""
    try:
        with file.open("rb") as opened_file:
            beginning = opened_file.read(16)
    except OSError as error:
        raise WrongFile(f"cannot be read: {error.strerror}") from None
    for begins, name in KINDS.items():
        if beginning.startswith(begins):
            return name
    raise WrongFile("is not a backup: neither an SQLite file nor one in pg_dump's custom format")


def checksum_holds(file: Path) -> bool:
    """Return whether the file has a checksum, which holds. Raises `WrongFile` if it does not."""
    try:
        found = backup_checksum.holds(file)
    except OSError as error:
        raise WrongFile(f"cannot be read: {error.strerror}") from None
    if found is False:
        raise WrongFile("is damaged: its checksum does not hold; take another backup")
    return found is not None
