"""The database: one commit, rollback by default, and what is said when it is locked or gone."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from storage import migrations
from storage.database import LOCK_TIMEOUT, Database, Unavailable
from storage.tables import Case, CasePlace, Customer
from storage.vocabulary import Channel, Place, Source, State

NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)


@pytest.fixture
def database(fresh_url: str) -> Iterator[Database]:
    made = Database(fresh_url)
    yield made
    made.close()


def file_of(database: Database) -> Path:
    return Path(database.url.removeprefix("sqlite:///"))


def customers(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.exec(select(Customer.name)))


def pragma(session: Session, name: str) -> object:
    return session.connection().execute(text(f"PRAGMA {name}")).scalar()


def test_every_connection_is_prepared(database: Database) -> None:
    for room in (database.read, database.write):
        with room() as session:
            assert pragma(session, "foreign_keys") == 1
            assert pragma(session, "journal_mode") == "wal"
            assert pragma(session, "synchronous") == 1


def test_the_safest_writing_can_be_chosen(fresh_url: str) -> None:
    database = Database(fresh_url, synchronous="FULL")
    with database.read() as session:
        assert pragma(session, "synchronous") == 2
    database.close()


def test_what_was_written_is_there(database: Database) -> None:
    with database.write() as session:
        session.add(Customer(name="南岭移动"))
    assert customers(database) == ["南岭移动"]


def write_and_fail(database: Database, name: str) -> None:
    with database.write() as session:
        session.add(Customer(name=name))
        session.flush()
        raise RuntimeError


def test_an_error_rolls_everything_back(database: Database) -> None:
    with pytest.raises(RuntimeError):
        write_and_fail(database, "Nanling")
    assert customers(database) == []


def test_listeners_hear_of_commits_alone(database: Database) -> None:
    heard: list[int] = []
    database.on_commit(lambda: heard.append(len(customers(database))))
    with database.write() as session:
        session.add(Customer(name="A"))
    with pytest.raises(RuntimeError):
        write_and_fail(database, "B")
    with database.write(quietly=True) as session:
        session.add(Customer(name="C"))
    assert heard == [1]


def test_nothing_refers_to_what_is_not_there(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(CasePlace(case_id=99, place=Place.OWNER, person_id="U0A"))


def test_a_word_that_is_not_of_the_vocabulary_is_not_written(database: Database) -> None:
    with pytest.raises(Exception, match="almost"), database.write() as session:
        session.add(a_case(state="almost"))


def test_a_moment_needs_a_zone(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"), database.write() as session:
        session.add(a_case(found_at=NOW.replace(tzinfo=None)))


def test_moments_come_back_aware(database: Database) -> None:
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


# Locked or gone


def locked(path: Path) -> sqlite3.Connection:
    """Another process that writes and does not come to an end."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_locked_by_another_process_is_unavailable_and_nothing_is_written(database: Database) -> None:
    with closing(locked(file_of(database))):
        before = time.monotonic()
        with pytest.raises(Unavailable), database.write() as session:
            session.add(Customer(name="A"))
        waited = time.monotonic() - before
        assert customers(database) == [], "reading goes on"
    assert waited >= LOCK_TIMEOUT * 0.9
    with database.write() as session:
        session.add(Customer(name="B"))
    assert customers(database) == ["B"]


def test_a_lock_that_ends_in_time_is_waited_for(database: Database) -> None:
    other = locked(file_of(database))
    threading.Timer(0.3, other.rollback).start()
    with database.write() as session:
        session.add(Customer(name="A"))
    assert customers(database) == ["A"]
    other.close()


def test_those_who_queue_up_wait_no_longer_than_the_first(database: Database) -> None:
    """Slack waits 3 s for an answer: waiting for our own writers and for others' together must fit."""
    outcomes: list[float] = []

    def attempt() -> None:
        before = time.monotonic()
        with pytest.raises(Unavailable), database.write() as session:
            session.add(Customer(name="A"))
        outcomes.append(time.monotonic() - before)

    with closing(locked(file_of(database))):
        threads = []
        for _ in range(4):
            threads.append(threading.Thread(target=attempt))
            threads[-1].start()
            time.sleep(0.15)
        for thread in threads:
            thread.join()
    assert len(outcomes) == 4
    assert max(outcomes) < LOCK_TIMEOUT + 0.6


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


def test_no_file_no_table_no_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "empty.db", tmp_path / "nowhere" / "faultdesk.db", tmp_path):
        database = Database(f"sqlite:///{path}")
        for room in (database.read, database.write):
            with pytest.raises(Unavailable), room() as session:
                session.exec(select(Customer)).all()
        database.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "faultdesk.db"
    path.write_bytes(b"These are not the bytes of a database. " * 100)
    database = Database(f"sqlite:///{path}")
    for room in (database.read, database.write):
        with pytest.raises(Unavailable), room() as session:
            session.exec(select(Customer)).all()
    database.close()


def test_a_file_that_breaks_while_we_run_is_unavailable(database: Database) -> None:
    with database.write() as session:
        session.add(Customer(name="A"))
        session.connection().execute(text("PRAGMA cache_size = 0"))
    with database.read() as session:
        session.connection().execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    database.close()
    size = file_of(database).stat().st_size
    with file_of(database).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(Unavailable):
        customers(database)
    with pytest.raises(Unavailable), database.write() as session:
        session.add(Customer(name="B"))


# The schema


def test_the_migrations_make_the_tables(database: Database) -> None:
    assert migrations.current(database.engine) == migrations.head()
    assert migrations.differences(database.engine) == []


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert migrations.current(database.engine) is None
    assert migrations.differences(database.engine)
    migrations.upgrade(database.engine)
    migrations.upgrade(database.engine)
    assert migrations.differences(database.engine) == []
    database.close()


def test_every_migration_can_be_taken_back(database: Database) -> None:
    from alembic import command

    config = migrations._config()
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with database.engine.connect() as connection:
        left = connection.execute(text("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
        assert left.scalars().all() in (["alembic_version"], ["alembic_version", "ix"])
