"""Jumps of a machine's clock while reminders and jobs wait."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from slack_sdk import WebClient
from sqlmodel import col, select

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind
from bot.clock import Clocks, Reference
from bot.health import CLOCK, Health
from bot.runtime.clock_check import ClockCheck
from bot.runtime.every import Every
from bot.runtime.jobs import RETRY_AFTER, FailedIds, Jobs
from storage.database import Database
from storage.tables import AuditEntry, Outgoing, Reminder
from storage.vocabulary import HistoryEvent, ReminderState, Rule, Step
from tests.support.case_builder import SEVERE, CaseBuilder
from tests.support.clock_jumps import JUMPS
from tests.support.fixed_company import FixedCompany
from tests.support.manual_clock import JumpingClock, ManualClock
from tests.support.team import CHEN, DESK
from tests.support.verified import found_in

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SWEEP = 5 * MINUTE
A_DAY_AHEAD, A_YEAR_AHEAD = timedelta(days=1), timedelta(days=365)


class Sweeps:
    """The jobs of a worker whose machine's clock jumps, beside a clock that is right.

    With `server`, the database server runs on that machine.
    """

    def __init__(self, url: str, *, server: bool = False) -> None:
        self.right = ManualClock()
        self.clock = JumpingClock(self.right, server=server)
        self.database = Database(url)
        self.clocks = Clocks(self.clock, self.database.server_now)
        company = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
        self.builder = CaseBuilder(self.database, company, self.clocks.wall.now)
        self.builder.seed()
        health = Health(self.clock.ticks)
        self.jobs = Jobs(self.database, FixedCompany(company), self.clocks, health, timedelta(seconds=5))

    def hear(self) -> None:
        """Hear from Slack what time it is."""
        self.clocks.wall.heard(Reference.SLACK, self.right.now(), self.clock.ticks())

    def fault(self, **published: Any) -> datetime:
        """Publish the analysis of a fault with a deadline in ten hours, and return this moment."""
        self.builder.fault(**published)
        return self.right.now()

    def sweeps(self, until: datetime) -> list[tuple[Rule, int | None, datetime]]:
        """Sweep every five minutes; return what was sent and when, by the right clock."""
        sent, seen = [], self._sent()
        while self.right.now() < until:
            self.right.advance(SWEEP)
            self.jobs.sweep()
            self.jobs.rearm()
            new = {key: row for key, row in self._sent().items() if key not in seen}
            sent += [(row.rule, row.share, self.right.now()) for row in new.values()]
            seen |= new
        return [one for one in sent if one[0] is not Rule.UNACKNOWLEDGED]

    def _sent(self) -> dict[tuple[int | None, datetime | None], Reminder]:
        with self.database.read() as session:
            query = select(Reminder).where(Reminder.state == ReminderState.SENT)
            return {(row.id, row.sent_at): row for row in session.exec(query.order_by(col(Reminder.due_at)))}


@pytest.fixture
def sweeps(fresh_url: str) -> Iterator[Sweeps]:
    made = Sweeps(fresh_url)
    yield made
    made.database.close()


@pytest.fixture
def unaware(fresh_url: str) -> Iterator[Sweeps]:
    """A worker that knows no better clock until it hears from Slack."""
    made = Sweeps(fresh_url, server=True)
    yield made
    made.database.close()


def due(begun: datetime) -> list[tuple[Rule, int | None, datetime]]:
    """What a very severe fault with a deadline in ten hours sends within twelve."""
    shares = [(Rule.DEADLINE_SHARE, share, begun + share / 10 * HOUR) for share in (50, 80, 100)]
    return [*shares, *((Rule.OVERDUE, None, begun + hours * HOUR) for hours in (11, 12))]


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_reminders_go_by_slacks_clock_where_ours_is_wrong(sweeps: Sweeps, jump: timedelta) -> None:
    """What is due by Slack's clock is sent, what is due by ours alone waits. A minute is within the tolerance."""
    sweeps.hear()
    begun = sweeps.fault()
    sent = sweeps.sweeps(begun + 4 * HOUR)
    sweeps.clock.jump(jump)
    sent += sweeps.sweeps(begun + 7 * HOUR)
    sweeps.clock.jump(-jump)
    sent += sweeps.sweeps(begun + 12 * HOUR)
    assert [one[:2] for one in sent] == [one[:2] for one in due(begun)]
    late = [at - right for (*_what, at), (*_same, right) in zip(sent, due(begun), strict=True)]
    assert max(late) <= SWEEP
    assert min(late) >= -MINUTE
    assert found_in(sweeps.database) == []


@pytest.mark.parametrize("ahead", [HOUR, 6 * HOUR, A_DAY_AHEAD, 30 * A_DAY_AHEAD, A_YEAR_AHEAD], ids=str)
def test_what_was_sent_early_is_armed_again_after_the_step_back(unaware: Sweeps, ahead: timedelta) -> None:
    """Nobody knew that the clock was wrong. Once it is right, each reminder is sent at its time, the next ones too."""
    begun = unaware.fault()
    unaware.sweeps(begun + 4 * HOUR)
    unaware.clock.jump(ahead)
    early = unaware.sweeps(unaware.right.now() + SWEEP)
    assert (Rule.DEADLINE_SHARE, 50) in [one[:2] for one in early]
    unaware.clock.jump(-ahead)
    unaware.hear()
    sent = unaware.sweeps(begun + 12 * HOUR)
    assert sent == due(begun)
    with unaware.database.read() as session:
        steps = session.exec(select(AuditEntry.step).where(AuditEntry.step == HistoryEvent.REARMED)).all()
    assert len(steps) >= len(early)
    assert found_in(unaware.database) == []


def test_an_escalation_of_a_reminder_that_was_sent_early_is_stopped(unaware: Sweeps) -> None:
    begun = unaware.fault()
    unaware.clock.jump(A_DAY_AHEAD)
    unaware.sweeps(begun + 20 * MINUTE)
    unaware.clock.jump(-A_DAY_AHEAD)
    unaware.hear()
    unaware.sweeps(begun + 2 * HOUR)
    with unaware.database.read() as session:
        left = session.exec(select(Reminder).where(Reminder.rule == Rule.UNACKNOWLEDGED)).all()
    assert {row.state for row in left} == {ReminderState.STOPPED}


def test_a_waiting_reminder_that_was_sent_early_is_armed_again_if_the_case_still_waits(unaware: Sweeps) -> None:
    waiting, triaged = unaware.builder.report(), unaware.builder.report()
    unaware.clock.jump(A_DAY_AHEAD)
    unaware.sweeps(unaware.right.now() + SWEEP)
    unaware.clock.jump(-A_DAY_AHEAD)
    begun = unaware.right.now()
    unaware.builder.usual(Step.TRIAGE, triaged)
    unaware.hear()
    unaware.sweeps(begun + 5 * HOUR)
    with unaware.database.read() as session:
        states = {
            case: session.exec(select(Reminder.state).where(Reminder.case_id == case, Reminder.rule == Rule.UNTRIAGED))
            for case in (waiting, triaged)
        }
        assert ReminderState.SENT in states[waiting].all()
        assert set(states[triaged].all()) == {ReminderState.STOPPED}


def test_a_clock_that_no_other_confirms_arms_nothing(sweeps: Sweeps) -> None:
    """A machine whose clock is wrongly put back must not send everything again."""
    begun = sweeps.fault()
    sweeps.sweeps(begun + 6 * HOUR)
    sweeps.clock.jump(-A_DAY_AHEAD)
    assert sweeps.jobs.rearm() == 0


def test_a_year_of_missed_reminders_is_one_row_and_one_message_each(sweeps: Sweeps) -> None:
    """Ten faults once took sixteen seconds for a month, in one transaction of 7,200 rows."""
    for _fault in range(3):
        sweeps.fault()
    sweeps.fault(**SEVERE)
    sweeps.right.advance(A_YEAR_AHEAD)
    sweeps.jobs.sweep()
    with sweeps.database.read() as session:
        rows = session.exec(select(Reminder).where(Reminder.rule == Rule.OVERDUE, Reminder.state == ReminderState.SENT))
        numbers = sorted(row.stands_for for row in rows)
        told = session.exec(select(Outgoing.id).where(Outgoing.view == MessageKind.REMINDER, Outgoing.target == CHEN))
        assert len(told.all()) == 3 * 3 + 2 + 1, "shares from 80 % on reach the service manager, and what is overdue"
    assert numbers[1:] == [365 * 24 - 10] * 3
    assert 250 < numbers[0] < 366, "a severe one reminds on working days"
    assert found_in(sweeps.database) == []


# The beats of the jobs


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_a_job_runs_once_however_many_beats_were_missed(sweeps: Sweeps, jump: timedelta) -> None:
    """APScheduler lists all times up to now at which a job should have run, with its own triggers every beat."""
    trigger, begun = Every(5 * timedelta(seconds=1)), sweeps.right.now()
    planned = trigger.get_next_fire_time(None, begun)
    now, runs = planned + max(jump, timedelta()), []
    while planned <= now:
        runs.append(planned)
        planned = trigger.get_next_fire_time(planned, now)
    assert len(runs) == 1
    assert planned == now + trigger.interval


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_jobs_that_wait_for_a_time_that_was_put_back_run_at_once(sweeps: Sweeps, jump: timedelta) -> None:
    revived: list[None] = []
    check = a_check(sweeps, lambda: revived.append(None))
    check.check()
    sweeps.clock.right.advance(timedelta(seconds=5))
    sweeps.clock.jump(jump)
    check.check()
    check.check()
    assert len(revived) == (jump < -timedelta(seconds=2)), "a small step back delays a job by as little"


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_the_pause_after_a_failure_does_not_change(sweeps: Sweeps, jump: timedelta) -> None:
    failed = FailedIds(sweeps.clocks.ticks)
    failed.add([7])
    sweeps.clock.jump(jump)
    assert list(failed.current()) == [7]
    sweeps.right.advance(RETRY_AFTER)
    assert list(failed.current()) == []


# Health


def a_check(sweeps: Sweeps, put_back: object = None) -> ClockCheck:
    client = WebClient(base_url="http://127.0.0.1:9/api/", timeout=1)  # nobody listens there
    health = Health(sweeps.clock.ticks)
    return ClockCheck(client, sweeps.clocks, health, put_back or (lambda: None))  # type: ignore[arg-type]


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_health_says_how_wrong_the_clock_is(sweeps: Sweeps, jump: timedelta) -> None:
    sweeps.hear()
    sweeps.clock.jump(jump)
    check = a_check(sweeps)
    check.check()
    report = check._health.report()
    side = "ahead of" if jump > timedelta() else "behind"
    wrong = f"{abs(jump).total_seconds():.0f} s {side} Slack"
    assert report.parts[CLOCK] == ("ok" if abs(jump) <= MINUTE else wrong)
    assert report.healthy, "a restart would not mend it"
