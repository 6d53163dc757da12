"""Clocks that are wrong, put back or stood still for a day: no reminder is lost or sent twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from bot.casework.steps import remind
from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.team import LIN, WU, Team


def put_back(team: Team, by: timedelta) -> None:
    """Put the clock back, as an operator or a time server does on a machine whose clock was ahead."""
    team.playground.clock._shift -= by


def reminded(team: Team, user: str) -> Counter[str]:
    return Counter(message.plain for message in team.inbox(user) if "acknowledge" in message.buttons)


def test_a_clock_that_is_put_back_does_not_delay_messages(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    team.settle()
    put_back(team, timedelta(hours=3))
    number = team.report(WU)
    assert team.thread(number)


def test_a_reminder_is_not_sent_again_when_its_due_time_comes_again(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.DECISION)
    team.pass_time(timedelta(hours=5, minutes=1))
    before = reminded(team, WU)
    assert sum(before.values()) == 1
    put_back(team, timedelta(hours=1))
    team.pass_time(timedelta(minutes=59))
    assert reminded(team, WU) == before


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
