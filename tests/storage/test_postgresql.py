"""PostgreSQL as the store of several processes, each with a `Database` of its own."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from storage import claims, migrations, outbox, registers
from storage.concurrent_insert import insert_new
from storage.database import Database, Unavailable
from storage.postgresql import MAX_PAUSE_SECONDS, MAX_SILENT_SECONDS, MAX_WAIT_SECONDS
from storage.tables import Customer, Outgoing
from storage.time_limit import answered_within
from tests.storage.test_database import customers, write_and_fail
from tests.support import postgresql_server

pytestmark = pytest.mark.lock_timeout
NOW = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
#: Seconds of real time for something that takes milliseconds.
AMPLE = 60.0


@pytest.fixture
def processes(postgresql_url: str) -> Iterator[list[Database]]:
    """Three processes on one database."""
    made = [Database(postgresql_url) for _ in range(3)]
    yield made
    for database in made:
        database.close()


def test_a_commit_wakes_the_other_processes(processes: list[Database]) -> None:
    here, there, _ = processes
    heard = threading.Semaphore(0)
    there.on_queued(heard.release)
    there.listen_for_commits()
    assert heard.acquire(timeout=AMPLE), "the listener is called at its start, for commits it may have missed"
    assert there.sees_all_commits
    with here.write():
        pass
    with here.write() as session:
        session.add(Customer(name="A"))
        outbox.put(session, "notice", "U1", NOW)
    assert heard.acquire(timeout=AMPLE)
    assert customers(there) == ["A"]
    assert not heard.acquire(timeout=0.2), "commits that queue nothing wake nobody"


def test_a_rolled_back_transaction_wakes_nobody(processes: list[Database]) -> None:
    here, there, _ = processes
    heard = threading.Semaphore(0)
    there.on_queued(heard.release)
    there.listen_for_commits()
    assert heard.acquire(timeout=AMPLE)
    with pytest.raises(RuntimeError):
        write_and_fail(here, "A")
    assert not heard.acquire(timeout=0.2)


def test_listening_senders_are_known_until_they_are_gone(processes: list[Database]) -> None:
    one, two, three = processes
    ready = threading.Semaphore(0)
    for database in (one, two):
        database.on_queued(ready.release)
        database.listen_for_commits()
    assert ready.acquire(timeout=AMPLE)
    assert ready.acquire(timeout=AMPLE)
    assert present(three) == {one.sender, two.sender}
    two.close()
    until = time.monotonic() + AMPLE
    while two.sender in present(three) and time.monotonic() < until:
        pass  # the server notices it a moment later
    assert present(three) == {one.sender}


def present(database: Database) -> frozenset[int]:
    with database.read() as session:
        return database.senders(session)


def test_a_reader_sees_one_consistent_moment(processes: list[Database]) -> None:
    here, there, _ = processes
    with here.read() as session:
        assert session.exec(select(Customer.name)).all() == []
        with there.write() as other:
            other.add(Customer(name="A"))
        assert session.exec(select(Customer.name)).all() == []
    assert customers(here) == ["A"]


def test_a_reader_cannot_write(processes: list[Database]) -> None:
    with processes[0].read() as session:
        session.add(Customer(name="A"))
        with pytest.raises(DBAPIError, match="read-only"):
            session.flush()


def test_no_two_senders_claim_the_same_message(processes: list[Database]) -> None:
    with processes[0].write() as session:
        for number in range(60):
            outbox.put(session, "notice", f"U{number}", NOW)
    taken: list[int] = []

    def send(database: Database) -> None:
        for _ in range(10):
            with database.write() as session:
                rows = claims.claim(session, lambda _session: NOW, database.sender, 4).rows
                taken.extend(row.id or 0 for row in rows)

    at_once(*(lambda database=database: send(database) for database in processes))
    assert sorted(taken) == list(range(1, 61))


def test_a_message_of_a_topic_is_not_claimed_while_a_step_of_its_topic_is_uncommitted(
    processes: list[Database],
) -> None:
    """Otherwise the waiting card would be sent with the state before the step."""
    here, there, _ = processes
    with here.write() as session:
        outbox.put(session, "card", "C1", NOW, topic="card:1")
    with here.write() as session:
        outbox.put(session, "card", "C1", NOW, topic="card:1")
        with there.write() as other:
            assert claims.claim(other, lambda _session: NOW, there.sender, 9).rows == []
    with there.write() as other:
        assert len(claims.claim(other, lambda _session: NOW, there.sender, 9).rows) == 1
        with here.write() as session:
            outbox.put(session, "card", "C1", NOW, topic="card:1")
    with here.read() as session:
        assert len(session.exec(select(Outgoing)).all()) == 2, (
            "a row that is being sent does not stand for a later change"
        )


def test_a_name_that_two_processes_add_at_once_is_one_row(processes: list[Database]) -> None:
    found: list[int | None] = []

    def name(database: Database) -> None:
        with database.write() as session:
            found.append(registers.customer(session, "Nanling 南岭").id)

    at_once(*(lambda database=database: name(database) for database in processes))
    assert len(set(found)) == 1


def test_the_schema_is_created_once_however_many_processes_begin_at_once(postgresql: postgresql_server.Server) -> None:
    postgresql.make("bare", "template1")
    several = [Database(postgresql.url("bare")) for _ in range(3)]
    try:
        at_once(*(lambda database=database: migrations.upgrade(database.engine) for database in several))
        assert migrations.differences(several[0].engine) == []
    finally:
        for database in several:
            database.close()
        postgresql.drop("bare")


def test_waiting_too_long_for_a_locked_row_is_unavailable(processes: list[Database]) -> None:
    here, there, _ = processes
    with here.write() as session:
        session.add(Customer(name="A"))
    with here.write() as session:
        session.connection().execute(text("SELECT * FROM customers FOR UPDATE"))
        before = time.monotonic()
        with pytest.raises(Unavailable), there.write() as other:
            other.connection().execute(text("SELECT * FROM customers FOR UPDATE"))
        assert time.monotonic() - before < 10 * MAX_WAIT_SECONDS, "the wait for a lock is limited"


# A server that does not answer


def test_a_statement_that_takes_too_long_is_ended_by_the_server(processes: list[Database]) -> None:
    with pytest.raises(Unavailable) as ended, answered_within(0.2), processes[0].write() as session:
        session.connection().execute(text("SELECT pg_sleep(60)"))
    assert ended.value.reason == "no answer"
    with processes[0].read() as session:
        assert session.connection().execute(text("SHOW statement_timeout")).scalar_one() == "0", "work without a limit"


def test_all_that_is_asked_within_a_limit_must_be_answered_in_it(processes: list[Database]) -> None:
    def ask() -> None:
        with processes[0].read() as session:
            while True:
                session.connection().execute(text("SELECT pg_sleep(0.01)"))

    with answered_within(0.2), pytest.raises(Unavailable):
        ask()


@pytest.mark.parametrize("connected", [True, False])
def test_a_server_that_hangs_is_not_waited_for(
    postgresql: postgresql_server.Server, processes: list[Database], connected: bool
) -> None:
    here = processes[0]
    if connected:
        assert customers(here) == []
    with postgresql.suspended(here.url.rpartition("/")[2]):
        before = time.monotonic()
        with pytest.raises(Unavailable) as ended, answered_within(0.2), here.write() as session:
            session.add(Customer(name="A"))
        assert ended.value.reason == "no answer"
        with pytest.raises(Unavailable), answered_within(0), here.read():
            customers(here)
        assert time.monotonic() - before < AMPLE
    assert customers(here) == []


def test_a_transaction_is_ended_when_its_limit_is_over_while_the_server_hangs(
    postgresql: postgresql_server.Server, processes: list[Database]
) -> None:
    here = processes[0]

    def write() -> None:
        with here.write() as session:
            session.add(Customer(name="A"))
            session.flush()
            with postgresql.suspended(here.url.rpartition("/")[2]):
                session.exec(select(Customer.name)).all()

    with pytest.raises(Unavailable), answered_within(0.5):
        write()
    assert customers(here) == []


def test_every_connection_notices_a_peer_that_is_gone(processes: list[Database]) -> None:
    with processes[0].read() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        used = driver.info.get_parameters()
        kept = [session.connection().execute(text(f"SHOW {one}")).scalar_one() for one in ("tcp_keepalives_idle",)]
    assert (used["tcp_user_timeout"], used["keepalives_idle"], kept) == ("10000", "10", ["10"])


def silence(session: Session) -> str:
    """How long the server lets this transaction be silent."""
    return str(session.connection().execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one())


def test_a_process_that_is_suspended_while_it_writes_holds_up_the_others_for_a_short_time(
    processes: list[Database],
) -> None:
    for limit, longest in ((nullcontext(), MAX_PAUSE_SECONDS), (answered_within(AMPLE), MAX_SILENT_SECONDS)):
        with limit, processes[0].write() as session:
            assert silence(session) == f"{longest}s"
    with answered_within(AMPLE), processes[0].read() as session:
        assert silence(session) == "1min", "making a document takes time, and nobody waits for what is only read"


def write_silently(process: Database, meanwhile: Callable[[], None]) -> None:
    """Write a customer's name, and say nothing to the server while others act."""
    with answered_within(AMPLE), process.write() as session:
        insert_new(session, Customer, name="Nanling")
        meanwhile()


def test_the_lock_of_a_process_that_falls_silent_is_free_soon(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_the_same() -> None:
        monkeypatch.setattr("storage.postgresql.MAX_SILENT_SECONDS", AMPLE)
        with second.write() as session:
            assert insert_new(session, Customer, name="Nanling"), "the earlier transaction was ended"

    monkeypatch.setattr("storage.postgresql.MAX_WAIT_SECONDS", AMPLE)
    with closing(Database(postgresql_url)) as first, closing(Database(postgresql_url)) as second:
        monkeypatch.setattr("storage.postgresql.MAX_SILENT_SECONDS", 0.1)
        with pytest.raises(Unavailable):
            write_silently(first, write_the_same)
        assert customers(second) == ["Nanling"]


def at_once(*acts: Callable[[], None]) -> None:
    """Run these functions at the same moment in threads. Raises the first error of any of them."""
    barrier, errors = threading.Barrier(len(acts)), []

    def run(act: Callable[[], None]) -> None:
        barrier.wait(AMPLE)
        try:
            act()
        except Exception as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
