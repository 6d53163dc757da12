"""Tells the admins of roles that nobody holds: at the start, when it happens, and once a day until it is mended."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from bot.workflow.context import Center
from storage import deliveries, outbox
from storage.vocabulary import CENTER_ROLES, Role


def vacant(center: Center) -> frozenset[Role]:
    """Return the roles of the process that nobody holds."""
    return frozenset(role for role in CENTER_ROLES if not center.holders.get(role))


def tell(session: Session, center: Center, company: CompanySettings, now: datetime) -> frozenset[Role]:
    """Tell the admins of each vacant role that they were not told of today, and return these roles.

    A role that somebody holds again is told of anew when it becomes vacant the next time. `now` is aware UTC.
    """
    roles, today = vacant(center), company.today(now)
    for role in CENTER_ROLES - roles:
        deliveries.forget(session, _key(role, today.isoformat()))
    fresh = frozenset(role for role in roles if deliveries.first(session, _key(role, today.isoformat()), now))
    outbox.put_all(session, list(_messages(fresh, center, now)))
    return fresh


def _key(role: Role, day: str) -> str:
    return f"vacant:{role}:{day}"


def _messages(roles: Iterable[Role], center: Center, now: datetime) -> Iterable[outbox.Row]:
    for role in sorted(roles):
        for admin in sorted(center.holders.get(Role.ADMIN, ())):
            yield outbox.message(MessageKind.ROLE_VACANT, admin, now, arguments={"role": role})
