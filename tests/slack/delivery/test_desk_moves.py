"""The service desk moves to another channel: `FAULT_CHANNEL` changes between two starts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.runtime.bootstrap import Bot
from bot.sandbox import Message
from bot.sandbox.client import events
from storage.vocabulary import OutboxState, State, Step
from tests.slack.delivery.test_delivery import EDIT, POST, deliver_with_retries, ours, row_of, rows
from tests.support.case_builder import CaseBuilder
from tests.support.team import ADMIN, CHEN, DESK, HUANG, LIN, WU, Team

NEW = "C0NEWDESK"
#: The id that Slack gives to the channel itself.
MOVED = "C0MOVED"


@pytest.fixture
def moves(team: Team) -> Callable[[], None]:
    """A function that restarts the bot with another service-desk channel."""

    def move(to: str = NEW) -> None:
        team.playground.bot.stop()
        if to == NEW:
            team.workspace.add_channel(NEW, "new-desk", [CHEN, HUANG, LIN, WU, ADMIN])
        team.playground.settings = team.playground.settings.model_copy(
            update={"company": {**team.playground.settings.company, "FAULT_CHANNEL": to}}
        )
        team.playground.bot = Bot(team.playground.settings, clock=team.playground.clock, spacing=timedelta())
        team.playground.bot.start()
        team.playground.standin.connect(bot_url=team.playground.bot_url)

    return move


def cards(team: Team, channel: str) -> list[Message]:
    return [one for one in team.workspace.history(channel) if one.thread_ts is None and one.text.startswith("F-")]


def said(team: Team, channel: str, number: str = "F-1") -> str:
    """The thread of a case's card in this channel."""
    [card] = [one for one in cards(team, channel) if one.text.startswith(f"{number} ")]
    return "\n".join(message.plain for message in team.workspace.thread(channel, card.ts)[1:])


def present(team: Team) -> CaseBuilder:
    """Steps in the process that runs since the move."""
    return CaseBuilder(team.database, team.playground.bot.company, team.playground.clock.now)


def once_each(team: Team) -> None:
    numbers = [row_of(message) for message in ours(team.workspace)]
    assert len(numbers) == len(set(numbers))


def test_each_open_case_gets_a_card_in_the_new_channel_and_the_old_one_links_to_it(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    builder.fault(State.ANALYSIS)
    builder.report()
    builder.take(Step.WITHDRAW, CHEN, 2, reason="By mistake", evidence="Phone")
    deliver_with_retries(team)
    moves()
    deliver_with_retries(team)
    [card] = cards(team, NEW)
    assert "State Fault analysis" in card.plain
    left = {one.text[:4].strip(): one for one in cards(team, DESK)}
    assert "This case goes on in #new-desk" in left["F-1"].plain
    assert f"/archives/{NEW}/p{card.ts.replace('.', '')}" in str(left["F-1"].blocks)
    assert "goes on in" not in left["F-2"].plain, "it has ended"
    once_each(team)


def test_what_was_queued_for_the_old_channel_goes_to_the_thread_of_the_new_card(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    builder.fault(State.ANALYSIS)
    deliver_with_retries(team)
    team.playground.bot.delivery.stop()
    builder.take(Step.COMMENT, CHEN, 1, text="Queued before the move")
    moves()
    present(team).take(Step.COMMENT, CHEN, 1, text="After the move")
    builder.take(Step.COMMENT, CHEN, 1, text="With the earlier settings, after the move")
    deliver_with_retries(team)
    assert "Queued before the move" in said(team, NEW)
    assert "After the move" in said(team, NEW)
    assert "With the earlier settings" in said(team, NEW)
    assert "the move" not in said(team, DESK)
    once_each(team)


def test_a_case_that_was_reported_with_the_earlier_settings_moves_at_the_next_start(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    """Also if it is the last one to restart and answers requests only."""
    moves()
    builder.report()
    deliver_with_retries(team)
    assert len(cards(team, DESK)) == 1
    team.playground.bot.stop()
    web = Bot(team.playground.settings, clock=team.playground.clock, worker=False)
    web.start()
    web.stop()
    assert [row.target for row in rows(team, OutboxState.WAITING)] == [NEW]


def test_an_open_discussion_stays_in_its_thread(team: Team, builder: CaseBuilder, moves: Callable[[], None]) -> None:
    builder.fault(State.ANALYSIS)
    builder.take(Step.CALL_DISCUSSION, WU, 1, invitees=[LIN], question="Why?")
    deliver_with_retries(team)
    before = len(team.workspace.messages.all())
    moves()
    present(team).take(Step.CLOSE_DISCUSSION, WU, 1, outcome="Because")
    deliver_with_retries(team)
    fresh = team.workspace.messages.all()[before:]
    outcome = [one for one in fresh if one.channel == DESK and one.thread_ts]
    assert len(outcome) == 1


def test_two_processes_and_a_restart_move_each_card_once(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    for _ in range(3):
        builder.report()
    deliver_with_retries(team)
    moves()
    bot = team.playground.bot
    assert bot.desk.follow() == 0
    deliver_with_retries(team)
    moves()
    deliver_with_retries(team)
    assert len(cards(team, NEW)) == 3
    once_each(team)


def test_a_card_whose_answer_was_lost_moves_once(team: Team, builder: CaseBuilder, moves: Callable[[], None]) -> None:
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.lose_answer(POST, channel=NEW)
    moves()
    deliver_with_retries(team)
    assert len(cards(team, NEW)) == 1


def test_an_old_channel_that_is_archived_is_no_dead_letter(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.refuse(EDIT, "is_archived", times=None, channel=DESK)
    moves()
    deliver_with_retries(team)
    assert len(cards(team, NEW)) == 1
    assert not rows(team, OutboxState.DEAD)


def test_a_new_channel_that_refuses_leaves_the_case_where_it_was(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.refuse(POST, "not_in_channel", times=None, channel=NEW)
    moves()
    builder.take(Step.COMMENT, CHEN, 1, text="Still heard")
    deliver_with_retries(team)
    assert "Still heard" in said(team, DESK)
    assert "#new-desk" in team.read(ADMIN)


def test_a_case_that_is_reopened_after_the_move_gets_its_card(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    builder.fault(State.CLOSED)
    deliver_with_retries(team)
    moves()
    deliver_with_retries(team)
    assert not cards(team, NEW)
    present(team).take(Step.REOPEN, CHEN, 1, reason="It is back")
    deliver_with_retries(team)
    assert len(cards(team, NEW)) == 1
    assert "It is back" in said(team, NEW)


def test_a_case_that_is_reopened_is_in_the_new_channel(
    team: Team, builder: CaseBuilder, moves: Callable[[], None]
) -> None:
    """Whether it was closed before the move or after it."""
    builder.fault(State.CLOSED)
    builder.fault(State.FIX_CONFIRMING)
    deliver_with_retries(team)
    moves()
    present(team).usual(Step.CONFIRM_FIX, 2)
    deliver_with_retries(team)
    for case in (1, 2):
        present(team).take(Step.REOPEN, CHEN, case, reason="It is back")
    deliver_with_retries(team)
    assert len(cards(team, DESK)) == 2, "none of them is new"
    for number in ("F-1", "F-2"):
        assert "It is back" in said(team, NEW, number)
    once_each(team)


def test_a_channel_with_another_id_is_no_move(team: Team, builder: CaseBuilder, moves: Callable[[str], None]) -> None:
    builder.report()
    deliver_with_retries(team)
    [card] = cards(team, DESK)
    events.channel_moved(team.playground.standin.transport, DESK, MOVED)
    for named in (DESK, MOVED):
        moves(named)
        present(team).take(Step.COMMENT, CHEN, 1, text=f"The settings name {named}")
        deliver_with_retries(team)
        [same] = cards(team, MOVED)
        assert same.ts == card.ts
        assert f"The settings name {named}" in said(team, MOVED)
    once_each(team)


def test_a_button_of_the_old_card_works(team: Team, builder: CaseBuilder, moves: Callable[[], None]) -> None:
    builder.fault(State.ANALYSIS)
    deliver_with_retries(team)
    moves()
    deliver_with_retries(team)
    [left] = cards(team, DESK)
    assert "ORA-01438" in team.press_copy(LIN, left, "open_case")
