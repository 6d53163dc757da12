"""The append-only history of the desk: what belongs to no case. Each entry's hash covers the previous entry."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from storage import stored_rows
from storage.concurrent_insert import one_at_a_time
from storage.documents import canonical, hash_of
from storage.tables import DeskEntry
from storage.vocabulary import DeskEvent

_LAST = select(DeskEntry).order_by(col(DeskEntry.seq).desc()).limit(1)


def append(session: Session, event: DeskEvent, person: str, data: Mapping[str, Any], now: datetime) -> DeskEntry:
    """Add the next entry. `person` is a Slack id, empty for a command; `now` is aware UTC.

    Transactions that add one wait for each other, so this comes last in a transaction.
    """
    hold(session)
    before = last(session)
    written = DeskEntry(
        seq=before.seq + 1 if before else 1,
        at=now,
        person_id=person,
        event=event,
        data=canonical(data),
        previous_hash=before.hash if before else "",
        hash="",
    )
    written.hash = hash_of_entry(written)
    session.add(written)
    session.flush()
    return written


def hold(session: Session) -> None:
    """Wait until no other transaction adds an entry, and make others wait until this one ends."""
    one_at_a_time(session.connection(), "desk_history")


def last(session: Session) -> DeskEntry | None:
    """Return the newest entry; None if there is none."""
    return session.exec(_LAST).first()


def entries(session: Session, events: Collection[DeskEvent] | None = None) -> list[DeskEntry]:
    """Return the entries of these events, or all, oldest first; an unreadable value is `Damaged`."""
    chosen = () if events is None else (col(DeskEntry.event).in_(events),)
    return stored_rows.read(session, DeskEntry, *chosen, order=[col(DeskEntry.seq)])


def covered(entry: DeskEntry) -> dict[str, Any]:
    """Return what the hash of an entry covers."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "person": entry.person_id,
        "event": entry.event,
        "data": entry.data,
        "previous": entry.previous_hash,
    }


def hash_of_entry(entry: DeskEntry) -> str:
    """Return the hash that an entry must have, computed from its content and the previous hash."""
    return hash_of(canonical(covered(entry)))


def broken(chain: Iterable[DeskEntry]) -> list[int]:
    """Return the positions in the chain whose entry is missing, added or changed."""
    wrong: list[int] = []
    previous, expected = "", 1
    for entry in chain:
        if (entry.seq, entry.previous_hash, entry.hash) != (expected, previous, hash_or_none(entry)):
            wrong.append(entry.seq)
        previous, expected = entry.hash, entry.seq + 1
    return wrong


def hash_or_none(entry: DeskEntry) -> str | None:
    """Return the hash that an entry must have; None if one of its columns is unreadable."""
    try:
        return hash_of_entry(entry)
    except (AttributeError, TypeError, ValueError):
        return None
