"""Checkpoints of everything that has a history, as one line that a witness outside the database keeps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from bot.casework import signing
from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from storage import checkpoints, deliveries, key_signatures, outbox, people
from storage.checkpoints import Subject
from storage.concurrent_insert import one_at_a_time
from storage.tables import Checkpoint
from storage.vocabulary import Role, SignedKind

#: The time of day, in the company's zone, from which the checkpoint of the night is sent.
NIGHTLY = time(0, 5)
#: The roles that receive it.
WITNESSES = (Role.ADMIN, Role.VIEWER)
_LINE = re.compile(
    r"checkpoint (?P<number>[1-9]\d{0,8}) · root (?P<root>[0-9a-f]{64}) · "
    r"(?:key (?P<key>[0-9a-f]{32}) · signature (?P<signature>[0-9A-Za-z+/]+=*)|unsigned)"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The list of the next checkpoint, which follows `before`."""

    before: Checkpoint | None
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    """A checkpoint as a witness keeps it. `key` and `signature` are None if it is unsigned."""

    number: int
    root: str
    key: str | None = None
    signature: str | None = None

    def __str__(self) -> str:
        """Return the line, the same in all languages."""
        signed = f"key {self.key} · signature {self.signature}" if self.signature else "unsigned"
        return f"checkpoint {self.number} · root {self.root} · {signed}"


def due(session: Session, every: timedelta, now: datetime) -> bool:
    """Return whether the last checkpoint is older than `every`, from the future by a wrong clock, or damaged.

    `now` is aware UTC.
    """
    last = checkpoints.last(session)
    at: Any = last and last.at
    return not isinstance(at, datetime) or not now - every < at <= now


def draft(session: Session) -> Draft:
    """Return the list of the next checkpoint. It only reads, so that no step waits for it."""
    return Draft(checkpoints.last(session), tuple(checkpoints.changed(session)))


def write(session: Session, drafted: Draft, company: CompanySettings, now: datetime) -> Checkpoint | None:
    """Write and sign a checkpoint. None if nothing has changed, or if another process has written one meanwhile."""
    if not drafted.subjects:
        return None
    key = signing.signing_key(session, company, now)
    written = checkpoints.add(session, drafted.before, drafted.subjects, key.fingerprint if key else None, now)
    if written and key:
        signing.add(session, SignedKind.CHECKPOINT, written.root, key)
    return written


def write_now(session: Session, company: CompanySettings, now: datetime) -> Checkpoint | None:
    """Write a checkpoint in the transaction of what it must cover, which is one that few people take."""
    session.flush()
    signing.signing_key(session, company, now)
    one_at_a_time(session.connection(), "checkpoint")
    return write(session, draft(session), company, now)


# The witness


def line_of(session: Session, checkpoint: Checkpoint) -> CheckpointLine:
    """Return the line of a checkpoint. A signature that was removed is not in it."""
    found = key_signatures.of(session, SignedKind.CHECKPOINT, [checkpoint.root])
    signature = next((one.signature for one in found if one.key == checkpoint.key), None)
    return CheckpointLine(checkpoint.number, checkpoint.root, checkpoint.key if signature else None, signature)


def lines_in(text: str) -> list[CheckpointLine]:
    """Return the lines of checkpoints in a text, in whatever stands around them."""
    found = _LINE.finditer(" ".join(text.split()))
    return [CheckpointLine(int(one["number"]), one["root"], one["key"], one["signature"]) for one in found]


def nightly_due(session: Session, company: CompanySettings, now: datetime) -> bool:
    """Return whether the checkpoint of this night is to be sent: after `NIGHTLY`, and once. `now` is aware UTC."""
    local = now.astimezone(company.zone)
    return local.time() >= NIGHTLY and not deliveries.is_known(session, _night(company, now))


def send_nightly(session: Session, company: CompanySettings, now: datetime) -> bool:
    """Queue the newest checkpoint for every admin and viewer; False if there is none or another process did.

    `now` is aware UTC.
    """
    last = checkpoints.last(session)
    if last is None or not deliveries.first(session, _night(company, now), now):
        return False
    for person in witnesses(session, company, now):
        outbox.put(session, MessageKind.CHECKPOINT, person, now, arguments={"checkpoint": last.number})
    return True


def witnesses(session: Session, company: CompanySettings, now: datetime) -> Iterable[str]:
    """Return who receives checkpoints, and is told when a key was lost: all admins and viewers."""
    holders = people.holders(session, company.today(now)).all
    return sorted(frozenset[str]().union(*(holders.get(role, frozenset()) for role in WITNESSES)))


def _night(company: CompanySettings, now: datetime) -> str:
    return f"checkpoint:{company.today(now)}"
