"""Tells the admins once a day that there is no service-desk channel, until one is set."""

from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from storage import deliveries, outbox, people
from storage.vocabulary import Role


def tell(session: Session, company: CompanySettings, now: datetime) -> None:
    """Tell the admins if no channel is set and they were not told of it today. `now` is aware UTC."""
    if company.has_desk_channel:
        return
    today = company.today(now)
    admins = people.holding(session, Role.ADMIN, today)
    if admins and deliveries.first(session, f"no_desk:{today.isoformat()}", now):
        outbox.put_all(session, [outbox.message(MessageKind.NO_DESK, admin, now) for admin in sorted(admins)])
