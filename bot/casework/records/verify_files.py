"""Verifies that the content of every kept file is stored and has the SHA-256 that the history names."""

from collections.abc import Iterable, Iterator

from sqlmodel import Session

from bot.casework.records.findings import Finding, FindingKind
from storage import case_files
from storage.file_contents import FileContents, holds


def verify_files(
    session: Session, contents: FileContents, case_ids: Iterable[int] | None = None
) -> Iterator[tuple[int, Finding]]:
    """Yield the case and the finding of each file of these cases, or of all, whose content is missing or changed.

    A content that several files share is read once.
    """
    judged: dict[str, FindingKind | None] = {}
    for file in case_files.kept(session, case_ids):
        digest = file.sha256 or ""
        if digest not in judged:
            judged[digest] = _judged(contents, digest)
        if wrong := judged[digest]:
            yield file.case_id, Finding(wrong, f"{file.name} ({digest[:8]})")


def _judged(contents: FileContents, digest: str) -> FindingKind | None:
    try:
        return None if holds(contents, digest) else FindingKind.FILE_CHANGED
    except OSError:
        return FindingKind.FILE_MISSING
