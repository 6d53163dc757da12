"""Clocks that are wrong, put back or stood still for a day: no reminder is lost or sent twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.casework.steps import remind
from storage.vocabulary import State
from tests.conftest import MakeTeam
from tests.support.case_builder import CaseBuilder
from tests.support.clock_jumps import JUMPS
from tests.support.manual_clock import JumpingClock
from tests.support.team import ADMIN, LIN, WU, Team


def machine_of(team: Team) -> JumpingClock:
    """Return the clock of the bot's machine, which the test lets jump. Slack's clock stays right."""
    jumping = JumpingClock(team.playground.clock)
    bot = team.playground.bot
    bot.clock._machine = jumping
    bot.check_slack()  # from now on the bot knows Slack's clock
    return jumping


@pytest.fixture
def machine(team: Team) -> JumpingClock:
    return machine_of(team)


def reminded(team: Team, user: str) -> Counter[str]:
    return Counter(message.plain for message in team.inbox(user) if "acknowledge" in message.buttons)


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_a_clock_that_jumps_stops_neither_requests_nor_messages(
    team: Team, builder: CaseBuilder, machine: JumpingClock, jump: timedelta
) -> None:
    """Requests are signed with Slack's time, and a signature more than five minutes old is refused."""
    machine.jump(jump)
    number = team.report(WU)
    assert team.thread(number)


def test_a_reminder_is_not_sent_again_when_its_due_time_comes_again(
    team: Team, builder: CaseBuilder, machine: JumpingClock
) -> None:
    builder.fault(State.DECISION)
    team.pass_time(timedelta(hours=5, minutes=1))
    before = reminded(team, WU)
    assert sum(before.values()) == 1
    machine.jump(timedelta(hours=-1))
    team.playground.bot.jobs.rearm()
    team.pass_time(timedelta(minutes=59))
    assert reminded(team, WU) == before


def test_admins_are_told_that_the_clock_is_wrong_and_that_it_is_right_again(make_team: MakeTeam) -> None:
    team = make_team("en")
    machine = machine_of(team)
    watchdog = team.playground.bot._watchdog
    machine.jump(timedelta(days=1))
    for _check in range(3):
        watchdog.check()
    [told] = team.person(ADMIN).inbox()
    assert "the clock of a machine" in team.person(ADMIN).read(told)
    machine.jump(timedelta(days=-1))
    for _check in range(3):
        watchdog.check()
    assert [message.text for message in team.person(ADMIN).inbox()[1:]] == ["Faultdesk is well again."]


def test_a_machine_that_slept_for_a_day_sends_each_missed_reminder_once(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.DECISION)
    team.pass_time(timedelta(days=1))
    team.pass_time(timedelta())
    assert len(reminded(team, LIN)) <= 4, "50, 80 and 100 %, and one for all hours after the deadline"
    assert all(count == 1 for count in reminded(team, LIN).values())


def test_an_hour_that_occurs_twice_does_not_shift_reminders(team: Team) -> None:
    """Berlin puts its clocks back on 25 October 2026 at 01:00 UTC. Moments are kept in UTC."""
    start = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    builder = CaseBuilder(team.database, team.playground.bot.company, lambda: start, deadline=timedelta(hours=4))
    builder.fault(State.DECISION)
    dues = [start + timedelta(hours=4) * share / 100 for share in (50, 80, 100)]
    sent = []
    for minute in range(0, 5 * 60, 10):
        moment = start + timedelta(minutes=minute)
        team.settle()  # a sweep leaves a reminder whose case is being written to the next sweep
        with team.database.write() as session:
            if remind.sweep(session, builder.company, moment, 60).sent:
                sent.append(moment)
    for due in dues:
        assert [moment for moment in sent if timedelta() <= moment - due < timedelta(minutes=10)], due
