"""Who the administrators are, and what is for them alone."""

from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage import people
from storage.vocabulary import Role


def administrators(session: Session, company: CompanySettings, now: datetime) -> frozenset[str]:
    """Return everybody who is an administrator at `now` (aware UTC)."""
    return people.holding(session, Role.ADMIN, company.today(now))


def only_admins(session: Session, person: str, company: CompanySettings, now: datetime) -> None:
    """Raise `Refused` for everybody but administrators. `now` is aware UTC."""
    if person not in administrators(session, company, now):
        raise Refused(Problem(no.AdminsOnly()))
