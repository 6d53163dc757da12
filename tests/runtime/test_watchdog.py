"""The watchdog notices a part that stands still, tries to start it again, and reports it."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from bot.health import Health
from bot.runtime.watchdog import Watchdog
from tests.conftest import MakeTeam
from tests.runtime.test_web import Ticks
from tests.support.team import ADMIN, CHEN, HUANG

SECOND = timedelta(seconds=1)


class Watched:
    """A watchdog whose checks the test runs."""

    def __init__(self) -> None:
        self.ticks, self.told, self.revived = Ticks(), list[set[str]](), 0
        self.health = Health(self.ticks)
        self.dog = Watchdog(self.health, SECOND, lambda: None, self._revive, self._alarm)

    def _revive(self) -> None:
        self.revived += 1

    def _alarm(self, parts: Collection[str]) -> None:
        """Record what the alarm is asked to tell, without the repetitions at each check."""
        if (self.told or parts) and self.told[-1:] != [set(parts)]:
            self.told.append(set(parts))


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_three_missed_intervals_are_reported_once_and_so_is_the_recovery(watched: Watched) -> None:
    watched.health.watch("delivery", 5 * SECOND)
    watched.ticks.now += 15
    watched.dog.check()
    watched.dog.check()
    assert watched.told == []
    watched.ticks.now += 1
    for _ in range(5):
        watched.dog.check()
    assert watched.told == [{"delivery"}]
    watched.health.worked("delivery")
    watched.dog.check()
    watched.dog.check()
    assert watched.told == [{"delivery"}, set()]


def test_reminders_that_stand_still_are_restarted(watched: Watched) -> None:
    watched.health.watch("reminders", 5 * SECOND)
    watched.dog.check()
    assert watched.revived == 0
    watched.ticks.now += 16
    watched.dog.check()
    assert watched.revived == 1
    assert watched.told == [], "a single restart is not reported"


def test_a_sweep_that_waits_for_a_wrong_time_is_restarted(make_team: MakeTeam) -> None:
    """The clock was put back, so the scheduler would wait until it reaches the old time again."""
    team = make_team(FAULT_SWEEP_SECONDS="5")
    jobs = team.playground.bot.jobs
    waiting = [job.next_run_time + timedelta(hours=1) for job in jobs._scheduler.get_jobs()]
    for job, moment in zip(jobs._scheduler.get_jobs(), waiting, strict=True):
        job.modify(next_run_time=moment)
    case = team.case()
    jobs.revive()
    assert all(job.next_run_time <= moment for job, moment in zip(jobs._scheduler.get_jobs(), waiting, strict=True))
    team.playground.clock.advance(timedelta(hours=5))
    team.workspace.wait_until(lambda: case in team.read(HUANG))


@pytest.mark.parametrize(("speaking", "words"), [("en", "out of order: delivery of messages"), ("zh-CN", "消息发送")])
def test_an_admin_is_told_although_the_delivery_has_stopped(make_team: MakeTeam, speaking: str, words: str) -> None:
    team = make_team(speaking)
    tell = team.playground.bot._watchdog._alarm
    team.playground.bot.delivery.stop()
    tell({"delivery"})
    assert words in team.person(ADMIN).read(team.person(ADMIN).inbox()[-1])
    assert team.person(CHEN).inbox() == []
    team.playground.bot.delivery.stop = lambda: None  # type: ignore[method-assign]  # it has stopped
