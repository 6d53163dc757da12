"""Loads the accounts of people as the rules about membership see them."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.workflow.membership import Account
from storage import people


def accounts(session: Session, persons: Iterable[str], company: CompanySettings, now: datetime) -> dict[str, Account]:
    """Return the account of each of these persons, also of those whom Slack has not reported. `now` is aware UTC."""
    wanted = frozenset(persons)
    stored = people.accounts(session, wanted)
    return {one: account_of(session, one, stored.get(one), company, now) for one in wanted}


def account_of(
    session: Session, person: str, stored: people.Account | None, company: CompanySettings, now: datetime
) -> Account:
    """Return a person's account as the rules see it. `stored` is what is known of it; None: nothing.

    Roles are read only of those for whom they decide: guests, and people whom Slack has not reported.
    """
    reported, guest = stored is not None and stored.reported, stored is not None and stored.guest
    trusted = person in company.our_guests
    if (guest or not reported) and not trusted:
        trusted = any(people.roles(session, person, company.today(now)))
    if stored is None:
        return Account(person, trusted=trusted, reported=False)
    return Account(
        person,
        stored.name,
        stored.active,
        stored.bot,
        stored.foreign,
        guest,
        trusted,
        reported,
    )
