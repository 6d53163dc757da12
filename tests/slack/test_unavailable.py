"""The database is locked, broken, missing or full: nothing is half written, people are asked to try again, and the bot
works afterwards.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.runtime.watchdog import CHECKS_BEFORE_ALARM
from storage.database import LOCK_TIMEOUT_SECONDS
from storage.vocabulary import State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.logged import Logged
from tests.support.raw_requests import health_of
from tests.support.team import ADMIN, CHEN, DESK, HUANG, LIN, WU, Team

#: These failures concern a database file. test_unavailable_postgresql.py covers those of a server.
pytestmark = [pytest.mark.database("sqlite"), pytest.mark.lock_timeout]


def file_of(team: Team) -> Path:
    return Path(team.database.url.removeprefix("sqlite:///"))


@contextmanager
def locked(team: Team) -> Iterator[None]:
    """Another process holds the write lock."""
    team.settle()
    other = sqlite3.connect(file_of(team), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@contextmanager
def broken(team: Team) -> Iterator[None]:
    """The file is overwritten while the bot runs, and restored afterwards."""
    team.settle()
    with team.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    team.database.close()
    kept = shutil.copy(file_of(team), file_of(team).with_suffix(".kept"))
    for leftover in ("-wal", "-shm"):
        Path(f"{file_of(team)}{leftover}").unlink(missing_ok=True)
    file_of(team).write_bytes(b"no database " * 5000)
    try:
        yield
    finally:
        team.database.close()
        shutil.move(kept, file_of(team))
        team.database.close()


@contextmanager
def gone(team: Team) -> Iterator[None]:
    """The folder of the database file is moved away, and back afterwards."""
    team.settle()
    with team.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    team.database.close()
    away = file_of(team).parent.with_name("away")
    file_of(team).parent.rename(away)
    try:
        yield
    finally:
        away.rename(file_of(team).parent)
        team.database.close()


@contextmanager
def full(team: Team) -> Iterator[None]:
    """The file may not grow by a single page, as on a full disk."""
    team.settle()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with closing(sqlite3.connect(file_of(team), isolation_level=None)) as filler:
        filler.execute("CREATE TABLE filler (x)")
        limit(filler, None)
        with suppress(sqlite3.OperationalError):
            while True:
                filler.execute("INSERT INTO filler VALUES (zeroblob(900))")
    event.listen(team.database.engine, "connect", limit)
    team.database.close()
    try:
        yield
    finally:
        event.remove(team.database.engine, "connect", limit)
        team.database.close()
        with closing(sqlite3.connect(file_of(team), isolation_level=None)) as filler:
            filler.execute("DROP TABLE filler")
        team.database.close()


DISASTERS = pytest.mark.parametrize("disaster", [locked, broken, gone, full])


@DISASTERS
def test_a_form_that_is_not_saved_stays_open_and_works_afterwards(team: Team, builder: CaseBuilder, disaster) -> None:  # type: ignore[no-untyped-def]
    builder.fault(State.SHEET_SIGNING)
    huang = team.open(HUANG, Step.RETURN_SHEET, "F-1")
    huang.fill(reason="Which provinces? 影响哪些省份? " + "Please name them. " * 150)  # more than fits into a page
    entries = len(team.history("F-1"))
    with disaster(team):
        sent = huang.submit()
    assert not sent.closed
    assert "Not saved" in sent.errors["reason"] or "未能保存" in sent.errors["reason"]
    assert "E-" not in sent.errors["reason"]
    assert len(team.history("F-1")) == entries
    assert team.state("F-1") is State.SHEET_SIGNING
    assert huang.view is not None
    assert "影响哪些省份" in huang.read(huang.view)
    assert huang.submit().closed
    assert team.state("F-1") is State.SHEET_DRAFTING


@pytest.mark.parametrize("disaster", [locked, broken, gone])  # a press writes so little that it fits into a full file
def test_a_press_is_answered_at_its_message(team: Team, builder: CaseBuilder, disaster) -> None:  # type: ignore[no-untyped-def]
    case = builder.fault()
    until = int(team.now.timestamp()) + 9999
    builder.take(Step.HOLD, CHEN, case, kind="vendor", reason="Part", until=until)
    shown = team.look(CHEN, "F-1")
    with disaster(team):
        said = team.press_copy(CHEN, shown, Step.RESUME)
    assert "Not saved" in said or "未能保存" in said
    assert team.card("F-1").on_hold
    team.person(CHEN).press(Step.RESUME, message=shown)
    assert not team.card("F-1").on_hold


@pytest.mark.parametrize("disaster", [broken, gone])
def test_a_command_is_asked_to_try_again(team: Team, builder: CaseBuilder, disaster) -> None:  # type: ignore[no-untyped-def]
    builder.report()
    with disaster(team):
        for words in ("F-1", "list", "mine", "queue", "help", "verify F-1"):
            answer = team.person(WU).command(f"/fault {words}", channel=DESK)
            assert answer.message is not None
            assert "try again" in answer.message.plain or "再试" in answer.message.plain
    assert "F-1" in team.sees(WU, "F-1")


def test_cases_can_be_read_while_another_process_writes(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    with locked(team):
        assert "F-1" in team.sees(CHEN, "F-1")


def test_concurrent_submissions_are_all_answered_in_time(team: Team, builder: CaseBuilder) -> None:
    """Slack waits three seconds. Requests that queue up behind each other must not take longer than the first one."""
    import threading

    builder.fault(State.SHEET_SIGNING)
    people = {user: team.open(user, Step.COMMENT, "F-1") for user in (CHEN, HUANG, LIN, WU)}
    for person in people.values():
        person.fill(text="Comment")
    seconds: list[float] = []

    def submit(user: str) -> None:
        sent = people[user].submit()
        assert sent.errors
        assert sent.answer is not None
        seconds.append(sent.answer.seconds)

    with locked(team):
        threads = [threading.Thread(target=submit, args=(user,)) for user in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seconds) == 4
    assert LOCK_TIMEOUT_SECONDS < 3
    assert max(seconds) < 1.75 * LOCK_TIMEOUT_SECONDS, "waiting one after the other would take four times as long"
    for person in people.values():
        assert person.submit().closed


@pytest.mark.parametrize(
    ("disaster", "reason"),
    [(locked, "locked"), (broken, "broken"), (gone, "no connection"), (full, "no space left")],
)
def test_health_reports_the_outage_and_the_admins_are_told(logged: Logged, team: Team, disaster, reason: str) -> None:  # type: ignore[no-untyped-def]
    """A check of the database that only reads would say that all is well while no save succeeds (point 6)."""
    assert health_of(team).status == 200
    with disaster(team):
        sick = health_of(team)
        assert (sick.status, sick.json["database"]) == (503, f"failing: {reason}")
        for _ in range(CHECKS_BEFORE_ALARM):
            team.playground.bot._watchdog.check()
    assert health_of(team).status == 200
    team.playground.bot._watchdog.check()
    told = [team.person(ADMIN).read(one) for one in team.person(ADMIN).inbox()]
    assert "database" in told[0] or "数据库" in told[0]
    assert len(told) == 2, "and that it is well again"


@DISASTERS
def test_messages_and_reminders_are_sent_afterwards(team: Team, builder: CaseBuilder, disaster) -> None:  # type: ignore[no-untyped-def]
    builder.fault(State.SHEET_SIGNING)
    with disaster(team):
        team.playground.bot.delivery.wake()
        assert team.playground.bot.jobs.sweep() == 0
        assert team.playground.bot.jobs.settle() == 0
    builder.usual(Step.SIGN_SHEET, 1)
    team.settle()
    assert "F-1" in team.read(WU)


def test_an_event_is_answered_with_503_so_that_slack_repeats_it(team: Team) -> None:
    with locked(team):
        answer = team.playground.standin.send_event(
            {"type": "user_change", "user": {"id": CHEN, "name": "chen.jing", "real_name": "Chen Jing-Li"}}
        )
    assert answer is not None
    assert answer.status == 503
