"""Compares the database with checkpoints that a witness kept outside it: lines, or whole lists with their entries."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session

from bot.casework.records.checkpoints import CheckpointLine, line_of, lines_in
from bot.casework.records.verify_checkpoints import findings_of_checkpoints, name_of
from bot.seal_key import holds
from storage import checkpoints, desk_history, key_signatures
from storage.checkpoints import Subject
from storage.documents import parsed
from storage.stored_rows import Damaged
from storage.tables import Checkpoint
from storage.vocabulary import DeskEvent, SignedKind, SubjectKind

#: The subjects whose hashes are read at once.
_BATCH = 500


class NoCheckpoint(Exception):
    """A text holds no checkpoint."""


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint that a witness kept. `subjects` is its list, empty where only the line was kept."""

    line: CheckpointLine
    subjects: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """Entries of a subject, from `first` to `last`, that are no longer there as a kept list has them.

    The first is the one after the last that is as listed. Entries written after a restore bear the same numbers.
    """

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Restore:
    """A restore in the history of the desk: when, and the number of the newest checkpoint in the backup."""

    at: datetime
    checkpoint: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a kept checkpoint proves.

    `is_here`: the database has this very checkpoint. `is_whole`: everything up to it is there, unchanged. `is_genuine`:
    its signature holds; None if it has none, or if its key is not one that the desk has used.
    """

    line: CheckpointLine
    is_here: bool
    is_whole: bool
    is_genuine: bool | None
    last: int
    lost: tuple[Lost, ...] = ()
    restores: tuple[Restore, ...] = field(default=())

    @property
    def proves(self) -> bool:
        """Whether everything up to the checkpoint is still there, unchanged."""
        return self.is_here and self.is_whole and self.is_genuine is not False


def exported(session: Session) -> Iterator[dict[str, Any]]:
    """Yield every checkpoint with its list, oldest first, as data that `read_kept` reads; without damaged ones."""
    lists = dict(checkpoints.lists(session))
    for one in checkpoints.every(session):
        listed = [[each.kind, each.id, each.entries, each.head] for each in lists.get(one.number, ())]
        if is_readable(one) and not any(isinstance(value, Damaged) for each in listed for value in each):
            yield {"line": str(line_of(session, one)), "at": one.at.isoformat(), "subjects": listed}


def is_readable(one: Checkpoint) -> bool:
    """Return whether no value of a checkpoint is damaged, so that it has a line."""
    return not any(isinstance(value, Damaged) for value in (one.number, one.at, one.key, one.previous_root, one.root))


def read_kept(text: str) -> list[KeptCheckpoint]:
    """Return the checkpoints in a text: lines, or what `exported` yields as JSON lines. Raises `NoCheckpoint`."""
    found = list(_exported_in(text)) or [KeptCheckpoint(line) for line in lines_in(text)]
    if not found:
        raise NoCheckpoint
    return sorted(found, key=lambda kept: kept.line.number)


def _exported_in(text: str) -> Iterator[KeptCheckpoint]:
    for line in text.splitlines():
        try:
            said = json.loads(line)
            subjects = tuple(
                Subject(SubjectKind(kind), int(one), int(n), str(h)) for kind, one, n, h in said["subjects"]
            )
            yield from (KeptCheckpoint(found, subjects) for found in lines_in(said["line"]))
        except (ValueError, TypeError, KeyError):
            continue


def compare(session: Session, kept: Iterable[KeptCheckpoint]) -> list[Comparison]:
    """Compare the database with each of these checkpoints, oldest first."""
    kept, roots = list(kept), {one.number: one.root for one in checkpoints.every(session)}
    lost, restores = tuple(_lost(session, kept)), tuple(_restores(session))
    wrong = _first_wrong(session)
    return [_compared(session, one.line, roots, wrong, lost, restores) for one in kept]


def _compared(
    session: Session,
    line: CheckpointLine,
    roots: Mapping[int, str],
    wrong: int | None,
    lost: tuple[Lost, ...],
    restores: tuple[Restore, ...],
) -> Comparison:
    is_here, last = roots.get(line.number) == line.root, max(roots, default=0)
    is_whole = wrong is None or line.number < wrong
    genuine = _is_genuine(session, line)
    if is_here:
        return Comparison(line, is_here, is_whole, genuine, last)
    return Comparison(line, is_here, False, genuine, last, lost, restores)


def _is_genuine(session: Session, line: CheckpointLine) -> bool | None:
    public = {key.fingerprint: key.public for key in key_signatures.used(session)}
    if line.signature is None or line.key not in public:
        return None
    return holds(public[line.key], SignedKind.CHECKPOINT, line.root, line.signature)


def _first_wrong(session: Session) -> int | None:
    """Return the number of the first checkpoint that is not as written, or that lists what is no longer there."""
    numbers = [number for number, _found in findings_of_checkpoints(session, key_signatures.used(session))]
    numbers += [one.checkpoint for one in checkpoints.missed(session, SubjectKind)]
    return min(numbers, default=None)


def _restores(session: Session) -> Iterator[Restore]:
    for entry in desk_history.entries(session, [DeskEvent.RESTORED]):
        at, checkpoint = cast(Any, entry.at), (parsed(entry.data) or {}).get("checkpoint")
        if isinstance(at, datetime) and isinstance(checkpoint, int):  # as it was written
            yield Restore(at, checkpoint)


def _lost(session: Session, kept: Iterable[KeptCheckpoint]) -> Iterator[Lost]:
    """Yield the entries that kept lists have and the database has not, by subject."""
    wanted: defaultdict[SubjectKind, defaultdict[int, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for one in (one for each in kept for one in each.subjects):
        wanted[one.kind][one.id][one.entries] = one.head
    for kind in sorted(wanted):
        ids = sorted(wanted[kind])
        for first in range(0, len(ids), _BATCH):
            batch = ids[first : first + _BATCH]
            present = checkpoints.hashes(session, kind, batch)
            for subject in batch:
                yield from _lost_of(kind, subject, wanted[kind][subject], present.get(subject, {}))


def _lost_of(kind: SubjectKind, subject: int, listed: Mapping[int, str], present: Mapping[int, str]) -> Iterator[Lost]:
    last = max(listed)
    if present.get(last) != listed[last]:
        as_listed = max((entries for entries, head in listed.items() if present.get(entries) == head), default=0)
        yield Lost(name_of(Subject(kind, subject, last, "")), as_listed + 1, last)
