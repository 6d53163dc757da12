"""Signatures by the desk's key, which is kept outside the database, and the keys that the desk has used."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session, col, select

from storage import desk_history
from storage.concurrent_insert import insert_new
from storage.documents import parsed
from storage.tables import DeskEntry, KeySignature
from storage.vocabulary import KEY_EVENTS, DeskEvent, SignedKind


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key that the desk uses or has used, from `since` (aware UTC).

    `fingerprint` names the key, `public` is the public key in base64. `entry` is the number of the desk's entry that
    introduced it, `digest` the hash of that entry. `previous` is the fingerprint of the key that it replaced.
    """

    fingerprint: str
    public: str
    since: datetime
    event: DeskEvent
    entry: int
    digest: str
    previous: str | None


def used(session: Session) -> list[UsedKey]:
    """Return the keys of the desk, oldest first; the last one is in use. An unreadable entry introduces no key."""
    found: list[UsedKey] = []
    for entry in desk_history.entries(session, KEY_EVENTS):
        key = _introduced(entry, found[-1].fingerprint if found else None)
        found += [key] if key else []
    return found


def _introduced(entry: DeskEntry, previous: str | None) -> UsedKey | None:
    said: Any = parsed(entry.data) or {}
    key, public, digest, at = said.get("key"), said.get("public"), entry.hash, cast(Any, entry.at)
    if not isinstance(at, datetime) or not all(isinstance(one, str) for one in (key, public, digest)):
        return None
    return UsedKey(key, public, at, entry.event, entry.seq, digest, previous)


def current(session: Session) -> UsedKey | None:
    """Return the key that the desk uses; None before the first use of any."""
    found = used(session)
    return found[-1] if found else None


def add(session: Session, kind: SignedKind, digest: str, key: str, signature: str) -> None:
    """Store a signature (base64) by the key with this fingerprint. Storing it twice changes nothing."""
    if session.get(KeySignature, (kind, digest, key)) is None:
        insert_new(session, KeySignature, kind=kind, digest=digest, key=key, signature=signature)


def of(session: Session, kind: SignedKind, digests: Collection[str]) -> list[KeySignature]:
    """Return the signatures of these things, ordered by key."""
    query = select(KeySignature).where(KeySignature.kind == kind, col(KeySignature.digest).in_(digests))
    return list(session.exec(query.order_by(col(KeySignature.key))))
