"""The check of the database: what is written as a sign of life, and what health says of work that is due."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.runtime.database_check import NAMES_EVERY_SECONDS, Unchanged
from storage import claims, heartbeats, outbox, reminders
from storage.database import Database
from storage.tables import Customer, Heartbeat, Outgoing
from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.case_fixtures import builder, clock
from tests.support.checked_database import CheckedDatabase
from tests.support.manual_clock import ManualClock

__all__ = ["builder", "clock"]
SECOND = timedelta(seconds=1)


@pytest.fixture
def checked(fresh_url: str) -> Iterator["Checked"]:
    database = Database(fresh_url)
    yield Checked(database)
    database.close()


class Checked(CheckedDatabase):
    """A worker that checks a database with messages."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.database = database

    def put(self, *targets: str, **more: object) -> None:
        with self.database.write() as session:
            for target in targets:
                outbox.put(session, "notice", target, self.clock.now(), **more)

    def put_back(self, target: str, error: str, wait: timedelta) -> None:
        """Claim a message, and let Slack refuse it for a while."""
        with self.database.write() as session:
            row = session.exec(select(Outgoing).where(Outgoing.target == target)).first()
            assert row is not None
            row.attempts, row.lease, row.error, row.due_at = 1, row.lease + 1, error, self.clock.now() + wait

    def claim(self) -> None:
        with self.database.write() as session:
            assert claims.claim(session, lambda _session: self.clock.now(), self.database.sender, 1).rows

    def stuck(self) -> float:
        """How long the check has seen the next message due, which it looks at every five seconds for a minute."""
        states = [self.parts(5)["delivery"] for _ in range(12)]
        assert states[:6] == ["ok"] * 6
        return float(next(line.split()[1] for line in self.metrics() if 'oldest_due_seconds{part="delivery"' in line))


def ages(checked: CheckedDatabase) -> dict[str, float]:
    """The age of the oldest message that could be sent and of the oldest due reminder, in seconds."""
    name = "faultdesk_oldest_age_seconds"
    checked.parts()
    registry = checked.health.metrics.registry
    found = {part: registry.get_sample_value(name, {"part": part}) for part in ("delivery", "reminders")}
    return {part: value for part, value in found.items() if value is not None}


def heartbeats_of(database: Database) -> list[tuple[int, bool]]:
    with database.read() as session:
        return [(row.sender, row.works) for row in session.exec(select(Heartbeat)).all()]


def test_each_check_writes_the_sign_of_life_of_the_process(checked: Checked) -> None:
    for _ in range(2):
        assert checked.parts(5)["database"] == "ok"
        assert heartbeats_of(checked.database) == [(checked.database.sender, True)]
        with checked.database.read() as session:
            assert heartbeats.workers(session, checked.clock.now() + SECOND) == [SECOND]


def test_processes_that_are_gone_are_forgotten_after_a_while(checked: Checked) -> None:
    checked.parts()
    with checked.database.write() as session:
        heartbeats.beat(session, 77, checked.clock.now() - heartbeats.KEPT - SECOND, works=True)
        heartbeats.forget(session, checked.clock.now())
    assert heartbeats_of(checked.database) == [(checked.database.sender, True)]


@pytest.mark.database("postgresql")
def test_the_check_of_a_server_needs_room_on_its_disk(checked: Checked) -> None:
    """Rows would fit into the pages that a table has already, also on a full disk."""
    name = checked.database.url.rpartition("/")[2]
    with checked.database.write() as session:
        session.connection().execute(text(f"ALTER DATABASE {name} SET temp_file_limit = '64kB'"))
    checked.database.close()
    assert checked.parts()["database"].startswith("failing: ")


# Workers


@pytest.mark.parametrize("ago", [16 * SECOND, timedelta(hours=-1)], ids=["before", "by a clock that was put back"])
def test_a_worker_without_a_sign_of_life_is_none(checked: Checked, ago: timedelta) -> None:
    """Point 8: a suspended worker stays connected."""
    web = CheckedDatabase(checked.database, checked.clock, works=False)
    with checked.database.write() as session:
        heartbeats.beat(session, 77, web.clock.now() + 5 * SECOND, works=True)
        heartbeats.beat(session, 78, web.clock.now(), works=False)
    assert web.parts(20)["workers"] == "ok"
    assert "faultdesk_workers 1.0" in web.metrics()
    with checked.database.write() as session:
        heartbeats.beat(session, 77, web.clock.now() - ago, works=True)
    assert web.parts(1)["workers"] == "none for 16 s"
    assert "faultdesk_workers 0.0" in web.metrics()


def test_a_worker_may_take_a_while_to_start(checked: Checked) -> None:
    web = CheckedDatabase(checked.database, works=False)
    assert [web.parts(seconds)["workers"] for seconds in (15, 1)] == ["ok", "none for 16 s"]


# What is due


def test_a_message_that_could_be_sent_and_is_not_is_stuck(checked: Checked) -> None:
    checked.put("U1", "U2")
    assert checked.stuck() == 55
    assert checked.parts()["delivery"] == "due for 55 s"
    assert "faultdesk_outbox_waiting 2.0" in checked.metrics()
    assert "faultdesk_outbox_dead 0.0" in checked.metrics()
    checked.claim()
    assert checked.parts(1)["delivery"] == "ok", "the other message is the next now"
    checked.claim()
    assert checked.parts(100)["delivery"] == "ok", "nothing is left to be sent"


def test_the_age_of_a_message_counts_from_when_it_was_written(checked: Checked) -> None:
    assert ages(checked)["delivery"] == 0
    checked.put("U1")
    checked.clock.move(seconds=40)
    checked.put("U2", urgent=True)
    assert ages(checked)["delivery"] == 40, "the urgent one is sent next, but is not the oldest"
    checked.put_back("U1", "?internal_error", 5 * SECOND)
    assert ages(checked)["delivery"] == 0, "it is held"
    checked.clock.move(seconds=5)
    assert ages(checked)["delivery"] == 45
    assert (checked.parts()["delivery"], checked.parts()["backlog"]) == ("ok", "ok")
    checked.clock.move(seconds=16)
    assert checked.parts()["backlog"] == "61 s behind"
    assert checked.health.report().healthy, "a restart sends nothing sooner"


def test_a_message_that_is_under_way_for_too_long_is_late(checked: Checked) -> None:
    """Its sender hangs, or nobody takes over from one that died."""
    checked.put("U1")
    checked.claim()
    assert checked.parts(60)["backlog"] == "ok"
    assert checked.parts(2)["backlog"] == "61 s behind"


def test_a_message_of_a_clock_that_is_ahead_has_no_age(checked: Checked) -> None:
    checked.clock.move(hours=1)
    checked.put("U1")
    checked.clock.move(hours=-1)
    assert ages(checked)["delivery"] == 0


def test_the_age_of_a_reminder_counts_from_when_it_was_due(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.fault(State.SHEET_SIGNING)
    checked = CheckedDatabase(builder.database, clock)
    assert ages(checked)["reminders"] == 0
    with builder.database.read() as session:
        due = reminders.next_due(session)
    assert due is not None
    clock.advance(due - clock.now() + 70 * SECOND)
    assert ages(checked)["reminders"] == 70
    assert checked.parts()["backlog"].endswith(" s behind")
    checked.postponed = range(100)
    assert ages(checked)["reminders"] == 70, "also of one that could not be sent and is tried again later"


def test_a_message_that_is_tried_again_and_again_is_not_stuck(checked: Checked) -> None:
    """Slack is down, which the part `slack` says."""
    checked.put("U1")
    for _ in range(20):
        assert checked.parts(5)["delivery"] == "ok"
        checked.put_back("U1", "?internal_error", timedelta())


def test_what_waits_for_slack_is_not_stuck(checked: Checked) -> None:
    checked.put("U1", case_id=None)
    checked.put("U1", "U2")
    checked.put_back("U1", outbox.LIMITED, timedelta(hours=1))
    checked.put_back("U2", "?internal_error", timedelta(hours=1))
    assert checked.stuck() == 0
    checked.put_back("U2", outbox.LIMITED, timedelta(hours=1))
    checked.put("U3")
    assert checked.stuck() == 0, "limits of two targets are those of the workspace"


def test_a_document_that_takes_long_does_not_count(checked: Checked) -> None:
    checked.put("U1", aside=True)
    assert checked.stuck() == 0


def test_a_reminder_that_is_due_and_not_sent_is_stuck(builder: CaseBuilder, clock: ManualClock) -> None:
    builder.fault(State.SHEET_SIGNING)
    clock.move(days=7)
    checked = CheckedDatabase(builder.database, clock)
    states = [checked.parts(5)["reminders"] for _ in range(8)]
    assert states == ["ok"] * 7 + ["due for 35 s"]
    checked.postponed = range(100)
    assert checked.parts(5)["reminders"] == "ok", "it is tried again later, and the log says why"


def test_only_the_same_work_grows_old(clock: ManualClock) -> None:
    unchanged = Unchanged(clock.ticks)
    seen = []
    for work in (None, 1, 1, 2, 2, 2, None, 2):
        seen.append(unchanged.seconds(work))
        clock.move(seconds=5)
    assert seen == [0, 0, 5, 0, 5, 10, 0, 0]


def test_names_that_compare_equal_are_to_be_joined_which_leaves_the_process_healthy(checked: Checked) -> None:
    assert checked.parts()["names"] == "ok"
    with checked.database.write() as session:
        session.add_all(Customer(name=name) for name in ("Nanling", "NANLING", "Binhai"))
    assert checked.parts()["names"] == "ok", "they are looked for once an hour"
    assert checked.parts(NAMES_EVERY_SECONDS)["names"] == "to be joined: customers 1 = 2"
    assert checked.health.report().healthy
