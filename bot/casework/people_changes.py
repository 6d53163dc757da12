"""Changes who belongs to us and who holds which role: open cases wait for others then, and people are told of it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlmodel import Session

from bot.casework import leavers, vacant_roles
from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load, waits
from bot.workflow.context import Center
from storage.concurrent_insert import one_at_a_time


@contextmanager
def changing_people(session: Session, company: CompanySettings, now: datetime) -> Iterator[set[str]]:
    """Let the block change people or roles, and write what follows from it in the same transaction.

    The block adds to the set whoever belongs to us otherwise than before. Processes change people one after another, so
    that each change is told once. `now` is aware UTC.
    """
    one_at_a_time(session.connection(), "people")
    before, accounts = load.center(session, company, now), set[str]()
    yield accounts
    session.flush()
    _follow(session, before, accounts, company, now)


def follow_day(session: Session, since: datetime, company: CompanySettings, now: datetime) -> int:
    """Write what follows from deputies whose time began or ended between `since` and `now` (both aware UTC).

    Returns how many cases wait for others than before.
    """
    one_at_a_time(session.connection(), "people")
    return _follow(session, load.center(session, company, since), (), company, now)


def _follow(
    session: Session, before: Center, accounts: Collection[str], company: CompanySettings, now: datetime
) -> int:
    after = load.center(session, company, now)
    changes = waits.people_changed(session, before, after, accounts, company, now)
    listed = leavers.tell(session, before, after, accounts, waits.newly_vacant(changes), company, now)
    waits.tell_vacancies(session, changes, after, now, besides=listed)
    vacant_roles.tell_change(session, before, after, company, now)
    return len(changes)
