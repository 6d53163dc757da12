"""Changes who belongs to us and who holds which role: open cases wait for others then, and people are told of it."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.casework import leavers, vacant_roles
from bot.casework.company_settings import CompanySettings, is_group
from bot.casework.steps import load, waits
from bot.workflow.context import Center
from storage import epochs, people, role_origins
from storage.concurrent_insert import one_at_a_time
from storage.people import Grant

#: A process whose clock is behind by less than this does not go back to the day before, which others have left.
_CLOCKS_DIFFER = timedelta(hours=1)


@contextmanager
def changing_people(
    session: Session, company: CompanySettings, now: datetime, was: CompanySettings | None = None
) -> Iterator[set[str]]:
    """Let the block change people or roles, and write what follows from it in the same transaction.

    The block adds to the set whoever belongs to us otherwise than before. Processes change people one after another, so
    that each change is told once. `was` are the settings until now, where they change too. `now` is aware UTC.
    """
    one_at_a_time(session.connection(), "people")
    before, accounts = load.center(session, was or company, now), set[str]()
    yield accounts
    session.flush()
    _follow(session, before, accounts, company, now)


def give_roles(session: Session, company: CompanySettings) -> None:
    """Store the roles that the settings give to persons and to the known members of groups, and no others of theirs.

    Who is in a group is read from Slack in the background (`PeopleRefresh`). Roles that were given in Slack stay.
    """
    own = [Grant(one, role) for role, ids in company.members.items() for one in ids if not is_group(one)]
    people.replace_grants(session, role_origins.SETTINGS, [*own, *company.deputies])
    groups = company.groups
    role_origins.forget_groups(session, keep=groups)
    for group in sorted(groups):
        give_group_roles(session, group, role_origins.members_of(session, group), company)


def give_group_roles(session: Session, group: str, members: Iterable[str], company: CompanySettings) -> None:
    """Store the roles that the settings give to the members of a user group (S…), and no others of the group's."""
    roles = [role for role, ids in company.members.items() if group in ids]
    people.replace_grants(
        session, role_origins.origin_of(group), [Grant(one, role) for role in roles for one in members]
    )


def is_another_day(session: Session, company: CompanySettings, now: datetime) -> bool:
    """Return whether open cases follow the roles of another day than that of `now` (aware UTC)."""
    since = epochs.current(session).roles_at
    if since is None:
        return True
    is_ahead = now < since <= now + _CLOCKS_DIFFER
    return not is_ahead and company.today(since) != company.today(now)


def follow_day(session: Session, company: CompanySettings, now: datetime) -> int:
    """Write what follows from deputies whose time began or ended since the day whose roles open cases follow.

    Whichever process is the first to do it does it for all. Returns how many cases wait for others than before.
    """
    one_at_a_time(session.connection(), "people")
    if not is_another_day(session, company, now):
        return 0
    epoch = epochs.hold(session)
    since, epoch.roles_at = epoch.roles_at, now
    return _follow(session, load.center(session, company, since), (), company, now) if since else 0


def _follow(
    session: Session, before: Center, accounts: Collection[str], company: CompanySettings, now: datetime
) -> int:
    after = load.center(session, company, now)
    changes = waits.people_changed(session, before, after, accounts, company, now)
    listed = leavers.tell(session, before, after, accounts, waits.newly_vacant(changes), company, now)
    waits.tell_vacancies(session, changes, after, now, besides=listed)
    vacant_roles.tell_change(session, before, after, company, now)
    return len(changes)
