"""Admins are told until they know: alarms are repeated, and the all-clear goes to those who read one."""

from datetime import timedelta

import pytest

from bot.runtime.bootstrap import Bot
from bot.slack.delivery.alarm import Alarm
from storage import alarms
from tests.support.team import ADMIN, CHEN, Team

POST, OPEN = "chat.postMessage", "conversations.open"
MINUTE = timedelta(minutes=1)


def alarm_of(bot: Bot) -> Alarm:
    """A new process with the database of this bot."""
    return Alarm(bot._client, bot.database, bot.identity, bot.source, bot.clocks, bot.health.metrics)


@pytest.fixture
def alarm(team: Team) -> Alarm:
    return alarm_of(team.playground.bot)


def heard(team: Team) -> list[str]:
    """`ill` or `well` for each message of the admin."""
    texts = [message.text for message in team.person(ADMIN).inbox()]
    return ["well" if "恢复" in text or "well again" in text else "ill" for text in texts]


def gauge(team: Team) -> float:
    return team.playground.bot.health.metrics.registry.get_sample_value("faultdesk_alarms_waiting") or 0.0


def test_an_alarm_that_slack_does_not_take_is_repeated_until_the_admin_has_it(team: Team, alarm: Alarm) -> None:
    team.workspace.failures.outage(POST, times=3, status=500)
    alarm.update({"delivery"})
    assert heard(team) == []
    assert gauge(team) == 1
    alarm.update({"delivery"})
    assert team.workspace.failures.planned == [{"kind": "outage", "times": 2}], "not before the pause is over"
    for _ in range(4):
        team.playground.clock.advance(MINUTE * 2)
        alarm.update({"delivery"})
    assert heard(team) == ["ill"]
    assert gauge(team) == 0
    alarm.update(())
    alarm.update(())
    assert heard(team) == ["ill", "well"]


def test_who_never_read_the_alarm_gets_no_all_clear(team: Team, alarm: Alarm) -> None:
    team.workspace.failures.outage(POST, status=500)
    alarm.update({"delivery"})
    alarm.update(())
    team.playground.clock.advance(MINUTE * 5)
    alarm.update(())
    assert heard(team) == []


def test_an_all_clear_that_slack_does_not_take_is_repeated(team: Team, alarm: Alarm) -> None:
    alarm.update({"delivery"})
    team.workspace.failures.outage(POST, status=500)
    alarm.update(())
    assert heard(team) == ["ill"]
    team.playground.clock.advance(MINUTE * 2)
    alarm.update(())
    assert heard(team) == ["ill", "well"]


def test_an_admin_whom_slack_refuses_for_good_is_not_tried_again(team: Team, alarm: Alarm) -> None:
    team.workspace.failures.refuse(OPEN, "user_disabled", times=None)
    alarm.update({"delivery"})
    team.workspace.failures.clear()
    team.playground.clock.advance(MINUTE * 10)
    alarm.update({"delivery"})
    assert heard(team) == []
    assert gauge(team) == 0


def test_a_part_that_becomes_ill_later_is_told_too(team: Team, alarm: Alarm) -> None:
    alarm.update({"delivery"})
    alarm.update({"delivery", "reminders"})
    alarm.update({"reminders"})
    assert heard(team) == ["ill", "ill"]


def test_the_alarm_does_without_the_database(team: Team, alarm: Alarm) -> None:
    alarm.update(())
    team.playground.bot.delivery.stop()
    team.database.engine.dispose()
    alarm.update({"database"})
    assert heard(team) == ["ill"]
    assert team.person(CHEN).inbox() == []
    team.playground.bot.delivery.stop = lambda: None  # type: ignore[method-assign]  # it has stopped


@pytest.mark.parametrize("part", ["read_back", "workers", "clock", "desk_channel"])
def test_what_several_processes_see_is_told_once(team: Team, alarm: Alarm, part: str) -> None:
    other = alarm_of(team.playground.bot)
    for one in (alarm, other, alarm, other):
        one.update({part})
    assert heard(team) == ["ill"]
    for one in (other, alarm, other):
        one.update(())
    assert heard(team) == ["ill", "well"]


def test_another_process_tells_what_the_first_could_not(team: Team, alarm: Alarm) -> None:
    team.workspace.failures.outage(POST, status=500)
    alarm.update({"read_back"})
    assert heard(team) == []
    alarm_of(team.playground.bot).update({"read_back"})
    assert heard(team) == ["ill"]
    team.playground.clock.advance(MINUTE * 2)
    alarm.update({"read_back"})
    assert heard(team) == ["ill"]


def test_another_process_tells_after_the_first_died_while_it_was_to_tell(team: Team, alarm: Alarm) -> None:
    bot = team.playground.bot
    with team.database.write() as session:
        assert alarms.take_turn(session, ADMIN, bot.clocks.shared(session))
    alarm.update({"read_back"})
    assert heard(team) == []
    team.playground.clock.advance(alarms.MAX_TURN + MINUTE)
    alarm.update({"read_back"})
    assert heard(team) == ["ill"]


def test_an_alarm_of_more_than_a_day_ends_with_one_all_clear(team: Team, alarm: Alarm) -> None:
    alarm.update({"clock"})
    for _hour in range(30):
        team.playground.clock.advance(timedelta(hours=1, minutes=1))
        alarm.update({"clock"})
        team.playground.bot.jobs.forget()
    alarm_of(team.playground.bot).update({"clock"})
    assert heard(team) == ["ill"]
    alarm.update(())
    assert heard(team) == ["ill", "well"]
