"""Persons and their roles, with deputies and user groups."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from storage import people
from storage.database import Database
from storage.people import Grant, Profile
from storage.vocabulary import Role

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CM, SM, TS = Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TESTER


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    made = Database(fresh_url)
    yield made
    made.close()


def grant(database: Database, *grants: Grant, origin: str = "settings") -> None:
    with database.write() as session:
        people.replace_grants(session, origin, grants)


def roles(database: Database, person: str, day: date = TODAY) -> tuple[set[Role], set[Role]]:
    with database.read() as session:
        own, acting = people.roles(session, person, day)
        return set(own), set(acting)


def test_a_person_may_hold_several_roles(database: Database) -> None:
    grant(database, Grant("U1", CM), Grant("U1", TS), Grant("U2", SM))
    assert roles(database, "U1") == ({CM, TS}, set())
    assert roles(database, "U3") == (set(), set())


@pytest.mark.parametrize(
    ("day", "stands_in"),
    [
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), True),
        (TODAY, True),
        (date(2026, 11, 24), True),
        (date(2026, 11, 25), False),
    ],
)
def test_a_deputy_stands_in_from_the_first_to_the_last_day(database: Database, day: date, stands_in: bool) -> None:
    grant(database, Grant("U1", CM, date(2026, 11, 22), date(2026, 11, 24)))
    assert roles(database, "U1", day) == (set(), {CM} if stands_in else set())
    with database.read() as session:
        assert ("U1" in people.holders(session, day).get(CM, ())) == stands_in


def test_a_role_that_a_person_holds_is_not_also_held_as_deputy(database: Database) -> None:
    grant(database, Grant("U1", CM), Grant("U1", CM, TODAY, TODAY))
    assert roles(database, "U1") == ({CM}, set())


def test_an_origin_replaces_only_the_roles_that_it_gave(database: Database) -> None:
    grant(database, Grant("U1", TS), Grant("U1", TS))
    grant(database, Grant("U1", TS), Grant("U2", TS), origin="group:S1")
    grant(database, Grant("U2", TS), origin="group:S1")
    assert roles(database, "U1") == ({TS}, set())
    grant(database)
    assert roles(database, "U1") == (set(), set())
    assert roles(database, "U2") == ({TS}, set())


def test_holders_are_listed_by_role(database: Database) -> None:
    grant(database, Grant("U1", CM), Grant("U2", CM), Grant("U2", TS))
    with database.read() as session:
        assert people.holders(session, TODAY) == {CM: {"U1", "U2"}, TS: {"U2"}}


def keep(database: Database, person: str, **changed: object) -> None:
    said = {"name": "Chen Jing 陈静", "locale": "zh-CN", "zone": "Asia/Shanghai", "active": True}
    with database.write() as session:
        people.keep(session, Profile(person, **{**said, **changed}), NOW)  # type: ignore[arg-type]


def test_profiles_from_slack_are_stored_beside_the_channel_of_direct_messages(database: Database) -> None:
    with database.write() as session:
        people.remember_dm(session, "U1", "D1")
    keep(database, "U1")
    keep(database, "U1", name="Chen", locale="en-US")
    with database.read() as session:
        found = people.find(session, "U1")
        assert people.names(session, ["U1", "U2"]) == {"U1": "Chen"}
    assert found is not None
    assert (found.locale, found.zone, found.dm_channel, found.refreshed_at) == (
        "en-US",
        "Asia/Shanghai",
        "D1",
        NOW,
    )


def test_a_profile_without_language_and_zone_keeps_the_known_ones(database: Database) -> None:
    keep(database, "U1")
    keep(database, "U1", locale=None, zone=None, active=False)
    with database.read() as session:
        found = people.find(session, "U1")
    assert found is not None
    assert (found.locale, found.zone, found.active) == ("zh-CN", "Asia/Shanghai", False)
