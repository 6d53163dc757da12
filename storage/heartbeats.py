"""The signs of life of the running processes, and the check whether the database can be written to.

Moments are those of the clock that all processes share.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, delete, select

from storage.tables import METADATA, Heartbeat

#: Rows of processes that are gone are kept for this long.
KEPT = timedelta(hours=1)
_TABLE = METADATA.tables[Heartbeat.__tablename__]
_AGAIN = (
    update(_TABLE)
    .where(_TABLE.c.sender == bindparam("of_sender"))
    .values(at=bindparam("now"), works=bindparam("is_worker"))
)
#: What takes a few dozen pages of the disk and gives them back within the transaction. An update of the row alone would
#: succeed on a full disk, because it fits into the page of the row before it. PostgreSQL reserves pages for each table,
#: so that only a result too large for the memory shows whether the disk has room.
_TAKE_ROOM = {
    "sqlite": (
        "INSERT INTO heartbeats (sender, works, at) VALUES (-1, 0, zeroblob(65536))",
        "DELETE FROM heartbeats WHERE sender = -1",
    ),
    "postgresql": ("SET LOCAL work_mem = '64kB'", "SELECT count(*) FROM generate_series(1, 10000)"),
}


def beat(session: Session, sender: int, now: datetime, *, works: bool) -> None:
    """Write a sign of life of this process. `works`: it delivers and reminds.

    What the database raises says that nothing can be written, not even on a disk that has a little room left.
    """
    connection = session.connection()
    for statement in _TAKE_ROOM[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    if not connection.execute(_AGAIN, {"of_sender": sender, "now": now, "is_worker": works}).rowcount:
        session.add(Heartbeat(sender=sender, works=works, at=now))


def workers(session: Session, now: datetime) -> list[timedelta]:
    """Return how long ago each process that delivers and reminds gave a sign of life, the latest first.

    A clock that was put back meanwhile makes a sign of the future, which is no newer than one of the past.
    """
    moments = session.exec(select(Heartbeat.at).where(Heartbeat.works))
    return sorted(abs(now - moment) for moment in moments)


def forget(session: Session, now: datetime) -> None:
    """Delete the rows of processes that are gone."""
    session.exec(delete(Heartbeat).where(col(Heartbeat.at) < now - KEPT))
