"""Databases of every earlier schema, with data: what was written stays, and what is new counts as before."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.casework.company_settings import CompanySettings
from bot.casework.records.verify import verify
from bot.casework.steps import load
from bot.workflow.membership import Membership
from storage import migrations, own_workspace
from storage.database import Database
from storage.tables import Customer, Person
from tests.support import world
from tests.support.answers import ANNA, CHEN
from tests.support.long_values import long_unless
from tests.support.old_databases import CLOSED, REVISIONS, restored

EARLIER = long_unless({REVISIONS[0]}, [revision for revision in REVISIONS if revision < "0008"])


def steps_of(database: Database) -> set[tuple[int, int, str]]:
    """The entries of all histories, by case, number and hash."""
    with database.engine.connect() as connection:
        found = connection.execute(text("SELECT case_id, seq, hash FROM audit_entries"))
        return {(case, seq, digest) for case, seq, digest in found}


@pytest.mark.parametrize("revision", EARLIER)
def test_people_and_names_of_an_earlier_schema_count_as_ours(tmp_path: Path, revision: str) -> None:
    database, now = restored(f"sqlite:///{tmp_path / 'old.db'}", revision, tmp_path), world.begins()
    company = CompanySettings("C0DESK")
    before = steps_of(database)
    with database.engine.execution_options(writes=True).begin() as connection:
        people = "('U0OLD', 'Old', TRUE, '2026-01-01 00:00:00'), ('USLACKBOT', 'Slackbot', TRUE, '2026-01-01 00:00:00')"
        connection.execute(text(f"INSERT INTO people (id, name, active, refreshed_at) VALUES {people}"))
    migrations.upgrade(database.engine)
    assert migrations.differences(database.engine) == []
    assert before < steps_of(database)
    with database.write() as session:
        own_workspace.keep(session, "T0OURS", None, None, now)
    with database.read() as session:
        assert verify(session, CLOSED).findings == ()
        assert not session.get_one(Customer, 1).unconfirmed
        found = {one: load.person_context(session, one, company, now) for one in (CHEN, ANNA, "U0OLD")}
        assert {one.membership for one in found.values()} == {Membership.OURS}
        assert found[CHEN].roles
        assert session.get_one(Person, "U0OLD").team_id is None
        slackbot = load.person_context(session, "USLACKBOT", company, now)
        assert slackbot.membership is Membership.REFUSED
        assert session.get_one(Person, "USLACKBOT").is_bot
    database.close()
