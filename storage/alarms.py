"""Which admins know of what several processes see alike, so that each admin is told once.

A row says that an admin was told of a part, and is written after Slack took the message. Who tells an admin has a turn
meanwhile. If the process dies, its turn ends by itself and another process tells. The rows are among the ids of
requests that took effect; those of a part that no process has seen ill for a day are deleted with them.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from storage import deliveries
from storage.tables import SeenDelivery

#: A process that has not ended its turn after this time is dead. Telling an admin takes two calls with a time-out each.
MAX_TURN = timedelta(minutes=1)


def take_turn(session: Session, admin: str, now: datetime) -> bool:
    """Let the caller be the only process that tells this admin; False if another one is. `now` is the shared time."""
    is_over = (col(SeenDelivery.key) == _turn(admin), col(SeenDelivery.at) < now - MAX_TURN)
    session.exec(delete(SeenDelivery).where(*is_over))
    return deliveries.first(session, _turn(admin), now)


def end_turn(session: Session, admin: str) -> None:
    """Let other processes tell this admin."""
    deliveries.forget(session, _turn(admin))


def known(session: Session, admin: str, parts: Collection[str]) -> frozenset[str]:
    """Return of which of these parts the admin was told."""
    keys = {_told(part, admin): part for part in parts}
    found = session.exec(select(SeenDelivery.key).where(col(SeenDelivery.key).in_(keys)))
    return frozenset(keys[key] for key in found)


def told(session: Session, admin: str, parts: Collection[str], now: datetime) -> None:
    """Record that the admin was told of these parts."""
    for part in parts:
        deliveries.first(session, _told(part, admin), now)


def forget(session: Session, admin: str, parts: Collection[str]) -> None:
    """Record that the admin knows that these parts are well again."""
    for part in parts:
        deliveries.forget(session, _told(part, admin))


def seen(session: Session, admins: Collection[str], parts: Collection[str], now: datetime) -> None:
    """Keep what these admins were told of these parts, because the caller still sees them ill."""
    keys = [_told(part, admin) for part in parts for admin in admins]
    session.exec(update(SeenDelivery).where(col(SeenDelivery.key).in_(keys)).values(at=now))


def _told(part: str, admin: str) -> str:
    return f"alarm:{part}:{admin}"


def _turn(admin: str) -> str:
    return f"alarm-turn:{admin}"
