"""Jumps of a machine's clock while messages wait: each is sent once, and as soon as without the jump."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from bot.casework.company_settings import CompanySettings
from bot.clock import SMALLEST_STEP_BACK, Clocks
from bot.health import Health
from bot.slack.delivery.loop import MIN_PAUSE_SECONDS, Delivery
from bot.slack.delivery.outcomes import Outcomes
from bot.slack.delivery.pace import Pace
from bot.slack.delivery.request_priority import RequestPriority
from bot.slack.failures import Failure, FailureAction
from storage import claims, heartbeats, outbox
from storage.database import Database
from storage.leases import LeaseLost
from storage.tables import Outgoing
from storage.vocabulary import OutboxState
from tests.support.clock_jumps import JUMPS
from tests.support.manual_clock import JumpingClock, ManualClock
from tests.support.team import DESK

SECOND = timedelta(seconds=1)
#: A sender that died.
GONE = 77
#: When each message is sent, in seconds after the jump: at once, a second after the one before it to the same channel,
#: after the grace of a dead sender, after a failure of Slack, and when Slack's rate limit allows it.
EXPECTED = {"free": 0, "busy": 1, "left behind": 3, "failed": 10, "limited": 30}


class Channels:
    """A worker's delivery whose messages reach nobody, on a machine whose clock jumps."""

    def __init__(self, database: Database, clock: JumpingClock, *, server: bool = True) -> None:
        self.database, self.clock = database, clock
        self.clocks = Clocks(clock, lambda _session: clock.right.now() if server else None)
        health, company = Health(clock.ticks), CompanySettings(DESK)
        self._pace = Pace(outbox.SPACING, clock.ticks)
        self._outcomes = Outcomes(database, self.clocks, company, self._pace, health)
        self.delivery = Delivery(database, self.clocks, self, self._pace, RequestPriority(), health)  # type: ignore[arg-type]
        self.failures = {
            "failed": Failure(FailureAction.RETRY, "internal_error", 10 * SECOND),
            "limited": Failure(FailureAction.RETRY, outbox.LIMITED, 30 * SECOND, limited=True),
        }
        self.sent: list[tuple[str, float]] = []

    def attempts(self, rows: Iterable[Outgoing]) -> Iterator[tuple[Outgoing, Callable[[], bool]]]:
        for row in rows:
            yield row, partial(self.send, row)

    def send(self, row: Outgoing) -> bool:
        """Record a message instead of posting it. Slack refuses some at the first attempt."""
        failure = self.failures.pop(row.target, None)
        with suppress(LeaseLost):
            if failure:
                self._outcomes.failed(row, None, failure)
            else:
                self._pace.posted(row.target)
                self._outcomes.mark(row, OutboxState.SENT)
                self.sent.append((row.target, self.clock.ticks()))
        return True

    def put(self, *targets: str) -> None:
        with self.database.write() as session:
            for target in targets:
                outbox.put(session, "notice", target, self.clocks.wall.now(), topic=None)

    def rounds(self) -> None:
        """Run rounds until nothing can be sent at this moment."""
        while self.delivery._round() == 0.0 or self.delivery._in_progress:
            while self.delivery._in_progress:
                self.delivery._wake.wait(MIN_PAUSE_SECONDS)
            self.delivery._wake.clear()

    def waiting(self) -> int:
        with self.database.read() as session:
            return sum(outbox.count(session, state) for state in outbox.PENDING)

    def leave_behind(self, target: str) -> None:
        """Claim a message for a sender that then dies."""
        with self.database.write() as session:
            claims.claim(session, self.clocks.shared, GONE, 1, {"free", "busy", "failed", "limited"} - {target})


@pytest.fixture(params=[False, True], ids=["our clock", "the clock of the database's machine"])
def channels(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Channels]:
    database = Database(sqlite_url)
    made = Channels(database, JumpingClock(ManualClock(), server=request.param))
    yield made
    made.delivery._senders.shutdown()
    made.delivery._document_threads.shutdown()
    database.close()


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_no_message_waits_longer_and_none_is_sent_twice(channels: Channels, jump: timedelta) -> None:
    channels.put("left behind")
    channels.leave_behind("left behind")
    channels.put("busy", "failed", "limited")
    channels.rounds()
    channels.put("free", "busy")
    begun = channels.clock.ticks()
    channels.clock.jump(jump)
    for _second in range(60):
        channels.rounds()
        if not channels.waiting():
            break
        channels.clock.right.advance(SECOND)
    after = {target: at - begun for target, at in channels.sent[1:]}
    assert [target for target, _at in channels.sent[:1]] == ["busy"]
    assert sorted(target for target, _at in channels.sent[1:]) == sorted(EXPECTED)
    if channels.clock.is_of_server:  # a small step back is not made up for, and waits may end early
        late = SMALLEST_STEP_BACK.total_seconds()
        assert all(after[target] <= EXPECTED[target] + late for target in EXPECTED), after
        assert after["busy"] >= 1, "the pace does not go by a clock that can jump"
    else:
        assert after == EXPECTED


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_a_clock_that_was_put_back_before_the_start_delays_nothing(sqlite_url: str, jump: timedelta) -> None:
    """Without a server each process takes its clock from the machine at the start."""
    database, clock = Database(sqlite_url), JumpingClock(ManualClock())
    before = Channels(database, clock, server=False)
    before.put("free", "failed")
    before.rounds()
    clock.jump(jump)
    clock.right.advance(SECOND)
    after = Channels(database, clock, server=False)
    after.failures.clear()
    for _second in range(11):
        after.rounds()
        clock.right.advance(SECOND)
    assert after.waiting() == 0
    database.close()


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_a_clock_that_was_put_back_before_anything_was_sent_delays_nothing(sqlite_url: str, jump: timedelta) -> None:
    """The process before this one sent nothing, but gave a sign of life."""
    database, clock = Database(sqlite_url), JumpingClock(ManualClock())
    before = Channels(database, clock, server=False)
    before.put("failed")
    before.rounds()
    with database.write() as session:
        heartbeats.beat(session, GONE, before.clocks.shared(session), works=True)
    clock.jump(jump)
    clock.right.advance(SECOND)
    after = Channels(database, clock, server=False)
    after.failures.clear()
    for _second in range(11):
        after.rounds()
        clock.right.advance(SECOND)
    assert after.waiting() == 0
    database.close()


def test_a_restart_ends_no_wait(sqlite_url: str) -> None:
    """Otherwise a worker that is killed again and again would try again and again, and then wait ever longer."""
    database, clock = Database(sqlite_url), JumpingClock(ManualClock())
    for number in range(3):
        worker = Channels(database, clock, server=False)
        worker.put(*([] if number else ["free", "failed"]))
        worker.rounds()
        clock.right.advance(SECOND)
    with database.read() as session:
        assert session.exec(select(Outgoing.attempts).where(Outgoing.target == "failed")).all() == [1]
    database.close()


def test_a_clock_that_jumps_many_times_delays_nothing(channels: Channels) -> None:
    for number, jump in enumerate([*JUMPS.values(), *JUMPS.values()]):
        channels.put(f"C{number}")
        channels.clock.jump(jump)
        channels.rounds()
    assert channels.waiting() == 0
