"""The contents of kept files as one ZIP beside the backup of the database, each named by its SHA-256."""

import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from sqlalchemy import inspect
from sqlmodel import Session

from storage import case_files
from storage.backup_file import WrongFile
from storage.file_contents import CHUNK_BYTES, FileContents, chunks_of
from storage.private_files import atomic_file
from storage.tables import CaseFile

_DIGEST = re.compile(r"[0-9a-f]{64}")


def beside(file: Path) -> Path:
    """Return the ZIP with the files that belongs to this backup of the database."""
    return file.with_name(f"{file.name}.files.zip")


def backup_files(session: Session, contents: FileContents, file: Path) -> tuple[int, int]:
    """Write the contents of all kept files to a new ZIP, if there are any. Return how many it has, and how many
    are missing.

    What is kept is never deleted, so it may be read after the snapshot of the database. The database may have an
    earlier schema, which knows no files. Raises `OSError`.
    """
    known = inspect(session.connection()).has_table(CaseFile.__tablename__)
    digests = sorted({one.sha256 for one in case_files.kept(session) if one.sha256}) if known else []
    if not digests:
        return 0, 0
    missing = 0
    with atomic_file(file) as made, ZipFile(made, "w") as archive:
        for digest in digests:
            try:
                content = contents.open(digest)
            except FileNotFoundError:
                missing += 1
                continue
            with content, archive.open(digest, "w", force_zip64=True) as target:
                for chunk in chunks_of(content):
                    target.write(chunk)
    return len(digests) - missing, missing


def restore_files(contents: FileContents, file: Path) -> int:
    """Store every content of the ZIP, and return their number.

    Raises `WrongFile` if it is no such ZIP or a content is not the one that its name says, and `OSError`.
    """
    try:
        with ZipFile(file) as archive:
            names = archive.namelist()
            for name in names:
                if not _DIGEST.fullmatch(name):
                    raise WrongFile("is not a backup of files")
                with archive.open(name) as content:
                    stored = contents.store(iter(lambda: content.read(CHUNK_BYTES), b""))
                if stored.sha256 != name:
                    raise WrongFile(f"is damaged: {name[:8]} is not the content that it was")
    except BadZipFile:
        raise WrongFile("is damaged: not a whole ZIP") from None
    return len(names)
