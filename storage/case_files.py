"""What became of the files that steps brought."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from storage.dialects import listed
from storage.tables import CaseFile


def find(session: Session, case_id: int, seq: int, file_id: str) -> CaseFile | None:
    """Return what became of a file that the entry `seq` brought; None while it is still to be fetched."""
    return session.get(CaseFile, (case_id, seq, file_id))


def of_case(session: Session, case_id: int) -> list[CaseFile]:
    """Return what became of the files of a case, in the order of the entries that brought them."""
    query = select(CaseFile).where(CaseFile.case_id == case_id)
    return list(session.exec(query.order_by(col(CaseFile.seq), col(CaseFile.file_id))))


def of_entry(session: Session, case_id: int, seq: int) -> list[CaseFile]:
    """Return what became of the files that one entry of a case brought, as far as it is known."""
    return [one for one in of_case(session, case_id) if one.seq == seq]


def kept(session: Session, case_ids: Iterable[int] | None = None) -> list[CaseFile]:
    """Return the files of these cases, or of all, of which there is a copy, in order."""
    query = select(CaseFile).where(col(CaseFile.sha256).is_not(None))
    if case_ids is not None:
        query = query.where(col(CaseFile.case_id).in_(listed(case_ids)))
    return list(session.exec(query.order_by(col(CaseFile.case_id), col(CaseFile.seq), col(CaseFile.file_id))))
