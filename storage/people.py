"""Queries about people, what Slack says of their accounts, and their roles."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import Row, bindparam, exists
from sqlmodel import Session, and_, col, delete, or_, select

from storage.bulk_insert import insert_all
from storage.concurrent_insert import insert_new, one_at_a_time
from storage.core_reads import read
from storage.tables import METADATA, Case, CasePlace, OwnWorkspace, Person, RoleGrant
from storage.vocabulary import OPEN_STATES, Role

_GRANTS = METADATA.tables[RoleGrant.__tablename__]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of a person; with days (both inclusive) it is a deputy's."""

    person: str
    role: Role
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's profile as Slack reports it."""

    id: str
    name: str
    locale: str | None
    zone: str | None
    active: bool
    team_id: str | None = None
    enterprise_id: str | None = None
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What is stored of a person's account. `dm_channel` is the channel of the bot's direct messages with them.

    `foreign`: of neither our workspace nor our enterprise, as far as both are known. `guest`: a guest of a workspace.
    `reported`: Slack has reported the person at least once.
    """

    id: str
    name: str
    locale: str | None
    zone: str | None
    active: bool
    bot: bool
    foreign: bool
    guest: bool
    reported: bool
    dm_channel: str | None


class Named(NamedTuple):
    """A person's name, and whether the person has a role at any time."""

    name: str
    has_role: bool


def find(session: Session, person_id: str) -> Person | None:
    """Return a person; None if Slack has not reported them."""
    return session.get(Person, person_id)


_OF_OUR_OWN = exists().where(
    or_(
        col(OwnWorkspace.team_id) == col(Person.team_id),
        col(OwnWorkspace.enterprise_id) == col(Person.enterprise_id),
    )
)
#: Until both workspaces are known, nobody is foreign.
_FOREIGN = and_(
    exists(col(OwnWorkspace.id)),
    or_(col(Person.team_id).is_not(None), col(Person.is_stranger)),
    ~_OF_OUR_OWN,
)
_TABLE = METADATA.tables[Person.__tablename__]
_PEOPLE = _TABLE.c
_ACCOUNTS = sqlalchemy.select(*_PEOPLE, _FOREIGN.label("foreign")).where(
    _PEOPLE.id.in_(bindparam("people", expanding=True))
)


def accounts(session: Session, people: Iterable[str]) -> dict[str, Account]:
    """Return the accounts of these people by id, as far as they are known."""
    return {row.id: _account(row) for row in read(session, _ACCOUNTS, people=sorted(set(people)))}


def _account(person: Row[Any]) -> Account:
    return Account(
        person.id,
        person.name,
        person.locale,
        person.zone,
        person.active,
        person.is_bot,
        person.foreign,
        person.is_restricted or person.is_ultra_restricted,
        person.refreshed_at is not None,
        person.dm_channel,
    )


def unreported(session: Session, people: Iterable[str]) -> frozenset[str]:
    """Return those of these people whom Slack has not reported yet."""
    wanted = frozenset(people)
    known = accounts(session, wanted) if wanted else {}
    return frozenset(one for one in wanted if one not in known or not known[one].reported)


def without_workspace(session: Session) -> list[str]:
    """Return the active people of whom Slack has not reported their workspace, in order."""
    query = select(Person.id).where(col(Person.team_id).is_(None), col(Person.active), ~col(Person.is_bot))
    return list(session.exec(query.order_by(Person.id)))


def that_matter(session: Session) -> list[str]:
    """Return those who hold a role at any time or a place of an open case, in order."""
    placed = select(CasePlace.person_id).join(Case, col(Case.id) == col(CasePlace.case_id))
    placed = placed.where(col(Case.state).in_(sorted(OPEN_STATES)))
    return sorted({*granted(session), *session.exec(placed.distinct())})


def granted(session: Session) -> list[str]:
    """Return everybody who was given a role at any time that is stored, in order."""
    return list(session.exec(select(RoleGrant.person_id).distinct().order_by(RoleGrant.person_id)))


def keep(session: Session, profiles: Iterable[Profile], now: datetime) -> set[str]:
    """Store profiles, and return the people of whom anything changed that decides how they belong to us.

    `now` is aware UTC. A language, zone or workspace that is missing keeps its old value.
    """
    by_id = {profile.id: profile for profile in profiles}
    known = {person.id: person for person in session.exec(select(Person).where(col(Person.id).in_(sorted(by_id))))}
    return {one for one, said in by_id.items() if _take(said, known.get(one) or _added(session, one), now)}


def _take(profile: Profile, person: Person, now: datetime) -> bool:
    """Write a profile to the row of its person, and return whether anything changed that decides how they belong."""
    before = _belonging(person)
    person.name, person.active, person.refreshed_at = profile.name, profile.active, now
    person.locale, person.zone = profile.locale or person.locale, profile.zone or person.zone
    person.team_id = profile.team_id or person.team_id
    person.enterprise_id = profile.enterprise_id or person.enterprise_id
    person.is_restricted, person.is_ultra_restricted = profile.is_restricted, profile.is_ultra_restricted
    person.is_stranger, person.is_bot = profile.is_stranger, profile.is_bot
    return _belonging(person) != before


def _belonging(person: Person) -> tuple[object, ...]:
    """Return what of an account decides whether the person is ours (process.md §6 R10)."""
    guest = person.is_restricted or person.is_ultra_restricted
    return person.active, person.is_bot, guest, person.is_stranger, person.team_id, person.enterprise_id


def keep_bot(session: Session, person_id: str) -> None:
    """Store that this account is a bot."""
    _known(session, person_id).is_bot = True


_WITH_DM = sqlalchemy.update(_TABLE).where(_TABLE.c.id == bindparam("person")).values(dm_channel=bindparam("channel"))


def remember_dm(session: Session, person_id: str, channel: str | None) -> None:
    """Store the channel of the bot's direct messages with a person; None if it is gone."""
    if not session.connection().execute(_WITH_DM, {"person": person_id, "channel": channel}).rowcount:
        _added(session, person_id).dm_channel = channel


def _known(session: Session, person_id: str) -> Person:
    """Return the row of a person, adding it if needed. Several processes may add the same person at the same time."""
    return session.get(Person, person_id) or _added(session, person_id)


def _added(session: Session, person_id: str) -> Person:
    insert_new(session, Person, id=person_id, name="", active=True)
    return session.get_one(Person, person_id)


def names(session: Session, people: Iterable[str]) -> dict[str, str]:
    """Return real names by id, as far as they are known."""
    query = select(Person.id, Person.name).where(col(Person.id).in_(sorted(people)), Person.name != "")
    return dict(session.exec(query).all())


_GRANTED = exists().where(col(RoleGrant.person_id) == col(Person.id))
_NAMED = select(Person.id, Person.name, _GRANTED).where(
    col(Person.id).in_(bindparam("people", expanding=True)), Person.name != ""
)


def named(session: Session, people: Iterable[str]) -> dict[str, Named]:
    """Return real names by id, as far as they are known, and who of them has a role."""
    found = session.connection().execute(_NAMED, {"people": sorted(people)})
    return {person: Named(name, granted) for person, name, granted in found}


_BEGUN = or_(col(RoleGrant.first_day).is_(None), col(RoleGrant.first_day) <= bindparam("today"))
_LASTING = or_(col(RoleGrant.last_day).is_(None), col(RoleGrant.last_day) >= bindparam("today"))
#: Nobody who left, no bot and nobody of another company holds a role (process.md §6 R10).
_EXCLUDED = exists().where(
    col(Person.id) == col(RoleGrant.person_id), or_(~col(Person.active), col(Person.is_bot), _FOREIGN)
)
_GRANT = _GRANTS.c.person_id, _GRANTS.c.role, _GRANTS.c.first_day
_IN_FORCE = sqlalchemy.select(*_GRANT).where(_BEGUN, _LASTING, ~_EXCLUDED)
_OF_PEOPLE = _IN_FORCE.where(col(RoleGrant.person_id).in_(bindparam("people", expanding=True)))


class Held(NamedTuple):
    """The roles a person holds, and those held only as a deputy."""

    own: frozenset[Role] = frozenset()
    acting: frozenset[Role] = frozenset()


def roles_of(session: Session, people: Iterable[str], today: date) -> dict[str, Held]:
    """Return the roles of those of these people who hold any. `today` is the company's date."""
    own: dict[str, set[Role]] = defaultdict(set)
    acting: dict[str, set[Role]] = defaultdict(set)
    for person, role, first_day in read(session, _OF_PEOPLE, people=sorted(set(people)), today=today):
        (own if first_day is None else acting)[person].add(role)
    return {one: Held(frozenset(own[one]), frozenset(acting[one] - own[one])) for one in {*own, *acting}}


def roles(session: Session, person_id: str, today: date) -> Held:
    """Return the roles of one person. `today` is the company's date."""
    return roles_of(session, [person_id], today).get(person_id, Held())


class Holders(NamedTuple):
    """Who holds each role, and who of them holds it only as a deputy."""

    all: dict[Role, frozenset[str]]
    acting: dict[Role, frozenset[str]]


def holders(session: Session, today: date) -> Holders:
    """Return who holds each role today. `today` is the company's date."""
    everybody: dict[Role, set[str]] = defaultdict(set)
    own: dict[Role, set[str]] = defaultdict(set)
    for person, role, first_day in read(session, _IN_FORCE, today=today):
        everybody[role].add(person)
        if first_day is None:
            own[role].add(person)
    found = {role: frozenset(ids) for role, ids in everybody.items()}
    return Holders(found, {role: ids - own[role] for role, ids in found.items() if ids > own[role]})


def holding(session: Session, role: Role, today: date) -> frozenset[str]:
    """Return who holds a role today, deputies included."""
    return holders(session, today).all.get(role, frozenset())


def replace_grants(session: Session, origin: str, grants: Iterable[Grant]) -> None:
    """Replace all grants of this origin (settings, or a user group). Processes do so one after another."""
    one_at_a_time(session.connection(), origin)
    session.exec(delete(RoleGrant).where(col(RoleGrant.origin) == origin))
    if rows := [
        {
            "person_id": grant.person,
            "role": grant.role,
            "origin": origin,
            "first_day": grant.first_day,
            "last_day": grant.last_day,
        }
        for grant in set(grants)
    ]:
        insert_all(session.connection(), _GRANTS, rows)
