"""The id of every Slack request that took effect, written in the transaction of that effect."""

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, delete

from storage.concurrent_insert import insert_new
from storage.tables import METADATA, SeenDelivery

_TABLE = METADATA.tables[SeenDelivery.__tablename__]


def first(session: Session, key: str, now: datetime, content: str | None = None) -> bool:
    """Record the id of a request in the transaction of its effect; False if it already took effect.

    If another process is handling the same request, the call waits until that transaction ends. `now` is aware UTC.
    `content` is the hash of what a form contained.
    """
    return insert_new(session, SeenDelivery, key=key, at=now, content=content)


def find(session: Session, key: str) -> SeenDelivery:
    """Return what was recorded of a request that took effect."""
    return session.get_one(SeenDelivery, key)


_MADE = update(_TABLE).where(_TABLE.c.key == bindparam("of_key")).values(case_id=bindparam("made"))


def made(session: Session, key: str, case_id: int) -> None:
    """Record the case that a request made."""
    session.connection().execute(_MADE, {"of_key": key, "made": case_id})


def is_known(session: Session, key: str) -> bool:
    """Return whether the id of a request was recorded."""
    return session.get(SeenDelivery, key) is not None


def forget(session: Session, key: str) -> bool:
    """Delete one id; False if it did not exist or another process just deleted it."""
    return session.exec(delete(SeenDelivery).where(col(SeenDelivery.key) == key)).rowcount == 1


def forget_before(session: Session, moment: datetime) -> None:
    """Delete the ids of requests that Slack can no longer repeat."""
    session.exec(delete(SeenDelivery).where(col(SeenDelivery.at) < moment))
