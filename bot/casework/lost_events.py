"""Tells the admins in which minutes Slack dropped events, because there were too many (slack-platform.md §1.6)."""

from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from storage import deliveries, outbox, people
from storage.vocabulary import Role


def tell(session: Session, minute: int, company: CompanySettings, now: datetime) -> bool:
    """Tell the admins of a minute, in Unix seconds, unless any process told them already; return whether it did."""
    if not deliveries.first(session, f"events_lost:{minute}", now):
        return False
    for admin in sorted(people.holding(session, Role.ADMIN, company.today(now))):
        outbox.put(session, MessageKind.EVENTS_LOST, admin, now, arguments={"minute": minute})
    return True
