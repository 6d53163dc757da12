"""The database as it was at an earlier moment, rebuilt from the histories in a temporary file.

What only grows is cut off at the moment. A case that has changed since is folded from the changes of its earlier
entries. One that has not is copied as it is stored, damaged values included, so that `verify` finds there what it finds
here. Settings are folded from their changes. Registers and people are those of the present, because no history records
them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, create_engine, func, true
from sqlmodel import Session, SQLModel, col, select

from storage import audit, epochs, replayed_rows, settings, stored_cases, stored_rows, tables
from storage.database import Database
from storage.documents import parsed
from storage.tables import METADATA, AuditEntry, Checkpoint, CheckpointSubject, DeskEntry, Epoch, Report, StoredSetting
from storage.vocabulary import SubjectKind

#: Cases that are in memory at once.
_BATCH = 200
#: The tables without a history. A signature of what came later signs nothing that is left.
_PRESENT: tuple[type[SQLModel], ...] = (
    *(tables.OwnWorkspace, tables.Person, tables.RoleGrant, tables.Customer, tables.Product),
    *(tables.ProductVersion, tables.Module, tables.KeySignature),
)
_CASE, _SEQ = col(AuditEntry.case_id), col(AuditEntry.seq)
_LISTED, _ENTRIES = col(CheckpointSubject.subject), col(CheckpointSubject.entries)
#: The number of the last entry by case, or of the desk.
_Ends: TypeAlias = Mapping[int, int]


class NotRecorded(Exception):
    """The histories of these cases do not tell how they were at the moment.

    `since` is the earliest moment from which on all of them do (aware UTC); None if one never does, because its history
    was changed.
    """

    def __init__(self, cases: Sequence[int], since: datetime | None) -> None:
        super().__init__(cases, since)
        self.cases, self.since = cases, since


@contextmanager
def session_at(session: Session, moment: datetime) -> Iterator[Session]:
    """Yield a session that reads everything as it was at `moment` (aware UTC): this one, if nothing is newer.

    If there is something newer, the transaction of `session` ends. Raises `NotRecorded`.
    """
    cut = _Cut.at(session, moment)
    if cut.is_now:
        yield session
        return
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'as-of.db'}"
        engine = create_engine(url, hide_parameters=True)  # it checks no foreign keys, so rows may come in any order
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")  # the file does not outlive the process
            METADATA.create_all(connection)
            _copy(session, connection, cut)
        engine.dispose()
        session.rollback()  # PostgreSQL ends a transaction that is idle for long
        database = Database(url)
        try:
            with database.read() as rebuilt:
                yield rebuilt
        finally:
            database.close()


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where everything that grows is cut off: the last entries at the moment, and whether that leaves nothing away.

    An entry is older than the moment if its date, that of a later one, or a checkpoint says so, because the clocks of
    processes differ.
    """

    moment: datetime
    cases: _Ends
    desk: int
    checkpoint: int
    is_now: bool

    @classmethod
    def at(cls, session: Session, moment: datetime) -> "_Cut":
        """Return where the moment is in what is stored now."""
        checkpoint = _last(session, col(Checkpoint.number), col(Checkpoint.at) <= moment)
        cases = _of_each(session, _CASE, _SEQ, col(AuditEntry.at) <= moment)
        desk = _last(session, col(DeskEntry.seq), col(DeskEntry.at) <= moment)
        for kind, subject, entries in _listed_by(session, checkpoint):
            if kind is SubjectKind.CASE:
                cases[subject] = max(entries, cases.get(subject, 0))
            elif kind is SubjectKind.DESK:
                desk = max(entries, desk)
        later = (
            _last(session, col(Checkpoint.number)) > checkpoint
            or _last(session, col(DeskEntry.seq)) > desk
            or any(end > cases.get(case, 0) for case, end in _of_each(session, _CASE, _SEQ, true()).items())
            or any(report != _report_at(report, moment) for report in stored_rows.read(session, Report))
        )
        return cls(moment, cases, desk, checkpoint, not later)


def _last(session: Session, number: Any, *chosen: ColumnElement[bool]) -> int:
    return session.exec(select(func.max(number)).where(*chosen)).one() or 0


def _of_each(session: Session, subject: Any, number: Any, chosen: ColumnElement[bool]) -> dict[int, int]:
    return dict(session.exec(select(subject, func.max(number)).where(chosen).group_by(subject)).all())


def _listed_by(session: Session, checkpoint: int) -> Iterator[tuple[SubjectKind, int, int]]:
    """Yield the subjects that the checkpoints up to this one list, with the number of their entries."""
    kind = col(CheckpointSubject.kind)
    query = select(kind, _LISTED, func.max(_ENTRIES)).where(col(CheckpointSubject.checkpoint) <= checkpoint)
    yield from session.exec(query.group_by(kind, _LISTED))


def _copy(session: Session, target: Connection, cut: _Cut) -> None:
    for table in _PRESENT:
        stored_rows.add(target, stored_rows.read(session, table))
    for table, chosen in (
        (DeskEntry, col(DeskEntry.seq) <= cut.desk),
        (Checkpoint, col(Checkpoint.number) <= cut.checkpoint),
        (CheckpointSubject, col(CheckpointSubject.checkpoint) <= cut.checkpoint),
    ):
        stored_rows.add(target, stored_rows.read(session, table, chosen))
    stored_rows.add(target, _settings(session, cut))
    reports = (_report_at(report, cut.moment) for report in stored_rows.read(session, Report))
    stored_rows.add(target, (report for report in reports if report))
    _copy_cases(session, target, cut)


def _settings(session: Session, cut: _Cut) -> Iterator[SQLModel]:
    """Yield the settings at the moment, and the epoch with their version: empty before the first recorded change."""
    told = [change for change in settings.history(session) if change.entry <= cut.desk]
    for name, value in settings.folded(told).items():
        yield StoredSetting(name=name, value=value.text, fixed=value.fixed)
    present = epochs.current(session).model_dump()
    yield Epoch(**{**present, "settings_version": told[-1].version if told else ""})


def _report_at(report: Report, moment: datetime) -> Report | None:
    """Return a version of a report as it was at the moment; None if it had not been drawn up."""
    try:
        later = datetime.fromisoformat((parsed(report.content) or {})["made_at"]) > moment
    except (ValueError, TypeError, LookupError):  # damaged, which `verify` finds
        return report
    if later:
        return None
    if not isinstance(report.issued_at, datetime) or report.issued_at <= moment:
        return report
    of_issue = ("comment", "issued_by", "issuer_name", "issuer_name_at_upgrade", "issued_at", "signature")
    return Report(**{**report.model_dump(), **dict.fromkeys(of_issue)})


# Cases


def _copy_cases(session: Session, target: Connection, cut: _Cut) -> None:
    ids, untold = sorted(cut.cases), dict[int, datetime | None]()
    for first in range(0, len(ids), _BATCH):
        batch: list[SQLModel] = []
        for number, case in stored_cases.read(session, ids[first : first + _BATCH]).items():
            end = cut.cases[number]
            kept = [entry for entry in case.history if not _is_after(entry, end)]
            if len(kept) == len(case.history):
                case.case.settled = False  # what it counts is computed from its history
                batch += case.rows()
            elif (start := _told_from(case.history, kept)) is None or _is_after(start, end):
                untold[number] = start.at if start else None
            else:
                batch += (*kept, *replayed_rows.of_case(case, kept))
        stored_rows.add(target, batch)
    if untold:
        raise _not_recorded(untold)


def _is_after(entry: AuditEntry, end: int) -> bool:
    seq: Any = entry.seq  # no number if it was made unreadable
    return isinstance(seq, int) and seq > end


def _told_from(history: Sequence[AuditEntry], kept: Sequence[AuditEntry]) -> AuditEntry | None:
    """Return the entry from which on the history tells every change; None if it does not, or `kept` was changed."""
    start = None if audit.broken(kept) else audit.replayed_from(history)
    return next((entry for entry in history if entry.seq == start), None)


def _not_recorded(untold: Mapping[int, datetime | None]) -> NotRecorded:
    changed = [case for case, since in untold.items() if since is None]
    return NotRecorded(changed, None) if changed else NotRecorded(list(untold), max(filter(None, untold.values())))
