"""Databases of every earlier schema, with data: what was written stays, and what is new counts as before."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import text

from bot.casework.company_settings import CompanySettings
from bot.casework.records.verify import verify
from bot.casework.steps import load
from bot.workflow.membership import Membership
from storage import migrations, own_workspace
from storage.database import Database
from storage.tables import METADATA, Customer, Person
from storage.vocabulary import State
from tests.support import world
from tests.support.answers import ANNA, CHEN
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock

EARLIER = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
#: What no migration may change.
KEPT = ("cases", "case_places", "documents", "audit_entries")


@pytest.fixture
def builder(fresh_url: str) -> Iterator[CaseBuilder]:
    database = Database(fresh_url)
    clock = ManualClock(world.begins())
    made = CaseBuilder(database, CompanySettings("C0DESK"), clock.now)
    made.seed()
    yield made
    database.close()


def to_revision(database: Database, revision: str) -> None:
    config = migrations._config()
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def contents(database: Database) -> dict[str, list[str]]:
    with database.engine.connect() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(METADATA.tables[name].select()))
            for name in KEPT
        }


@pytest.mark.parametrize("revision", EARLIER)
def test_people_and_names_of_an_earlier_schema_count_as_ours(builder: CaseBuilder, revision: str) -> None:
    database, now = builder.database, builder.clock()
    case = builder.fault(State.CLOSED)
    before = contents(database)
    to_revision(database, revision)
    with database.engine.execution_options(writes=True).begin() as connection:
        people = "('U0OLD', 'Old', TRUE, '2026-01-01 00:00:00'), ('USLACKBOT', 'Slackbot', TRUE, '2026-01-01 00:00:00')"
        connection.execute(text(f"INSERT INTO people (id, name, active, refreshed_at) VALUES {people}"))
    migrations.upgrade(database.engine)
    assert migrations.differences(database.engine) == []
    assert contents(database) == before
    with database.write() as session:
        own_workspace.keep(session, "T0OURS", None, None, now)
    with database.read() as session:
        assert verify(session, case).findings == ()
        assert not session.get_one(Customer, 1).unconfirmed
        found = {one: load.person_context(session, one, builder.company, now) for one in (CHEN, ANNA, "U0OLD")}
        assert {one.membership for one in found.values()} == {Membership.OURS}
        assert found[CHEN].roles
        assert session.get_one(Person, "U0OLD").team_id is None
        slackbot = load.person_context(session, "USLACKBOT", builder.company, now)
        assert slackbot.membership is Membership.REFUSED
        assert session.get_one(Person, "USLACKBOT").is_bot
