"""Queries about the messages of one case to one target."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, select

from storage.outbox import PENDING, lane_of
from storage.tables import Outgoing

_OF_LANE: tuple[ColumnElement[bool], ...] = (
    col(Outgoing.lane) == bindparam("lane"),
    col(Outgoing.view).in_(bindparam("views", expanding=True)),
)
_PENDING_ROW = select(Outgoing.id).where(*_OF_LANE, col(Outgoing.state).in_(PENDING)).limit(1)
_ROWS = select(Outgoing).where(*_OF_LANE).order_by(col(Outgoing.id))


def has_pending(session: Session, case_id: int, target: str, views: Collection[str]) -> bool:
    """Return whether a message of these views is neither sent nor given up."""
    return session.exec(_PENDING_ROW, params=_asked(case_id, target, views)).first() is not None


def messages(session: Session, case_id: int, target: str, views: Collection[str]) -> list[Outgoing]:
    """Return the messages of these views that are not deleted yet, whatever their state, the oldest first."""
    return list(session.exec(_ROWS, params=_asked(case_id, target, views)))


def _asked(case_id: int, target: str, views: Collection[str]) -> dict[str, object]:
    return {"lane": lane_of(case_id, target), "views": list(views)}
