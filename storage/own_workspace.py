"""The workspace and the app that the bot's token belongs to."""

from datetime import datetime

from sqlmodel import Session

from storage.concurrent_insert import insert_new
from storage.tables import OwnWorkspace


def find(session: Session) -> OwnWorkspace | None:
    """Return our own workspace; None until Slack has reported it."""
    return session.get(OwnWorkspace, 1)


def keep(session: Session, team_id: str, enterprise_id: str | None, app_id: str | None, now: datetime) -> None:
    """Store our own workspace and app. `now` is aware UTC.

    Without an `app_id` the stored one stays, unless it belongs to another workspace.
    """
    insert_new(session, OwnWorkspace, id=1, team_id=team_id, checked_at=now)
    row = session.get_one(OwnWorkspace, 1)
    kept = row.app_id if row.team_id == team_id else None
    row.team_id, row.enterprise_id, row.app_id, row.checked_at = team_id, enterprise_id, app_id or kept, now
