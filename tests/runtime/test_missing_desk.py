"""A desk without a channel works: reports are taken, cards wait until a channel is set, and the admins hear of it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.casework.steps.notify import MessageKind
from bot.health import DESK_CHANNEL, NO_DESK, OK, to_be_told
from bot.sandbox import Message
from storage import outbox
from storage.vocabulary import OutboxState, State, Step
from tests.conftest import MakeTeam
from tests.runtime.test_changed_settings import change
from tests.slack.delivery.test_delivery import rows
from tests.slack.delivery.test_desk_moves import NEW, cards, present, said
from tests.support.team import ADMIN, CHEN, DESK, HUANG, LIN, WU, Team


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team with a running bot for which no channel is set."""
    return make_team("en", FAULT_CHANNEL="")


def messages(team: Team, person: str) -> list[Message]:
    return team.workspace.history(team.workspace.direct(person).id)


def told(team: Team) -> list[str]:
    """What an admin was told about the channel."""
    return [one.text for one in messages(team, ADMIN) if one.text.startswith("There is no service-desk channel")]


def waiting(team: Team) -> list[str]:
    return [row.view for row in rows(team, OutboxState.WAITING) if row.target == outbox.NO_CHANNEL]


def test_reports_are_taken_and_their_cards_wait_until_a_channel_is_set(team: Team) -> None:
    number = team.report(CHEN)
    team.settle()
    assert number in messages(team, CHEN)[-1].plain
    assert waiting(team) == [MessageKind.CARD]
    team.workspace.add_channel(NEW, "new-desk", [CHEN, HUANG, LIN, WU, ADMIN])
    change(team.database, team.now, FAULT_CHANNEL=NEW)
    team.playground.bot.desk.follow_change()
    team.settle()
    [card] = cards(team, NEW)
    assert card.text.startswith(number)
    assert not waiting(team)
    assert team.playground.bot.health.report().parts[DESK_CHANNEL] == OK


def test_a_thread_keeps_its_order_while_it_waits_for_a_channel(team: Team) -> None:
    team.case(State.ANALYSIS)
    assert waiting(team)
    team.workspace.add_channel(NEW, "new-desk", [CHEN, HUANG, LIN, WU, ADMIN])
    change(team.database, team.now, FAULT_CHANNEL=NEW)
    team.playground.bot.desk.follow_change()
    team.settle()
    [card] = cards(team, NEW)
    assert len(team.workspace.thread(NEW, card.ts)) > 1


def test_what_was_queued_while_the_channel_was_set_follows_as_well(team: Team) -> None:
    bot = team.playground.bot
    team.workspace.add_channel(NEW, "new-desk", [CHEN, HUANG, LIN, WU, ADMIN])
    change(team.database, team.now, FAULT_CHANNEL=NEW)
    bot.desk.follow_change()
    team.report(CHEN)
    with team.database.write() as session:  # that began before
        outbox.put(session, MessageKind.CARD, outbox.NO_CHANNEL, team.now, case_id=1)
    bot.desk.follow_change()
    assert not waiting(team)
    team.settle()
    assert len(cards(team, NEW)) == 1


def test_admins_are_told_once_a_day_and_health_says_so_without_alarm(team: Team) -> None:
    bot = team.playground.bot
    team.settle()
    assert len(told(team)) == 1
    parts = bot.health.report().parts
    assert parts[DESK_CHANNEL] == NO_DESK
    assert DESK_CHANNEL not in to_be_told(parts)
    bot.desk.check()
    team.settle()
    assert len(told(team)) == 1
    team.pass_time(timedelta(days=1))
    bot.desk.check()
    team.settle()
    assert len(told(team)) == 2


def test_nobody_is_told_any_more_once_a_channel_is_set(team: Team) -> None:
    with team.database.write() as session:
        outbox.put(session, MessageKind.NO_DESK, ADMIN, team.now)
    team.settle()
    before = len(told(team))
    change(team.database, team.now, FAULT_CHANNEL=DESK)
    with team.database.write() as session:
        outbox.put(session, MessageKind.NO_DESK, ADMIN, team.now)
    team.settle()
    assert len(told(team)) == before
    assert not rows(team, OutboxState.WAITING)


def test_a_channel_that_is_taken_away_and_set_again_gets_what_waited(team: Team) -> None:
    bot = team.playground.bot
    for channel in (DESK, "", DESK):
        change(team.database, team.now, FAULT_CHANNEL=channel)
        bot.desk.follow_change()
        team.report(CHEN)
        team.settle()
    bot.desk.follow_change()
    team.settle()
    assert len(cards(team, DESK)) == 3


def test_a_case_that_is_reopened_while_there_is_no_channel_keeps_its_card(team: Team) -> None:
    bot = team.playground.bot
    change(team.database, team.now, FAULT_CHANNEL=DESK)
    bot.desk.follow_change()
    team.case(State.CLOSED)
    team.settle()
    for channel in ("", DESK):
        change(team.database, team.now, FAULT_CHANNEL=channel)
        bot.desk.follow_change()
        if not channel:
            present(team).take(Step.REOPEN, CHEN, 1, reason="It is back")
    team.settle()
    assert len(cards(team, DESK)) == 1
    assert "It is back" in said(team, DESK)
    assert not waiting(team)


def test_admins_are_told_once_on_a_day_of_25_hours(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_CHANNEL="", FAULT_TIMEZONE="Europe/Berlin")
    bot, midnight = team.playground.bot, datetime(2027, 10, 30, 22, 10, tzinfo=UTC)
    team.settle()
    before = len(told(team))
    team.pass_time(midnight - team.now)
    for _ in range(25):
        bot.jobs.forget()
        bot.desk.check()
        team.pass_time(timedelta(hours=1))
    team.settle()
    assert len(told(team)) == before + 1
