"""When each kind of event last came from Slack."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import Session, select

from storage.concurrent_insert import insert_new
from storage.tables import METADATA, SeenEvent

_TABLE = METADATA.tables[SeenEvent.__tablename__]
_LATER = (
    update(_TABLE)
    .where(_TABLE.c.kind == bindparam("of_kind"), _TABLE.c.at < bindparam("seen"))
    .values(at=bindparam("seen"))
)


def keep(session: Session, seen: Mapping[str, datetime]) -> None:
    """Store when these kinds of events were seen (aware UTC), unless another process saw them later.

    Processes store them in the same order, so that none waits for another in a circle.
    """
    for kind, at in sorted(seen.items()):
        if not insert_new(session, SeenEvent, kind=kind, at=at):
            session.connection().execute(_LATER, {"of_kind": kind, "seen": at})


def last(session: Session) -> dict[str, datetime]:
    """Return when each kind of event was last seen (aware UTC), of those that ever were."""
    return {row.kind: row.at for row in session.exec(select(SeenEvent))}
