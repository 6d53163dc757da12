"""The messages that were posted in Slack and that later steps edit. Statements of every step are built once."""

from collections.abc import Collection

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from storage.tables import Posted


def remember(
    session: Session,
    case_id: int,
    view: str,
    channel: str,
    ts: str,
    *,
    person: str | None = None,
    about: int | None = None,
    arguments: str = "{}",
) -> Posted:
    """Record a message that was posted in Slack, so that it can be edited."""
    message = Posted(
        case_id=case_id, view=view, channel=channel, ts=ts, person_id=person, about=about, arguments=arguments
    )
    session.add(message)
    session.flush()
    return message


_OF_VIEW = Posted.case_id == bindparam("case"), Posted.view == bindparam("view")
_NEWEST = select(Posted).where(*_OF_VIEW).order_by(col(Posted.id).desc()).limit(1)
_COPIES = select(Posted.id, Posted.channel).where(*_OF_VIEW, Posted.about == bindparam("about"))


def newest(session: Session, case_id: int, view: str) -> Posted | None:
    """Return the newest posted message of this view; None if there is none."""
    return session.exec(_NEWEST, params={"case": case_id, "view": view}).first()


def copies(session: Session, case_id: int, view: str, about: int) -> list[tuple[int, str]]:
    """Return posted messages of this view about one thing, as (id, channel)."""
    found = session.exec(_COPIES, params={"case": case_id, "view": view, "about": about})
    return [(copy_id, channel) for copy_id, channel in found if copy_id is not None]


def forget(session: Session, case_id: int, view: str) -> None:
    """Delete the record of messages that no longer exist in Slack."""
    session.exec(delete(Posted).where(col(Posted.case_id) == case_id, col(Posted.view) == view))


_READERS = select(Posted.person_id).where(
    *(Posted.case_id == bindparam("case"), col(Posted.view).in_(bindparam("views", expanding=True))),
    col(Posted.person_id).is_not(None),
)


def readers(session: Session, case_id: int, views: Collection[str]) -> frozenset[str]:
    """Return the people who have got a message of these views about the case."""
    found = session.exec(_READERS, params={"case": case_id, "views": list(views)})
    return frozenset(person for person in found if person)


_UNSETTLED = select(Posted).where(*_OF_VIEW, ~col(Posted.settled)).order_by(col(Posted.id))


def unsettled(session: Session, case_id: int, view: str) -> list[Posted]:
    """Return posted messages of this view that still offer a task."""
    return list(session.exec(_UNSETTLED, params={"case": case_id, "view": view}))
