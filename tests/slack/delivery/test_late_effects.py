"""Calls whose effect comes after our wait for the answer: each message is in Slack once, and none waits for ever."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.health import to_be_told
from bot.sandbox.workspace.request_log import Entry
from bot.slack.delivery.late_effects import LATE_EFFECT, LATE_EFFECT_URGENT, LateEffects
from storage import claims, leases, outbox
from storage.tables import Outgoing
from storage.vocabulary import OutboxState, State, Step
from tests.slack.delivery.test_delivery import EDIT, POST, card, deliver_with_retries, each_exactly_once, ours, rows
from tests.support import world
from tests.support.case_builder import CaseBuilder
from tests.support.clock_jumps import JUMPS
from tests.support.manual_clock import JumpingClock, ManualClock
from tests.support.team import CHEN, DESK, LIN, Team

SECOND = timedelta(seconds=1)


@pytest.fixture
def team(fresh_url: str) -> Iterator[Team]:
    """A team whose time passes only when the test moves it."""
    with world.playground(fresh_url, clock=ManualClock(world.begins())) as playground:
        made = Team(playground)
        made.meet()
        yield made


def write(team: Team, *, urgent: bool = False, at: datetime | None = None) -> None:
    """Queue one message that edits nothing and belongs to no case."""
    said = {"number": "", "view": "", "target": LIN, "error": "x"}
    with team.database.write() as session:
        outbox.put(session, "dead_letter", LIN, at or team.now, arguments=said, urgent=urgent)


def posts(team: Team) -> list[Entry]:
    return list(team.workspace.log.calls(POST))


@pytest.mark.parametrize("seconds", [0, 12, 15, 30])
def test_a_message_that_slack_takes_late_is_there_once(team: Team, builder: CaseBuilder, seconds: int) -> None:
    team.workspace.failures.take_late(POST, times=3, after_seconds=seconds)
    builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    each_exactly_once(team)
    assert not rows(team, OutboxState.DEAD)


@pytest.mark.parametrize(("urgent", "wait"), [(False, LATE_EFFECT), (True, LATE_EFFECT_URGENT)])
def test_a_message_that_never_comes_is_posted_anew_once_a_late_effect_is_improbable(
    team: Team, urgent: bool, wait: timedelta
) -> None:
    team.workspace.failures.reset(POST)
    write(team, urgent=urgent)
    deliver_with_retries(team)
    lost, posted = posts(team)
    assert wait <= posted.at - lost.at <= wait + SECOND
    looks = [entry.at for entry in team.workspace.log.calls("conversations.history")]
    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert pauses[:-1] == sorted(pauses[:-1]), "they grow"
    assert len(looks) <= 8
    assert [row.attempts for row in rows(team)] == [2], "looking for it is no attempt"


def test_a_document_is_made_again_only_once_a_late_effect_is_improbable(team: Team, builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    team.workspace.failures.take_late("files.completeUploadExternal", after_seconds=30)
    team.person(CHEN).command(f"/fault export T02 F-{case}")
    deliver_with_retries(team)
    assert len([message for message in ours(team.workspace) if message.files]) == 1
    announced = team.workspace.log.calls("files.getUploadURLExternal")
    assert len(announced) == 1


def test_a_document_whose_maker_died_before_it_was_shared_does_not_wait(team: Team, builder: CaseBuilder) -> None:
    case = builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    team.playground.bot.delivery.stop()
    team.person(CHEN).command(f"/fault export T02 F-{case}")
    with team.database.write() as session:
        taken = claims.claim(session, lambda _session: team.now, 77, 0, asides=1).rows
        leases.give_back(session, taken, team.now)
        [again] = claims.claim(session, lambda _session: team.now, 77, 0, asides=1).rows
    team.playground.bot.delivery._sender.send(again)
    assert len([message for message in ours(team.workspace) if message.files]) == 1


def test_a_worker_that_is_suspended_right_before_its_call_posts_nothing_twice(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the lease when it checks it, and another worker has the message when it goes on."""
    team.playground.bot.delivery.stop()
    sender = team.playground.bot.delivery._sender
    client = sender._client
    post, suspended, resumed = client.chat_postMessage, threading.Event(), threading.Event()

    def stop_first(**body: Any) -> Any:
        if not suspended.is_set():
            suspended.set()
            resumed.wait(world.MAX_WAIT_SECONDS)
        return post(**body)

    monkeypatch.setattr(client, "chat_postMessage", stop_first)
    write(team)
    held = claimed(team, 1)
    thread = threading.Thread(target=sender.send, args=(held,))
    thread.start()
    assert suspended.wait(world.MAX_WAIT_SECONDS)
    with team.database.write() as session:
        leases.give_back(session, [held], team.now)
    for seconds in range(60):
        if seconds == 30:
            resumed.set()
            thread.join()
        if row := claimed(team, 2):
            sender.send(row)
        team.playground.clock.advance(SECOND)
    assert len(ours(team.workspace)) == 1
    assert [row.state for row in rows(team)] == [OutboxState.SENT]


def claimed(team: Team, by: int) -> Any:
    """Claim the only message for this sender; None while it waits."""
    with team.database.write() as session:
        return next(iter(claims.claim(session, lambda _session: team.now, by, 1).rows), None)


@pytest.mark.parametrize("error", [timedelta(days=1), timedelta(days=-1)])
def test_a_message_is_found_although_our_clock_was_wrong_when_it_was_written(team: Team, error: timedelta) -> None:
    team.workspace.failures.lose_answer(POST)
    write(team, at=team.now + error)
    deliver_with_retries(team)
    each_exactly_once(team)


def test_a_message_is_found_by_a_process_that_began_with_a_wrong_clock_while_slack_was_away(team: Team) -> None:
    """Its clock was compared with no other yet when the message was written and posted."""
    write(team)
    deliver_with_retries(team)
    wall = team.playground.bot.clocks.wall
    wall._machine, wall._heard = JumpingClock(team.playground.clock), {}
    wall._machine.jump(timedelta(hours=1))
    team.workspace.failures.lose_answer(POST)
    team.workspace.failures.reset("conversations.history", times=8)
    write(team, at=wall.now())
    deliver_with_retries(team)
    each_exactly_once(team)


@pytest.mark.parametrize(("knows_repeats", "copies"), [(False, 2), (True, 1)])
def test_where_looking_is_refused_a_message_is_posted_again_with_the_same_id(
    team: Team, knows_repeats: bool, copies: int
) -> None:
    team.workspace.knows_repeats = knows_repeats
    team.workspace.failures.refuse("conversations.history", "missing_scope", times=None)
    team.workspace.failures.lose_answer(POST)
    write(team)
    deliver_with_retries(team)
    first, again = posts(team)
    assert first.request["client_msg_id"] == again.request["client_msg_id"]
    assert again.at - first.at >= LATE_EFFECT
    assert len(ours(team.workspace)) == copies
    assert to_be_told(team.playground.bot.health.report().parts)["read_back"] == "refused: missing_scope"


def test_each_message_has_an_id_of_its_own(team: Team) -> None:
    write(team)
    write(team)
    deliver_with_retries(team)
    assert len({entry.request["client_msg_id"] for entry in posts(team)}) == 2


@pytest.fixture
def uncertain() -> Outgoing:
    began = world.begins()
    return Outgoing(id=1, lane="", view="", target="", created_at=began, due_at=began, uncertain_since=began)


def test_the_pauses_end_with_the_wait(uncertain: Outgoing) -> None:
    clock = ManualClock()
    effects, pauses = LateEffects(clock.ticks), []
    for seconds in (0, 1, 6, 23, 15, 15, 39):
        clock.advance(seconds * SECOND)
        pauses.append(effects.pause(uncertain, is_costly=False) / SECOND)
    assert pauses == [1, 1, 7, 30, 15, 0, 0]


def test_what_is_costly_is_looked_for_once_more_at_the_end(uncertain: Outgoing) -> None:
    clock = ManualClock()
    effects = LateEffects(clock.ticks)
    effects.pause(uncertain, is_costly=True)
    clock.advance(7 * SECOND)
    assert effects.pause(uncertain, is_costly=True) == 53 * SECOND


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS.keys())
def test_no_jump_of_a_clock_shortens_or_prolongs_the_wait(uncertain: Outgoing, jump: timedelta) -> None:
    """A process that starts with a wrong clock, or whose database's clock jumps, waits for a minute all the same."""
    clock = ManualClock()
    effects = LateEffects(clock.ticks)
    uncertain.uncertain_since = world.begins() - jump
    assert effects.pause(uncertain, is_costly=False) == SECOND
    clock.advance(LATE_EFFECT - SECOND)
    assert effects.pause(uncertain, is_costly=False) == SECOND
    clock.advance(SECOND)
    assert effects.pause(uncertain, is_costly=False) == timedelta()


def test_what_another_sender_left_behind_again_counts_from_then(uncertain: Outgoing) -> None:
    clock = ManualClock()
    effects = LateEffects(clock.ticks)
    effects.pause(uncertain, is_costly=False)
    clock.advance(LATE_EFFECT)
    uncertain.uncertain_since = world.begins() + LATE_EFFECT
    assert effects.pause(uncertain, is_costly=False) == SECOND


def test_messages_of_other_senders_are_forgotten_after_a_while() -> None:
    clock, began = ManualClock(), world.begins()
    effects = LateEffects(clock.ticks)
    for number in range(100):
        row = Outgoing(id=number, lane="", view="", target="", created_at=began, due_at=began, uncertain_since=began)
        effects.pause(row, is_costly=False)
        clock.advance(timedelta(minutes=5))
    assert len(effects._known) <= 13


def test_a_document_that_was_ordered_before_the_card_is_posted_goes_to_its_thread(
    team: Team, builder: CaseBuilder
) -> None:
    team.workspace.failures.outage(POST, times=None, channel=DESK)
    case = builder.fault(State.SHEET_SIGNING)
    team.workspace.wait_until(lambda: team.workspace.log.calls(POST))
    team.person(CHEN).command(f"/fault export T02 F-{case}")
    for _ in range(200):
        team.playground.bot.delivery.wake()
        team.workspace.wait_until(team.playground.is_idle)
        team.playground.clock.advance(SECOND)
    [waiting] = [row for row in rows(team) if row.view == "file"]
    assert 5 <= waiting.lease <= 12, "it is claimed after growing pauses"
    team.workspace.failures.clear()
    cleared = team.now
    deliver_with_retries(team)
    assert team.now - cleared <= timedelta(minutes=2)
    [document] = [message for message in ours(team.workspace) if message.files]
    assert document.thread_ts == card(team).ts


def test_an_edit_is_repeated_at_once(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.reset(EDIT)
    builder.usual(Step.TRIAGE, 1)
    deliver_with_retries(team)
    lost, again = team.workspace.log.calls(EDIT)[:2]
    assert again.at - lost.at <= 2 * SECOND
