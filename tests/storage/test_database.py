"""The database: one commit per block, rollback on errors, listeners, the stored types and the migrations."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from storage import migrations, outbox
from storage.database import Database
from storage.tables import Case, CasePlace, Customer
from storage.vocabulary import Channel, Place, Source, State
from tests.support import postgresql_server
from tests.support.old_databases import move

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    made = Database(fresh_url)
    yield made
    made.close()


def customers(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.exec(select(Customer.name)))


def test_committed_data_is_read_back(database: Database) -> None:
    with database.write() as session:
        session.add(Customer(name="南岭移动"))
    assert customers(database) == ["南岭移动"]


def write_and_fail(database: Database, name: str) -> None:
    with database.write() as session:
        session.add(Customer(name=name))
        outbox.put(session, "notice", "U1", NOW)
        raise RuntimeError


def test_an_error_rolls_everything_back(database: Database) -> None:
    with pytest.raises(RuntimeError):
        write_and_fail(database, "Nanling")
    assert customers(database) == []


def test_listeners_are_called_on_commits_that_queue_messages_alone(database: Database) -> None:
    heard: list[int] = []
    database.on_queued(lambda: heard.append(len(customers(database))))
    with database.write() as session:
        session.add(Customer(name="A"))
        outbox.put(session, "notice", "U1", NOW)
    with pytest.raises(RuntimeError):
        write_and_fail(database, "B")
    with database.write() as session:
        session.add(Customer(name="C"))
    assert heard == [1]


def test_what_is_read_without_a_transaction_is_as_new_as_each_statement(database: Database) -> None:
    query = select(Customer.name)
    with database.look() as looking, database.read() as reading:
        assert [list(session.exec(query)) for session in (looking, reading)] == [[], []]
        with database.write() as session:
            session.add(Customer(name="A"))
        assert [list(session.exec(query)) for session in (looking, reading)] == [["A"], []]


def test_a_reference_to_a_missing_row_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(CasePlace(case_id=99, place=Place.OWNER, person_id="U0A"))


def test_a_word_outside_the_vocabulary_is_not_written(database: Database) -> None:
    with pytest.raises(Exception, match="almost"), database.write() as session:
        session.add(a_case(state="almost"))


def test_a_moment_without_a_time_zone_is_not_written(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"), database.write() as session:
        session.add(a_case(found_at=NOW.replace(tzinfo=None)))


def test_moments_are_read_back_timezone_aware(database: Database) -> None:
    with database.write() as session:
        session.connection().execute(text("INSERT INTO products (name) VALUES ('Billing')"))
        session.add(a_case(product_id=1))
    with database.read() as session:
        case = session.exec(select(Case)).one()
    assert (case.found_at, case.state) == (NOW, State.TRIAGE)


def a_case(**changed: Any) -> Case:
    values: dict[str, Any] = {
        "state": State.TRIAGE,
        "entered_at": NOW,
        "source": Source.INTERNAL,
        "reporter_id": "U0A",
        "reported_at": NOW,
        "product_id": 1,
        "summary": "S",
        "description": "D",
        "found_at": NOW,
        "channel": Channel.CHAT,
    }
    return Case(**{**values, **changed})


def test_writers_of_one_process_wait_for_each_other(database: Database) -> None:
    def write(name: str) -> None:
        with database.write() as session:
            session.add(Customer(name=name))

    threads = [threading.Thread(target=write, args=(f"{n:02}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert customers(database) == [f"{n:02}" for n in range(20)]


# The schema


def test_the_migrations_create_the_tables(database: Database) -> None:
    assert migrations.is_current(database.engine)
    assert migrations.differences(database.engine) == []


def test_the_files_of_migrations_are_named_by_their_revisions() -> None:
    assert migrations.revisions() == tuple(
        sorted(one.revision for one in ScriptDirectory(str(migrations.HERE)).walk_revisions())
    )


WITHOUT_ALEMBIC = """
import sys
import bot.cli.main, bot.cli.records, bot.runtime.bootstrap
from storage import migrations
from storage.database import Database
database = Database(sys.argv[1])
migrations.upgrade(database.engine)
assert migrations.is_current(database.engine)
database.close()
sys.exit("alembic" in sys.modules)
"""


def test_alembic_is_not_loaded_for_a_database_at_the_current_schema(sqlite_url: str) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_ALEMBIC, sqlite_url], timeout=50, check=False)
    assert done.returncode == 0


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert migrations.current(database.engine) is None
    assert migrations.differences(database.engine)
    migrations.upgrade(database.engine)
    migrations.upgrade(database.engine)
    assert migrations.differences(database.engine) == []
    database.close()


def test_every_migration_can_be_undone(database: Database) -> None:
    with database.engine.execution_options(writes=True).begin() as connection:
        move(connection, "downgrade", "base")
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrations.upgrade(database.engine)
    assert migrations.differences(database.engine) == []


INTERRUPTED = """
import os, sys
from alembic import op
from storage import migrations
from storage.database import Database
op.add_column = lambda *_: os._exit(9)  # as by kill -9, in the middle of the last migration
migrations.upgrade(Database(sys.argv[1]).engine)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_interrupted_migration_changes_nothing(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if kind == "postgresql":
        server: postgresql_server.Server = request.getfixturevalue("postgresql")
        url = server.make("interrupted", "template1")
    else:
        url = f"sqlite:///{tmp_path / 'new.db'}"
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, url], timeout=50, check=False)
    assert done.returncode == 9
    database = Database(url)
    assert migrations.current(database.engine) is None
    assert inspect(database.engine).get_table_names() == []
    migrations.upgrade(database.engine)
    assert migrations.differences(database.engine) == []
    database.close()
    if kind == "postgresql":
        server.drop("interrupted")
