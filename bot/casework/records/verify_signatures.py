"""Checks the signatures by the desk's key. From the first use of a key on, a missing signature is a finding."""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import Session

from bot.casework.records.findings import Finding, FindingKind
from bot.seal_key import fingerprint_of, holds
from storage import key_signatures
from storage.key_signatures import UsedKey
from storage.tables import Document, Report
from storage.vocabulary import DeskEvent, SignedKind

#: The clocks of two machines differ by less, so a signature may be this much older or newer than the use of its key.
_CLOCKS_DIFFER = timedelta(minutes=1)
#: How many signatures are read at once. A statement has a limit of parameters.
_BATCH = 1000
#: The signatures of one thing by the fingerprint of their key.
Signatures = Mapping[str, str]
#: The signatures of several things by their digest.
SignaturesOf = Mapping[str, Signatures]


def of_records(session: Session, records: Iterable[Document]) -> SignaturesOf:
    """Return the stored signatures of the signed records among these."""
    return read(session, SignedKind.RECORD, [record.signature or "" for record in _signed(records)])


def judged_records(records: Iterable[Document], signatures: SignaturesOf, keys: Sequence[UsedKey]) -> Iterator[Finding]:
    """Yield the findings about the signed records among these."""
    for record in _signed(records):
        digest, at, name = record.signature or "", record.signed_at, f"{record.paper} v{record.version}"
        assert at is not None
        yield from judged(SignedKind.RECORD, digest, name, at, signatures.get(digest, {}), keys)


def _signed(records: Iterable[Document]) -> Iterator[Document]:
    return (one for one in records if isinstance(one.signature, str) and isinstance(one.signed_at, datetime))


def of_report(session: Session, report: Report, name: str, keys: Sequence[UsedKey]) -> Iterator[Finding]:
    """Yield the findings about a version of a statistics report, if it is issued."""
    if isinstance(report.signature, str) and isinstance(report.issued_at, datetime):
        found = read(session, SignedKind.REPORT, [report.signature]).get(report.signature, {})
        yield from judged(SignedKind.REPORT, report.signature, name, report.issued_at, found, keys)


def of_keys(session: Session, keys: Sequence[UsedKey]) -> Iterator[Finding]:
    """Yield the entries that introduce a key and are not signed as they must be.

    A first key signs its own entry, a rotated one together with its predecessor, and one that replaces a lost key
    alone.
    """
    found = read(session, SignedKind.DESK_ENTRY, [key.digest for key in keys])
    public = {key.fingerprint: key.public for key in keys}
    for key in keys:
        signers = {key.fingerprint} | ({key.previous or ""} if key.event is DeskEvent.KEY_ROTATED else set())
        signatures = found.get(key.digest, {})
        second_first = key.event is DeskEvent.KEY_USED and key.previous is not None
        signed = all(
            holds(public.get(one, ""), SignedKind.DESK_ENTRY, key.digest, signatures.get(one, "")) for one in signers
        )
        if second_first or not signed or _fingerprint_or_none(key.public) != key.fingerprint:
            yield Finding(FindingKind.KEY_SIGNATURE_BROKEN, f"#{key.entry}")


def _fingerprint_or_none(public: str) -> str | None:
    try:
        return fingerprint_of(b64decode(public))
    except ValueError:
        return None


def read(session: Session, kind: SignedKind, digests: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the stored signatures of these things by digest and by the fingerprint of their key."""
    found: dict[str, dict[str, str]] = {}
    for first in range(0, len(digests), _BATCH):
        for one in key_signatures.of(session, kind, digests[first : first + _BATCH]):
            found.setdefault(one.digest, {})[one.key] = one.signature
    return found


def judged(
    kind: SignedKind, digest: str, name: str, at: datetime, signatures: Signatures, keys: Sequence[UsedKey]
) -> Iterator[Finding]:
    """Yield the finding about something that was written at `at` (aware UTC), if it is not signed as it must be."""
    if not signatures:
        if keys and at >= keys[0].since:
            yield Finding(FindingKind.NOT_SIGNED_BY_KEY, name)
        return
    in_use = {key.fingerprint: key.public for key in _in_use(at, keys)}
    if not any(holds(in_use.get(key, ""), kind, digest, signature) for key, signature in signatures.items()):
        yield Finding(FindingKind.KEY_SIGNATURE_BROKEN, name)


def _in_use(at: datetime, keys: Sequence[UsedKey]) -> Iterator[UsedKey]:
    """Yield the keys that were in use at a moment, with allowance for clocks that differ."""
    for key, later in pairwise([*keys, None]):
        assert key is not None
        if key.since - _CLOCKS_DIFFER <= at and (later is None or at <= later.since + _CLOCKS_DIFFER):
            yield key
