"""People and their roles: what Slack last reported of them, and the roles from the settings."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from sqlmodel import Session

from bot.casework import vacant_roles
from bot.casework.company_settings import CompanySettings
from bot.casework.company_source import CompanySource
from bot.casework.people_changes import changing_people, give_group_roles, give_roles
from bot.casework.steps import load
from bot.casework.steps.accounts import account_of, accounts
from bot.clock import Clock
from bot.i18n.translator import Translator, translator
from bot.slack.failures import is_away
from bot.workflow.membership import SLACKBOT, Membership, is_ours, membership_of
from storage import people
from storage.database import Database
from storage.people import Profile
from storage.vocabulary import Role, whole

log = structlog.get_logger(__name__)
#: What the id of a person looks like.
_ID = re.compile("[A-Z][A-Z0-9]{1,31}")


@dataclass(frozen=True, slots=True)
class Reader:
    """A person whom the bot answers, with the translator for their language and time zone."""

    id: str
    t: Translator
    membership: Membership = Membership.OURS

    @property
    def is_outsider(self) -> bool:
        """Whether the person may only report and follow their own reports (process.md §6 R10)."""
        return self.membership is Membership.OUTSIDER


class Identity:
    """Reads people, their languages and roles from the database, and refreshes them from Slack."""

    def __init__(self, database: Database, client: WebClient, clock: Clock, company: CompanySource) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._company = company

    @property
    def channel(self) -> Translator:
        """The translator for messages in channels, in the company's language and time zone as they were read last."""
        return channel_translator(self._company.latest)

    def reader(self, person_id: str) -> Reader:
        """Return a person with their translator.

        The company's language and time zone stand in until Slack has reported the person's own. Raises `Unavailable`
        if the database cannot be read.
        """
        with self._database.read() as session:
            return self._read(session, person_id)[0]

    def sender(self, person_id: str) -> Reader:
        """Return the sender of a request, about whom Slack is asked first if it has not reported them yet.

        Raises `Unavailable` if the database cannot be read.
        """
        with self._database.read() as session:
            found = self.reported(session, person_id)
        return found or self.asked(person_id)

    def reported(self, session: Session, person_id: str) -> Reader | None:
        """Return a person with their translator; None if Slack has not reported them yet."""
        reader, reported = self._read(session, person_id)
        return reader if reported else None

    def asked(self, person_id: str) -> Reader:
        """Ask Slack about a person and return them. Never call it inside a transaction. Raises `Unavailable`."""
        self._ask_for(person_id)
        return self.reader(person_id)

    def _read(self, session: Session, person_id: str) -> tuple[Reader, bool]:
        """Return a person, and whether Slack has reported them."""
        stored = people.accounts(session, [person_id]).get(person_id)
        company = self._company.of(session)
        account = account_of(session, person_id, stored, company, self._clock.now())
        locale, zone = (stored.locale, stored.zone) if stored else (None, None)
        t = translator(locale, zone, company.locale, company.zone.key)
        return Reader(person_id, t, membership_of(account)), account.reported

    def outsiders(self, persons: Iterable[str]) -> list[str]:
        """Return those of these persons who are outsiders, in order. Raises `Unavailable`."""
        with self._database.read() as session:
            known = accounts(session, persons, self._company.of(session), self._clock.now())
        return sorted(one for one, account in known.items() if membership_of(account) is Membership.OUTSIDER)

    def excluded(self, persons: Iterable[str]) -> list[str]:
        """Return those of these persons who hold no role, whatever the settings say (process.md §6 R10), in order.

        Somebody whom Slack has not reported is not among them. Raises `Unavailable`.
        """
        with self._database.read() as session:
            known = accounts(session, persons, self._company.of(session), self._clock.now())
        return sorted(one for one, account in known.items() if account.reported and not is_ours(account))

    def meet(self, persons: Iterable[str]) -> bool:
        """Ask Slack about those of these persons whom it has not reported yet. Return whether Slack answered.

        Never call it inside a transaction. Raises `Unavailable` if the database cannot be read.
        """
        with self._database.read() as session:
            unknown = people.unreported(session, persons)
        return self.ask_about(unknown)

    def ask_about(self, persons: Iterable[str]) -> bool:
        """Ask Slack about each of these persons, and store what it says. Return whether Slack answered about them all.

        People of other companies are in no list of Slack's, so each is asked for alone. Somebody about whom Slack does
        not answer stays unknown. Never call it inside a transaction.
        """
        answered = [self._ask_for(person) for person in sorted(persons)]
        return all(answered)

    def _ask_for(self, person: str) -> bool:
        """Ask Slack about a person; return whether it answered, also that it knows nobody of this id.

        What does not look like an id is none. It may be any text of a forged request, which no log takes.
        """
        if not _ID.fullmatch(person):
            return True
        try:
            self.refresh_person(person)
        except (SlackClientError, OSError) as error:
            log.warning("person.not_reported", person=person, error=type(error).__name__)
            return not is_away(error)
        return True

    def seed(self) -> None:
        """Store the roles that the settings give. `PeopleRefresh` reads who is in the groups."""
        with self._changing_people() as (session, company, _accounts):
            give_roles(session, company)

    @contextmanager
    def _changing_people(self) -> Iterator[tuple[Session, CompanySettings, set[str]]]:
        """Open a transaction that changes people or roles. Whoever changes an account adds its id to the set."""
        with self._database.write() as session:
            company = self._company.of(session)
            with changing_people(session, company, self._clock.now()) as accounts:
                yield session, company, accounts

    def tell_vacancies(self) -> frozenset[Role]:
        """Tell the admins once a day which roles nobody holds, and return these. Raises `Unavailable`."""
        now = self._clock.now()
        with self._database.write() as session:
            company = self._company.of(session)
            return vacant_roles.tell(session, load.center(session, company, now), company, now)

    def groups(self) -> frozenset[str]:
        """Return the user groups that give roles. Raises `Unavailable`."""
        with self._database.read() as session:
            return self._company.of(session).groups

    def refresh_person(self, person: str) -> None:
        """Store what Slack says of one person. Raises `SlackClientError`, `OSError` or `Unavailable`."""
        self.keep([self._client.users_info(user=person, include_locale=True)["user"]])

    def keep(self, users: Iterable[dict[str, Any]]) -> None:
        """Store Slack user objects, as found in lists, answers and events."""
        now = self._clock.now()
        with self._changing_people() as (session, _company, accounts):
            accounts |= people.keep(session, map(profile_of, users), now)

    def refresh_group(self, group: str) -> None:
        """Replace the role grants of a user group by grants to its present members.

        `group` is Slack's id (S…). A group that the settings do not name is ignored. Raises `SlackClientError`,
        `OSError` or `Unavailable`.
        """
        if group not in self.groups():
            return
        members = self._client.usergroups_users_list(usergroup=group).get("users") or ()
        with self._changing_people() as (session, company, _accounts):
            give_group_roles(session, group, members, company)


def channel_translator(company: CompanySettings) -> Translator:
    """Return the translator for messages in channels, in the company's language and time zone."""
    return translator(None, None, company.locale, company.zone.key)


def profile_of(user: dict[str, Any]) -> Profile:
    """Convert a Slack user object to the profile that is stored.

    A missing locale, time zone or workspace becomes None. Parts of the object may be absent, null or empty for people
    of other companies.
    """
    profile = user.get("profile") or {}
    enterprise = user.get("enterprise_user") or {}
    called = (user.get("real_name"), profile.get("real_name"), profile.get("display_name"), user.get("name"))
    name = next(filter(None, called), "")
    person = str(user["id"])
    return Profile(
        person,
        whole(str(name)),
        _text(user.get("locale")),
        _text(user.get("tz")),
        not user.get("deleted"),
        _text(user.get("team_id") or profile.get("team")),
        _text(enterprise.get("enterprise_id") or user.get("enterprise_id")),
        bool(user.get("is_restricted")),
        bool(user.get("is_ultra_restricted")),
        bool(user.get("is_stranger")),
        bool(user.get("is_bot")) or person == SLACKBOT,
    )


def _text(value: object) -> str | None:
    return str(value) if value else None
