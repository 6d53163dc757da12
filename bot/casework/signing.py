"""Signs with the desk's key, which is kept outside the database, and tells with which key the desk signs.

Without a key everything works and is unsigned. A process whose key is not the one in use signs nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.seal_key import SealKey
from storage import desk_history, key_signatures
from storage.tables import DeskEntry
from storage.vocabulary import DeskEvent, SignedKind


class KeyState(StrEnum):
    """What a process does with its key."""

    SIGNS = "signs"
    UNSIGNED = "unsigned"
    OTHER_KEY = "other_key"
    NO_KEY_HERE = "no_key_here"


def state(session: Session, key: SealKey | None) -> KeyState:
    """Return what a process with this key does: a first key will sign, another than the one in use signs nothing."""
    used = key_signatures.current(session)
    if key is None:
        return KeyState.UNSIGNED if used is None else KeyState.NO_KEY_HERE
    return KeyState.SIGNS if used is None or used.fingerprint == key.fingerprint else KeyState.OTHER_KEY


def signing_key(session: Session, company: CompanySettings, now: datetime) -> SealKey | None:
    """Return the key that signs now; None if nothing is signed. The first use of a key is written to the history.

    `now` is aware UTC.
    """
    key = company.seal_key
    if key is None:
        return None
    used = key_signatures.current(session)
    if used is None:
        desk_history.hold(session)  # another process may be introducing its key at this moment
        used = key_signatures.current(session)
    if used is None:
        introduce(session, DeskEvent.KEY_USED, key, "", now)
        return key
    return key if used.fingerprint == key.fingerprint else None


def key_in_use(session: Session, company: CompanySettings) -> SealKey | None:
    """Return the key of this process if it is the one in use; None if nothing is signed."""
    used, key = key_signatures.current(session), company.seal_key
    return key if key and used and used.fingerprint == key.fingerprint else None


def introduce(
    session: Session,
    event: DeskEvent,
    key: SealKey,
    person: str,
    now: datetime,
    *,
    by: tuple[SealKey, ...] = (),
    more: Mapping[str, Any] | None = None,
) -> DeskEntry:
    """Write the entry that introduces a key, signed by it and by the keys `by`. `now` is aware UTC."""
    data = {"key": key.fingerprint, "public": key.public, **(more or {})}
    entry = desk_history.append(session, event, person, data, now)
    for signer in (key, *by):
        add(session, SignedKind.DESK_ENTRY, entry.hash, signer)
    return entry


def sign(session: Session, kind: SignedKind, digest: str, company: CompanySettings, now: datetime) -> None:
    """Sign the digest of something, if this process has the key in use. `now` is aware UTC."""
    key = signing_key(session, company, now)
    if key is not None:
        add(session, kind, digest, key)


def add(session: Session, kind: SignedKind, digest: str, key: SealKey) -> None:
    """Store the signature of a digest by a key."""
    key_signatures.add(session, kind, digest, key.fingerprint, key.sign(kind, digest))
