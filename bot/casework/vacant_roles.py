"""Tells the admins of roles that nobody holds: at the start, when it happens, and once a day until it is mended."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load
from bot.casework.steps.notify import MessageKind
from bot.workflow.context import Center
from storage import deliveries, outbox
from storage.vocabulary import CENTER_ROLES, Role

log = structlog.get_logger(__name__)


def vacant(center: Center) -> frozenset[Role]:
    """Return the roles of the process that nobody holds."""
    return frozenset(role for role in CENTER_ROLES if not center.holders.get(role))


def shown_to(session: Session, person: str, company: CompanySettings, now: datetime) -> tuple[Role, ...]:
    """Return the roles that nobody holds to an admin, and nothing to others. `now` is aware UTC."""
    center = load.center(session, company, now)
    return tuple(sorted(vacant(center))) if center.holds(person, Role.ADMIN) else ()


def tell(session: Session, center: Center, company: CompanySettings, now: datetime) -> frozenset[Role]:
    """Tell the admins of each vacant role that they were not told of today. `now` is aware UTC.

    Returns all roles that nobody holds, that of an admin included.
    """
    _forget(session, CENTER_ROLES - vacant(center), company, now)
    _tell(session, vacant(center), center, company, now)
    return vacant(center) | ({Role.ADMIN} if not center.holders.get(Role.ADMIN) else frozenset())


def tell_change(session: Session, before: Center, after: Center, company: CompanySettings, now: datetime) -> None:
    """Tell the admins of each role that became vacant when people changed. `now` is aware UTC.

    A role that somebody holds again is told of anew when it becomes vacant the next time.
    """
    _forget(session, vacant(before) - vacant(after), company, now)
    _tell(session, vacant(after) - vacant(before), after, company, now)


def _tell(session: Session, roles: Iterable[Role], center: Center, company: CompanySettings, now: datetime) -> None:
    today = company.today(now).isoformat()
    fresh = [role for role in sorted(roles) if deliveries.first(session, _key(role, today), now)]
    outbox.put_all(session, list(_messages(fresh, center, now)))
    if fresh and not center.holders.get(Role.ADMIN):
        log.error("roles.nobody_to_tell", vacant=[role.value for role in fresh])


def _forget(session: Session, roles: Iterable[Role], company: CompanySettings, now: datetime) -> None:
    for role in roles:
        deliveries.forget(session, _key(role, company.today(now).isoformat()))


def _key(role: Role, day: str) -> str:
    return f"vacant:{role}:{day}"


def _messages(roles: Iterable[Role], center: Center, now: datetime) -> Iterable[outbox.Row]:
    for role in roles:
        for admin in sorted(center.holders.get(Role.ADMIN, ())):
            yield outbox.message(MessageKind.ROLE_VACANT, admin, now, arguments={"role": role})
