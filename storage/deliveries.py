"""The identity of every Slack request that had an effect, written in the transaction of that effect."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from storage.tables import SeenDelivery

_SEEN = select(SeenDelivery.key).where(SeenDelivery.key == bindparam("key"))


def seen(session: Session, key: str) -> bool:
    """True when the request of this identity already had its effect."""
    return session.exec(_SEEN, params={"key": key}).first() is not None


def remember(session: Session, key: str, now: datetime) -> None:
    """Write the identity beside the effect. `now` is aware UTC."""
    session.add(SeenDelivery(key=key, at=now))


def forget_before(session: Session, moment: datetime) -> None:
    """Drop identities that Slack can no longer repeat."""
    session.exec(delete(SeenDelivery).where(col(SeenDelivery.at) < moment))
