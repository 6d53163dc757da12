"""SQLite as the store: how connections are prepared, and what is raised when the file is locked, broken or missing."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from storage.database import LOCK_TIMEOUT_SECONDS, Database, Unavailable
from storage.tables import Customer
from tests.storage.test_database import customers

pytestmark = pytest.mark.lock_timeout


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    made = Database(sqlite_url)
    yield made
    made.close()


def file_of(database: Database) -> Path:
    return Path(database.url.removeprefix("sqlite:///"))


def pragma(session: Session, name: str) -> object:
    return session.connection().execute(text(f"PRAGMA {name}")).scalar()


def test_every_connection_has_the_pragmas_set(database: Database) -> None:
    for room in (database.read, database.write):
        with room() as session:
            assert pragma(session, "foreign_keys") == 1
            assert pragma(session, "journal_mode") == "wal"
            assert pragma(session, "synchronous") == 1


def test_synchronous_writing_can_be_set_to_full(sqlite_url: str) -> None:
    database = Database(sqlite_url, synchronous="FULL")
    with database.read() as session:
        assert pragma(session, "synchronous") == 2
    database.close()


def locked(path: Path) -> sqlite3.Connection:
    """Another connection that holds the write lock."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_a_lock_of_another_process_is_unavailable_and_nothing_is_written(database: Database) -> None:
    with closing(locked(file_of(database))):
        before = time.monotonic()
        with pytest.raises(Unavailable), database.write() as session:
            session.add(Customer(name="A"))
        waited = time.monotonic() - before
        assert customers(database) == [], "reading is possible meanwhile"
    assert waited >= LOCK_TIMEOUT_SECONDS * 0.9
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


def test_queued_writers_wait_no_longer_than_the_first_one(database: Database) -> None:
    """Slack waits 3 s for an answer. Waiting for our own writers and for those of others together must take less."""
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
    assert LOCK_TIMEOUT_SECONDS < 3
    assert max(outcomes) < 1.75 * LOCK_TIMEOUT_SECONDS, (
        "waiting for both locks one after the other takes up to twice as long"
    )


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "faultdesk.db", tmp_path):
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


def test_a_file_that_breaks_while_in_use_is_unavailable(database: Database) -> None:
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
