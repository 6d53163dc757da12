"""Counts what a person requested, from what is stored of it, so that all processes agree and a restart forgets nothing.

Each function returns when the `number`th newest of a person's requests after `since` was made; None if there are fewer.
Moments are aware UTC. One after `now` is left out: a clock that was ahead then limits nobody.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, select

from storage.concurrent_insert import one_at_a_time
from storage.core_reads import read
from storage.tables import AuditEntry, Case, DeskEntry
from storage.vocabulary import DeskEvent, HistoryEvent


def hold(session: Session, kind: str, person: str) -> None:
    """Wait until no other transaction counts such requests of this person, and make others wait for this one."""
    one_at_a_time(session.connection(), f"{kind}:{person}")


def _newest(moment: Any, *of: ColumnElement[bool] | bool) -> Any:
    since, until = moment > bindparam("since"), moment <= bindparam("now")
    return select(moment).where(*of, since, until).order_by(moment.desc()).offset(bindparam("before")).limit(1)


_REPORTS = _newest(col(Case.reported_at), Case.reporter_id == bindparam("person"))
_EXPORTS = _newest(col(DeskEntry.at), DeskEntry.person_id == bindparam("person"), DeskEntry.event == DeskEvent.EXPORTED)
#: The event stands in the statement as it does in the partial index.
_HELP = _newest(
    col(AuditEntry.at),
    AuditEntry.person_id == bindparam("person"),
    AuditEntry.step == bindparam("step", HistoryEvent.HELP_ASKED.value, literal_execute=True),
)


def report(session: Session, person: str, since: datetime, now: datetime, number: int) -> datetime | None:
    """Return when this report was made."""
    return _moment(session, _REPORTS, person, since, now, number)


def export(session: Session, person: str, since: datetime, now: datetime, number: int) -> datetime | None:
    """Return when this document was ordered."""
    return _moment(session, _EXPORTS, person, since, now, number)


def call_for_help(session: Session, person: str, since: datetime, now: datetime, number: int) -> datetime | None:
    """Return when this call for help was made."""
    return _moment(session, _HELP, person, since, now, number)


def _moment(session: Session, query: Any, person: str, since: datetime, now: datetime, number: int) -> datetime | None:
    found: datetime | None = read(session, query, person=person, since=since, now=now, before=number - 1).scalar()
    return found
