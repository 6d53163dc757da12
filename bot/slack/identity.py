"""Who sent a request, and how they read: language and time zone as last heard from Slack."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.casework.company_settings import Office
from bot.clock import Clock
from bot.i18n.translator import Translator, translator
from bot.slack.pagination import all_pages
from storage import people
from storage.database import Database
from storage.people import Grant, Profile
from storage.vocabulary import Role

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who reads and presses."""

    id: str
    t: Translator


class Identity:
    """Persons, their languages and roles: read from storage, refreshed from Slack in the background."""

    def __init__(self, database: Database, client: WebClient, clock: Clock, office: Office) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        self._office = office

    @property
    def channel(self) -> Translator:
        """How channels are written to, whoever reads them."""
        return translator(None, None, self._office.locale, self._office.zone.key)

    def reader(self, person_id: str) -> Reader:
        """The person as a reader; the company's language and zone until Slack told theirs."""
        with self._database.read() as session:
            person = people.find(session, person_id)
        locale, zone = (person.locale, person.zone) if person else (None, None)
        return Reader(person_id, translator(locale, zone, self._office.locale, self._office.zone.key))

    def seed(self) -> None:
        """Write the roles that the settings give to persons; groups follow with `refresh`."""
        members = self._office.members
        own = [Grant(one, role) for role, ids in members.items() for one in ids if not one.startswith("S")]
        with self._database.write() as session:
            people.replace_grants(session, "settings", [*own, *self._office.deputies])
            people.forget_origins(session, keep={"settings", *map(_origin, self._groups())})

    def refresh(self) -> None:
        """Ask Slack about everybody and about the user groups. Slack being away leaves what is known."""
        try:
            self._refresh_people()
            for group in self._groups():
                self.refresh_group(group)
        except (SlackClientError, OSError) as error:
            log.warning("people.not_refreshed", error=type(error).__name__)

    def _groups(self) -> set[str]:
        return {one for ids in self._office.members.values() for one in ids if one.startswith("S")}

    def _refresh_people(self) -> None:
        for page in all_pages(self._client.users_list, limit=200, include_locale=True):
            self.keep(page.get("members", ()))

    def keep(self, users: Iterable[dict[str, object]]) -> None:
        """Remember users as Slack describes them (in a list, an answer or an event)."""
        now = self._clock.now()
        with self._database.write() as session:
            for user in users:
                people.keep(session, profile_of(user), now)

    def refresh_group(self, group: str) -> None:
        """Give the roles of a user group to its present members, and to nobody else."""
        if group not in self._groups():
            return
        members = self._client.usergroups_users_list(usergroup=group).get("users") or ()
        roles: list[Role] = [role for role, ids in self._office.members.items() if group in ids]
        with self._database.write() as session:
            grants = [Grant(person, role) for role in roles for person in members]
            people.replace_grants(session, _origin(group), grants)


def _origin(group: str) -> str:
    """Where the roles of a group's members come from."""
    return f"group:{group}"


def profile_of(user: dict[str, object]) -> Profile:
    """A Slack user object as what we remember of it. Users without a locale keep none."""
    profile = user.get("profile")
    shown = profile.get("display_name") if isinstance(profile, dict) else None
    name = user.get("real_name") or shown or user.get("name") or ""
    locale, zone = user.get("locale"), user.get("tz")
    return Profile(
        str(user["id"]),
        str(name),
        str(locale) if locale else None,
        str(zone) if zone else None,
        not user.get("deleted", False),
    )
