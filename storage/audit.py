"""The append-only history of a case: each entry's hash covers the previous entry."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from storage import settled_facts
from storage.dialects import listed
from storage.documents import canonical, hash_of
from storage.tables import AuditEntry, Case
from storage.vocabulary import State

#: The clocks of two machines that write to one case at once differ by less; a larger difference is a wrong clock.
_CONTENDED = timedelta(minutes=1)
_LAST_MOMENT = (
    select(AuditEntry.at).where(AuditEntry.case_id == bindparam("case")).order_by(col(AuditEntry.seq).desc()).limit(1)
)


def moment(session: Session, case_id: int, now: datetime) -> datetime:
    """Return the time of the next step of a locked case: `now`, but not before the step that it waited for.

    `now` was read before the wait. If the last entry is further ahead, its clock was wrong, and `now` is used anyway.
    """
    last = session.exec(_LAST_MOMENT, params={"case": case_id}).one()
    return last if now < last <= now + _CONTENDED else now


def append(
    session: Session,
    case: Case,
    step: str,
    person: str,
    from_state: State | None,
    data: Mapping[str, Any],
    now: datetime,
) -> AuditEntry:
    """Add the next entry and update the end of the chain on the case. `now` is aware UTC."""
    assert case.id is not None
    settled_facts.forget(session, case)
    written = AuditEntry(
        case_id=case.id,
        seq=case.audit_count + 1,
        at=now,
        person_id=person,
        step=step,
        from_state=from_state,
        to_state=case.state,
        data=canonical(data),
        previous_hash=case.audit_head,
        hash="",
    )
    written.hash = hash_of_entry(written)
    case.audit_count, case.audit_head = written.seq, written.hash
    session.add(written)
    return written


def hash_of_entry(entry: AuditEntry) -> str:
    """Return the hash that an entry must have, computed from its content and the previous hash."""
    return hash_of(canonical(covered(entry)))


def covered(entry: AuditEntry) -> dict[str, Any]:
    """Return what the hash of an entry covers."""
    return {
        "case": entry.case_id,
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "person": entry.person_id,
        "step": entry.step,
        "from": entry.from_state,
        "to": entry.to_state,
        "data": entry.data,
        "previous": entry.previous_hash,
    }


def entries(session: Session, case_id: int) -> list[AuditEntry]:
    """Return the history of a case, oldest first."""
    return list(session.exec(select(AuditEntry).where(AuditEntry.case_id == case_id).order_by(col(AuditEntry.seq))))


def entries_of(session: Session, case_id: int, step: str) -> list[AuditEntry]:
    """Return the entries of one step in the history of a case, oldest first."""
    query = select(AuditEntry).where(AuditEntry.case_id == case_id, AuditEntry.step == step)
    return list(session.exec(query.order_by(col(AuditEntry.seq))))


def changed_after(session: Session, moment: datetime, case_ids: Iterable[int] | None = None) -> list[int]:
    """Return the cases, among these or all, that have an entry after the moment (aware UTC), ordered by number."""
    query = select(AuditEntry.case_id).where(AuditEntry.at > moment)
    if case_ids is not None:
        query = query.where(col(AuditEntry.case_id).in_(listed(case_ids)))
    return sorted(set(session.exec(query)))


def broken(chain: Iterable[AuditEntry]) -> list[int]:
    """Return the positions in the chain whose entry is missing, added or changed."""
    wrong: list[int] = []
    previous, expected = "", 1
    for entry in chain:
        if (entry.seq, entry.previous_hash, entry.hash) != (expected, previous, hash_of_entry(entry)):
            wrong.append(entry.seq)
        previous, expected = entry.hash, entry.seq + 1
    return wrong
