"""The identity of every Slack request that had an effect, written in the transaction of that effect."""

from datetime import datetime

from sqlmodel import Session, col, delete

from storage.insert import insert_new
from storage.tables import SeenDelivery


def first(session: Session, key: str, now: datetime) -> bool:
    """Write the identity of a request beside the effect to come; False if it had its effect already.

    While the same request is at work in another process, this waits for how that ends. `now` is aware UTC.
    """
    return insert_new(session, SeenDelivery, key=key, at=now)


def forget(session: Session, key: str) -> bool:
    """Drop one identity; False if it was not there, or somebody else just dropped it."""
    return session.exec(delete(SeenDelivery).where(col(SeenDelivery.key) == key)).rowcount == 1


def forget_before(session: Session, moment: datetime) -> None:
    """Drop identities that Slack can no longer repeat."""
    session.exec(delete(SeenDelivery).where(col(SeenDelivery.at) < moment))
