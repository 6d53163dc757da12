"""Persons, their accounts and their roles, with deputies and user groups; names that persons type."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from storage import own_workspace, people, registers
from storage.database import Database
from storage.people import Grant, Profile
from storage.tables import Customer, ProductVersion
from storage.vocabulary import Role, comparable

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
        assert ("U1" in people.holders(session, day).all.get(CM, ())) == stands_in


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
        assert people.holders(session, TODAY).all == {CM: {"U1", "U2"}, TS: {"U2"}}


def keep(database: Database, person: str, **changed: object) -> None:
    said = {"name": "Chen Jing 陈静", "locale": "zh-CN", "zone": "Asia/Shanghai", "active": True}
    with database.write() as session:
        people.keep(session, [Profile(person, **{**said, **changed})], NOW)  # type: ignore[arg-type]


def test_a_page_of_known_people_is_stored_with_one_query(database: Database) -> None:
    page, asked = [Profile(f"U{number}", "Chen", None, None, True) for number in range(200)], list[str]()
    with database.write() as session:
        people.keep(session, page, NOW)
    with database.write() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *said: asked.append(said[2]))
        people.keep(session, page, NOW)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1


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


# Accounts

OURS, SISTER, THEIRS = "T0OURS", "T0SISTER", "T0THEIRS"


def met(database: Database, **said: Any) -> people.Account:
    """The account of U1 as Slack reports it."""
    with database.write() as session:
        people.keep(session, [Profile("U1", "One", None, None, active=True, **said)], NOW)
    with database.read() as session:
        return people.accounts(session, ["U1"])["U1"]


@pytest.mark.parametrize(
    ("said", "foreign"),
    [
        ({}, False),
        ({"team_id": OURS}, False),
        ({"team_id": THEIRS}, True),
        ({"team_id": SISTER, "enterprise_id": "E0OURS"}, False),
        ({"team_id": THEIRS, "enterprise_id": "E0THEIRS"}, True),
        ({"is_stranger": True}, True),
        ({"is_stranger": True, "team_id": SISTER, "enterprise_id": "E0OURS"}, False),
    ],
)
def test_a_person_of_neither_our_workspace_nor_our_enterprise_is_foreign(
    database: Database, said: dict[str, Any], foreign: bool
) -> None:
    assert not met(database, **said).foreign, "nobody is foreign before we know who we are"
    grant(database, Grant("U1", CM))
    with database.write() as session:
        own_workspace.keep(session, OURS, "E0OURS", None, NOW)
    assert met(database, **said).foreign == foreign
    assert roles(database, "U1") == (set() if foreign else {CM}, set())
    with database.read() as session:
        assert people.holders(session, TODAY).all == ({} if foreign else {CM: {"U1"}})


def test_a_workspace_without_an_enterprise_shares_none(database: Database) -> None:
    with database.write() as session:
        own_workspace.keep(session, OURS, None, None, NOW)
    assert met(database, team_id=THEIRS, enterprise_id=None).foreign


def test_a_bot_holds_no_role(database: Database) -> None:
    grant(database, Grant("U1", CM))
    assert met(database, is_bot=True).bot
    assert roles(database, "U1") == (set(), set())
    with database.read() as session:
        assert people.holders(session, TODAY).all == {}


def test_a_workspace_that_a_profile_omits_stays_known_and_a_flag_does_not(database: Database) -> None:
    with database.write() as session:
        own_workspace.keep(session, OURS, None, None, NOW)
    assert met(database, team_id=THEIRS, is_restricted=True).guest
    account = met(database)
    assert account.foreign
    assert not account.guest


def test_the_app_stays_known_while_the_workspace_stays(database: Database) -> None:
    def kept(team: str, app: str | None) -> str | None:
        with database.write() as session:
            own_workspace.keep(session, team, None, app, NOW)
        with database.read() as session:
            row = own_workspace.find(session)
            assert row is not None
            return row.app_id

    assert kept(OURS, None) is None
    assert kept(OURS, "A1") == "A1"
    assert kept(OURS, None) == "A1"
    assert kept(THEIRS, None) is None


# Names that outsiders type


@given(name=st.text(min_size=1, max_size=20))
def test_names_are_compared_without_case_width_and_spaces(name: str) -> None:
    assert comparable(name.upper().lower()) == comparable(name.upper())
    assert comparable(f"  {name} ") == comparable(name)
    assert comparable(comparable(name)) == comparable(name)


def test_the_registered_spelling_of_a_name_is_taken(database: Database) -> None:
    with database.write() as session:
        session.add_all(Customer(name=name) for name in ("Huadong Telecom", "HUADONG telecom", "Ünï"))
        product = registers.product(session, "Billing Suite").id or 0
        registers.keep_part(session, ProductVersion, product, "V3.2")
        other = registers.product(session, "Other").id or 0
    with database.read() as session:
        for typed, found in {
            "ＨＵＡＤＯＮＧ　telecom": "Huadong Telecom",
            "HUADONG telecom": "HUADONG telecom",
            "u\u0308ni\u0308": "Ünï",
            "Huadong": None,
        }.items():
            customer = registers.find_customer(session, typed)
            assert (customer and customer.name) == found
        assert registers.part_name(session, ProductVersion, product, "v3.2") == "V3.2"
        assert registers.part_name(session, ProductVersion, other, "v3.2") is None
