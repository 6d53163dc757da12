"""The append-only history of a case: each entry's hash covers the previous entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Text, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from storage import replay, settled_facts
from storage.bulk_insert import insert_all
from storage.core_reads import read
from storage.dialects import as_list, listed
from storage.documents import canonical, hash_of
from storage.replay import Projection
from storage.tables import METADATA, AuditEntry, Case
from storage.vocabulary import HistoryEvent, State

#: Stands for the person of an entry that nobody caused by an act.
NOBODY = "faultdesk"
#: The clocks of two machines that write to one case at once differ by less; a larger difference is a wrong clock.
_CONTENDED = timedelta(minutes=1)
_LAST_MOMENT = (
    select(AuditEntry.at).where(AuditEntry.case_id == bindparam("case")).order_by(col(AuditEntry.seq).desc()).limit(1)
)


def moment(session: Session, case_id: int, now: datetime) -> datetime:
    """Return the time of the next step of a locked case: `now`, but not before the step that it waited for.

    `now` was read before the wait. If the last entry is further ahead, its clock was wrong, and `now` is used anyway.
    """
    last: datetime = read(session, _LAST_MOMENT, case=case_id).scalar_one()
    return last if now < last <= now + _CONTENDED else now


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be written. `step` is the code of a step or of a `HistoryEvent`; `from_state` None: a new case.

    `changes` is what it changes of the case (`storage.replay`); `identities` are names and roles at this moment.
    """

    step: str
    person: str
    from_state: State | None
    data: Mapping[str, Any]
    changes: Projection
    identities: Mapping[str, Any] = field(default_factory=dict)


_ENTRIES, _CASES = (METADATA.tables[table.__tablename__] for table in (AuditEntry, Case))


def append(session: Session, case: Case, new: NewEntry, now: datetime) -> int:
    """Add the entry of a step to a stored case, update the end of the chain on the case, and return the entry's number.

    `now` is aware UTC.
    """
    settled_facts.forget(session, case)
    columns = _next(case, new, now)
    insert_all(session.connection(), _ENTRIES, [columns])
    case.audit_count, case.audit_head = columns["seq"], columns["hash"]
    return case.audit_count


def _last(name: str) -> ScalarSelect[Any]:
    """Return a column of the last entry of a case."""
    of_case = select(_ENTRIES.c[name]).where(_ENTRIES.c.case_id == _CASES.c.id)
    return of_case.order_by(_ENTRIES.c.seq.desc()).limit(1).scalar_subquery()


#: Makes the last entry of each of these cases the end of its chain.
_END_CHAINS = (
    update(_CASES)
    .where(_CASES.c.id.in_(listed(bindparam("cases", type_=Text))))
    .values(audit_count=_last("seq"), audit_head=_last("hash"))
)


def append_events(session: Session, events: Iterable[tuple[Case, NewEntry]], now: datetime) -> None:
    """Add entries that are no steps to locked cases. What settled cases count stays as it is.

    One statement updates all cases, so nothing of them is left to write.
    """
    written = []
    for case, new in events:
        columns = _next(case, new, now)
        written.append(columns)
        set_committed_value(case, "audit_count", columns["seq"])
        set_committed_value(case, "audit_head", columns["hash"])
    if written:
        connection = session.connection()
        insert_all(connection, _ENTRIES, written)
        connection.execute(_END_CHAINS, {"cases": as_list({columns["case_id"] for columns in written})})


def _next(case: Case, new: NewEntry, now: datetime) -> dict[str, Any]:
    """Return the columns of the next entry of a case."""
    columns = {
        "case_id": case.id,
        "seq": case.audit_count + 1,
        "at": now,
        "person_id": new.person,
        "step": new.step,
        "from_state": new.from_state,
        "to_state": case.state,
        "data": canonical(new.data),
        "changes": canonical(new.changes),
        "identities": canonical(new.identities),
        "previous_hash": case.audit_head,
    }
    return {**columns, "hash": hash_of(canonical(_covered(columns)))}


def hash_of_entry(entry: AuditEntry) -> str:
    """Return the hash that an entry must have, computed from its content and the previous hash."""
    return hash_of(canonical(covered(entry)))


def covered(entry: AuditEntry) -> dict[str, Any]:
    """Return what the hash of an entry covers."""
    return _covered({name: getattr(entry, name) for name in _COLUMNS})


_COLUMNS = tuple(column.name for column in METADATA.tables[AuditEntry.__tablename__].columns)


def _covered(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the hash covers. Entries of earlier versions have neither changes nor identities."""
    recorded = {name: columns[name] for name in ("changes", "identities") if columns[name] is not None}
    return {
        **recorded,
        "case": columns["case_id"],
        "seq": columns["seq"],
        "at": columns["at"].isoformat(),
        "person": columns["person_id"],
        "step": columns["step"],
        "from": columns["from_state"],
        "to": columns["to_state"],
        "data": columns["data"],
        "previous": columns["previous_hash"],
    }


#: The condition that an entry is a step, for what people read as the history.
IS_STEP = col(AuditEntry.step).not_in(list(HistoryEvent))
_OF_CASE = select(AuditEntry).where(AuditEntry.case_id == bindparam("case")).order_by(col(AuditEntry.seq))
_ADOPTED = _OF_CASE.where(AuditEntry.step == HistoryEvent.ADOPTED)
_STEPS = _OF_CASE.where(IS_STEP)


def entries(session: Session, case_id: int) -> list[AuditEntry]:
    """Return the whole history of a case, oldest first."""
    return list(session.exec(_OF_CASE, params={"case": case_id}))


def steps(session: Session, case_id: int) -> list[AuditEntry]:
    """Return the steps in the history of a case, oldest first."""
    return list(session.exec(_STEPS, params={"case": case_id}))


def adopted(session: Session, case_id: int) -> AuditEntry | None:
    """Return the entry that records the case as it was at the upgrade; None for a case that was reported later."""
    return session.exec(_ADOPTED, params={"case": case_id}).first()


def entries_of(session: Session, case_id: int, step: str) -> list[AuditEntry]:
    """Return the entries of one step in the history of a case, oldest first."""
    query = select(AuditEntry).where(AuditEntry.case_id == case_id, AuditEntry.step == step)
    return list(session.exec(query.order_by(col(AuditEntry.seq))))


def replayed_from(history: Iterable[AuditEntry]) -> int | None:
    """Return the number of the entry from which on the history tells every change; None if there is none.

    It is the report, or the entry that adopted a case of an earlier version.
    """
    whole = (entry for entry in history if entry.seq == 1 or entry.step == HistoryEvent.ADOPTED)
    return next((entry.seq for entry in whole if replay.read(entry.changes) is not None), None)


def broken(chain: Iterable[AuditEntry]) -> list[int]:
    """Return the positions in the chain whose entry is missing, added or changed."""
    wrong: list[int] = []
    previous, expected = "", 1
    for entry in chain:
        place: Any = entry.seq  # no number if it was made unreadable
        if (place, entry.previous_hash, entry.hash) != (expected, previous, _hash_or_none(entry)):
            wrong.append(place if isinstance(place, int) else expected)
        previous, expected = entry.hash, (place if isinstance(place, int) else expected) + 1
    return wrong


def _hash_or_none(entry: AuditEntry) -> str | None:
    """Return the hash that an entry must have; None if one of its columns is unreadable."""
    try:
        return hash_of_entry(entry)
    except (AttributeError, TypeError, ValueError):
        return None
