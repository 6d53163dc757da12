"""Loads the accounts of people as the rules about membership see them."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.workflow.membership import Account
from storage import people
from storage.vocabulary import Role


def accounts(session: Session, persons: Iterable[str], company: CompanySettings, now: datetime) -> dict[str, Account]:
    """Return the account of each of these persons, also of those whom Slack has not reported. `now` is aware UTC."""
    today, wanted = company.today(now), frozenset(persons)
    stored = people.accounts(session, wanted)
    return {
        one: account_of(one, stored.get(one), frozenset().union(*people.roles(session, one, today)), company)
        for one in wanted
    }


def account_of(person: str, stored: people.Account | None, roles: frozenset[Role], company: CompanySettings) -> Account:
    """Return a person's account as the rules see it. `roles` are those held today; `stored` None: not known at all."""
    trusted = bool(roles) or person in company.our_guests
    if stored is None:
        return Account(person, trusted=trusted, reported=False)
    return Account(
        person,
        stored.name,
        stored.active,
        stored.bot,
        stored.foreign,
        stored.guest,
        trusted,
        stored.reported,
    )
