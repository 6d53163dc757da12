"""The epochs of the database. What is posted in one epoch stands for nothing in the next (decision 0058).

A restore brings back numbers that were given out once before: what Slack still shows under them may be another case.
"""

import secrets
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import ColumnElement, Table, func, literal_column, text
from sqlmodel import Session, SQLModel, col, select

from storage.tables import METADATA, AuditEntry, Case, Customer, DeskEntry, Epoch, Outgoing, Product, Reminder, Report

#: How far numbers jump at a restore.
JUMP = 100
#: The epoch of what was posted by versions that knew none.
_FIRST = 1
#: The tables whose numbers are carried by what is posted.
_NUMBERED: tuple[type[SQLModel], ...] = (Case, Reminder, Outgoing, Report, Customer, Product)
_EPOCHS = METADATA.tables[Epoch.__tablename__].c
#: The columns of a `Mark` as a statement, to which others add what they read together with it.
MARK = sqlalchemy.select(_EPOCHS.number, _EPOCHS.code, _EPOCHS.settings_version)
MARK = MARK.order_by(_EPOCHS.number.desc()).limit(1)
#: The statement as its text, which almost every transaction executes: SQLAlchemy takes twice as long for the former.
MARK_SQL = str(MARK.compile(compile_kwargs={"literal_binds": True}))
#: The name under which the `info` of a connection has the mark, if the statement that began the transaction read it.
MARK_OF_TRANSACTION = "mark_of_transaction"
_CURRENT = select(Epoch).order_by(col(Epoch.number).desc()).limit(1)


class Mark(NamedTuple):
    """What every request asks of the epoch that lasts: its number, its code, and the version of the settings."""

    number: int
    code: str
    settings_version: str


def mark(session: Session) -> Mark:
    """Return the mark of the epoch that lasts. It is read once in a session, which is one transaction."""
    found: Mark | None = session.info.get(Mark)
    if found is None:
        connection = session.connection()
        row = connection.info.get(MARK_OF_TRANSACTION) or connection.exec_driver_sql(MARK_SQL).one()
        found = session.info[Mark] = Mark(*row)
    return found


def current(session: Session) -> Epoch:
    """Return the epoch that lasts."""
    return session.exec(_CURRENT).one()


def hold(session: Session) -> Epoch:
    """Return the epoch that lasts, locked until the transaction ends."""
    return session.exec(_CURRENT.with_for_update()).one()


def start_with(session: Session, manifest: str, now: datetime) -> bool:
    """Record the digest of the manifest that a process starts with; return whether the last start had another one.

    `now` is aware UTC.
    """
    epoch = hold(session)
    if epoch.manifest == manifest:
        return False
    is_first = epoch.manifest is None
    epoch.manifest, epoch.manifest_since = manifest, now
    return not is_first


def is_of(carried: Any, epoch: Mark) -> bool:
    """Return whether what was posted with this code belongs to the epoch; None: it was posted without one."""
    return bool(carried == epoch.code) or (carried is None and epoch.number == _FIRST)


def begin(session: Session, now: datetime) -> Epoch:
    """Begin a new epoch, whose numbers are at least `JUMP` above those that exist. `now` is aware UTC."""
    last = session.exec(select(func.max(Case.id))).one() or 0
    first_of = {kind: _jump(session, kind) for kind in _NUMBERED}
    ending = current(session)
    begun = Epoch(
        number=ending.number + 1,
        code=secrets.token_hex(4),
        begun_at=now,
        last_case=last,
        first_case=first_of[Case],
        settings_version=ending.settings_version,
    )
    session.add(begun)
    session.flush()
    return begun


def _jump(session: Session, kind: type[SQLModel]) -> int:
    """Let the table go on with numbers that are `JUMP` above its largest, or that its sequence has reached.

    Return the number of its next row.

    On SQLite only tables with AUTOINCREMENT have a sequence. The others go on after their largest number.
    """
    table: Table = kind.metadata.tables[str(kind.__tablename__)]
    largest = session.connection().scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
    if session.connection().dialect.name == "postgresql":
        sequence = session.connection().scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
        reached: ColumnElement[int] = literal_column("CASE WHEN is_called THEN last_value ELSE 0 END")
        taken = session.connection().scalar(select(reached).select_from(text(str(sequence)))) or 0
        session.connection().execute(select(func.setval(str(sequence), max(largest, taken) + JUMP - 1)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        named, connection = {"name": table.name}, session.connection()
        taken = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), named) or 0
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), named)
        values = {**named, "seq": max(largest, taken) + JUMP - 1}
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), values)
    else:
        return int(largest) + 1
    return int(max(largest, taken)) + JUMP


def last_written(session: Session) -> datetime | None:
    """Return the moment (aware UTC) of the last entry of any history; None if there is none or it is unreadable."""
    try:
        ends: list[datetime | None] = [
            session.exec(select(func.max(at))).one() for at in (col(AuditEntry.at), col(DeskEntry.at))
        ]
    except (TypeError, ValueError):
        return None
    return max((at for at in ends if at is not None), default=None)
