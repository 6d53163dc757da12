"""Delivery to Slack: each message exactly once and in order, whatever fails at Slack."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.casework.records.verify import verify
from bot.health import to_be_told
from bot.runtime.bootstrap import Bot
from bot.sandbox import Message, Workspace
from bot.sandbox.workspace.request_log import Entry
from bot.slack.delivery.lease_watch import LOOK_EVERY
from bot.slack.failures import OWN_ATTEMPTS
from storage import audit, claims, leases, outbox, people
from storage.tables import Outgoing
from storage.vocabulary import HistoryEvent, OutboxState, State, Step
from tests.support import world
from tests.support.case_builder import FAULT_PATH, CaseBuilder
from tests.support.logged import Logged
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HUANG, LIN, WU, Team

POST, EDIT = "chat.postMessage", "chat.update"


def deliver_with_retries(team: Team, seconds: int = 1200) -> None:
    """Advance the clock second by second until nothing waits for Slack."""
    for _ in range(seconds):
        team.playground.bot.delivery.wake()
        team.workspace.wait_until(team.playground.is_idle)
        if team.playground.is_quiet():
            return
        team.playground.clock.advance(timedelta(seconds=1))
    raise AssertionError("something still waits")


def rows(team: Team, state: OutboxState | None = None) -> list[Outgoing]:
    with team.database.read() as session:
        found = session.exec(select(Outgoing).order_by(col(Outgoing.id))).all()
        return [row for row in found if state in (None, row.state)]


def row_of(message: Message) -> int:
    assert message.metadata is not None
    number = message.metadata["event_payload"]["row"]
    assert isinstance(number, int)
    return number


def ours(workspace: Workspace) -> list[Message]:
    """Every message of the bot that is in Slack, except ephemeral ones."""
    everything = workspace.messages.all()
    return [one for one in everything if one.user == workspace.bot_user_id and one.ephemeral_to is None]


#: Views whose rows edit a posted message. Of the rows of a case's card, the first one posts it.
EDITS = ("card", "settle", "reminder_edit")


def each_exactly_once(team: Team) -> None:
    """Assert that Slack has as many messages as there are rows that post, and that no two come from the same row."""
    numbers = [row_of(message) for message in ours(team.workspace)]
    assert len(numbers) == len(set(numbers))
    sent = rows(team, OutboxState.SENT)
    cards = {row.case_id for row in sent if row.view == "card"}
    assert len(numbers) == len([row for row in sent if row.view not in EDITS]) + len(cards)


def card(team: Team, number: str = "F-1") -> Message:
    [found] = [m for m in team.workspace.history(DESK) if m.thread_ts is None and m.text.startswith(f"{number} ")]
    return found


def thread(team: Team, number: str = "F-1") -> list[Message]:
    return team.workspace.thread(DESK, card(team, number).ts)[1:]


def steps_in(messages: Iterable[Message]) -> int:
    """How many steps these messages tell: thread lines that waited behind each other are joined."""
    return sum(block["type"] == "context" for message in messages for block in message.blocks)


# Order and coalescing


def test_the_thread_tells_every_step_in_order(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    deliver_with_retries(team)
    told = [row_of(message) for message in thread(team)]
    assert told == sorted(told)
    assert steps_in(thread(team)) == len(FAULT_PATH)
    each_exactly_once(team)


def test_quick_steps_share_edits_of_the_card(team: Team, builder: CaseBuilder) -> None:
    case = builder.report()
    deliver_with_retries(team)
    before = len(team.workspace.log.calls(EDIT))
    team.workspace.failures.slow(world.MAX_WAIT_SECONDS)
    for n in range(8):
        builder.take(Step.COMMENT, CHEN, case, text=f"Comment {n}")
    builder.usual(Step.TRIAGE, case)
    team.workspace.failures.slow(0)
    team.workspace.wait_until(team.playground.is_quiet)
    edits = len(team.workspace.log.calls(EDIT)) - before
    assert 1 <= edits < 9
    assert "Task sheet" in card(team).plain or "draft" in card(team).plain.lower()
    assert [message for message in thread(team) if "Comment 7" in message.plain]


def test_the_card_shows_the_last_state_after_many_steps(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    deliver_with_retries(team)
    assert "Closed" in card(team).plain


# Temporary failures of Slack


def reported(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    deliver_with_retries(team)
    each_exactly_once(team)
    assert not rows(team, OutboxState.DEAD)


def calls(team: Team, method: str, channel: str) -> list[Entry]:
    return [entry for entry in team.workspace.log.calls(method) if entry.request.get("channel") == channel]


def test_a_rate_limited_channel_gets_nothing_until_the_wait_is_over(team: Team, builder: CaseBuilder) -> None:
    team.workspace.failures.rate_limit(POST, times=2, retry_after=7, channel=DESK)
    reported(team, builder)
    first, second, third = (entry.at for entry in calls(team, POST, DESK)[:3])
    assert second - first >= timedelta(seconds=7)
    assert third - second >= timedelta(seconds=7)


def test_another_channel_does_not_wait_for_a_rate_limited_one(team: Team, builder: CaseBuilder) -> None:
    team.workspace.failures.rate_limit(POST, times=None, retry_after=600, channel=DESK)
    builder.report()
    team.workspace.wait_until(lambda: team.person(CHEN).inbox())
    team.workspace.failures.clear()
    deliver_with_retries(team)
    each_exactly_once(team)


FAILURES: dict[str, Callable[[Workspace], None]] = {
    "500": lambda ws: ws.failures.outage(POST, times=2, status=500),
    "503": lambda ws: ws.failures.outage(POST, times=2, status=503),
    "reset": lambda ws: ws.failures.reset(POST, times=2),
    "internal_error": lambda ws: ws.failures.refuse(POST, "internal_error", times=2),
    "rate_limited": lambda ws: ws.failures.refuse(POST, "rate_limited", times=2),
    "token": lambda ws: ws.failures.refuse(POST, "token_expired", times=2),
    "lost answer": lambda ws: ws.failures.lose_answer(POST, times=1, channel=DESK),
    "lost answers": lambda ws: ws.failures.lose_answer(POST, times=2),
    "lost open": lambda ws: ws.failures.lose_answer("conversations.open", times=2),
    "open 500": lambda ws: ws.failures.outage("conversations.open", times=2),
    "page": lambda ws: ws.failures.outage(POST, times=2, status=200),
    "forbidden page": lambda ws: ws.failures.outage(POST, times=2, status=403),
    "cut answer": lambda ws: ws.failures.cut_answer(POST, times=2),
    "no access": lambda ws: ws.failures.refuse(POST, "accesslimited", times=2),
    "everything": lambda ws: ws.failures.outage(times=5),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_temporary_failure_is_retried_until_each_message_is_there_once(
    team: Team, builder: CaseBuilder, failure: Callable[[Workspace], None]
) -> None:
    failure(team.workspace)
    reported(team, builder)


@pytest.mark.parametrize("method", [POST, EDIT])
def test_a_whole_fault_is_delivered_once_and_in_order_despite_many_failures(
    team: Team, builder: CaseBuilder, method: str
) -> None:
    days = team.workspace.failures
    days.lose_answer(method, times=2, channel=DESK)
    days.outage(method, times=2, status=500)
    days.rate_limit(method, times=2, retry_after=2)
    days.reset(method, times=2)
    builder.fault(State.CLOSED)
    deliver_with_retries(team)
    each_exactly_once(team)
    told = [row_of(message) for message in thread(team)]
    assert told == sorted(told)
    assert "Closed" in card(team).plain


def test_a_message_is_not_doubled_when_a_lost_response_is_followed_by_a_refusal(
    team: Team, builder: CaseBuilder
) -> None:
    """The second attempt is refused before it can look whether the first one arrived."""
    days = team.workspace.failures
    days.lose_answer(POST, channel=DESK)
    days.rate_limit("conversations.history", retry_after=3)
    reported(team, builder)
    days.lose_answer(POST, channel=DESK)
    days.rate_limit("conversations.replies", retry_after=3)
    builder.take(Step.COMMENT, CHEN, 1, text="In the thread")
    deliver_with_retries(team)
    each_exactly_once(team)
    assert len(thread(team)) == 1


def test_a_message_whose_response_was_lost_is_found_among_many(team: Team, builder: CaseBuilder) -> None:
    team.workspace.failures.lose_answer(POST, channel=DESK)
    builder.report()
    team.workspace.wait_until(lambda: team.workspace.history(DESK))
    for n in range(120):
        team.person(CHEN).say(f"Chatter {n}", channel=DESK)
    deliver_with_retries(team)
    each_exactly_once(team)


def test_a_call_that_hangs_times_out_and_is_retried(fresh_url: str, team: Team, builder: CaseBuilder) -> None:
    team.playground.bot.delivery._sender._client.timeout = 1
    team.workspace.failures.hang(POST, seconds=2, channel=DESK)
    reported(team, builder)


# Permanent refusals of Slack


def test_a_refused_message_becomes_a_dead_letter_and_an_admin_is_told(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.refuse(POST, "invalid_blocks", channel=DESK)
    builder.take(Step.COMMENT, CHEN, 1, text="Comment")
    deliver_with_retries(team)
    [dead] = rows(team, OutboxState.DEAD)
    assert (dead.view, dead.error) == ("story", "invalid_blocks")
    heard = team.read(ADMIN)
    assert "F-1" in heard
    assert "invalid_blocks" in heard
    builder.take(Step.COMMENT, CHEN, 1, text="The next one goes through")
    deliver_with_retries(team)
    assert "The next one" in thread(team)[-1].plain


def test_a_refused_notice_of_a_dead_letter_makes_no_further_ones(team: Team, builder: CaseBuilder) -> None:
    team.workspace.failures.refuse(POST, "invalid_blocks", times=None)
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.clear()
    views = [row.view for row in rows(team, OutboxState.DEAD)]
    assert views.count("dead_letter") <= 3


@pytest.mark.parametrize(
    "unreachable",
    [
        lambda ws: ws.failures.refuse("conversations.open", "user_disabled", times=None, users=HUANG),
        lambda ws: ws.failures.refuse(POST, "channel_not_found", times=None, user=HUANG),
        lambda ws: ws.failures.refuse(POST, "messages_tab_disabled", times=None, user=HUANG),
    ],
    ids=["open", "post", "tab"],
)
def test_an_unreachable_person_is_named_in_the_thread(
    team: Team, builder: CaseBuilder, unreachable: Callable[[Workspace], None]
) -> None:
    unreachable(team.workspace)
    builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    team.workspace.failures.clear()
    said = [
        message for message in thread(team) if "Huang Wei" in message.plain and "cannot be reached" in message.plain
    ]
    assert len(said) == len([row for row in rows(team, OutboxState.DEAD) if row.target == HUANG]) > 0
    assert HUANG in team.workspace.pings(said[0]), "the thread mentions the person who cannot be reached"
    assert "sign_sheet" not in said[0].buttons
    assert team.read(ADMIN)


def test_a_reminder_that_cannot_be_delivered_is_an_entry_of_the_history(team: Team, builder: CaseBuilder) -> None:
    case = builder.fault()
    deliver_with_retries(team)
    team.workspace.failures.refuse(POST, "channel_not_found", times=None, user=LIN)
    team.playground.clock.advance(timedelta(hours=6))
    builder.sweep()
    deliver_with_retries(team)
    team.workspace.failures.clear()
    with team.database.read() as session:
        *_before, reminded, undelivered = audit.entries(session, case)
        assert verify(session, case).findings == ()
    assert (reminded.step, undelivered.step) == (HistoryEvent.REMINDED, HistoryEvent.NOT_DELIVERED)
    assert json.loads(undelivered.data)["to"] == [LIN]


def test_a_direct_channel_that_is_gone_is_opened_again(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    before = len(team.inbox(HUANG))
    with team.database.write() as session:
        people.remember_dm(session, HUANG, "D0GONE")
    builder.take(Step.RETURN_SHEET, HUANG, 1, reason="Not yet")
    builder.usual(Step.DRAFT_SHEET, 1)
    deliver_with_retries(team)
    assert len(team.inbox(HUANG)) > before
    assert not rows(team, OutboxState.DEAD)


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
def test_a_message_that_may_not_be_looked_for_is_posted_again_and_the_admins_are_told(
    team: Team, builder: CaseBuilder, method: str
) -> None:
    builder.report()
    deliver_with_retries(team)
    team.workspace.failures.refuse(method, "missing_scope", times=None)
    team.workspace.failures.lose_answer(POST, channel=DESK)
    builder.report() if method == "conversations.history" else builder.take(Step.COMMENT, CHEN, 1, text="Comment")
    deliver_with_retries(team)
    assert not rows(team, OutboxState.DEAD)
    health = team.playground.bot.health
    assert to_be_told(health.report().parts)["read_back"] == "refused: missing_scope"
    team.workspace.failures.clear()
    team.workspace.failures.lose_answer(POST, channel=DESK)
    builder.report()
    deliver_with_retries(team)
    assert health.report().parts["read_back"] == "ok"


def test_an_archived_desk_channel_is_reported_to_an_admin_and_steps_go_on(team: Team, builder: CaseBuilder) -> None:
    team.workspace.channels.change(DESK, archived=True)
    builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    assert "is_archived" in team.read(ADMIN)
    assert "sign_sheet" in team.inbox(HUANG)[-1].buttons


def test_a_deleted_card_is_posted_again_and_the_thread_continues_below_it(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    deliver_with_retries(team)
    old = card(team)
    team.workspace.messages.remove(old)
    builder.usual(Step.TRIAGE, 1)
    deliver_with_retries(team)
    assert card(team).ts != old.ts
    assert len(thread(team)) == 1
    assert not rows(team, OutboxState.DEAD)


def test_a_deleted_task_message_that_cannot_be_settled_is_no_dead_letter(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    for message in team.person(HUANG).inbox():
        team.workspace.messages.remove(message)
    builder.usual(Step.SIGN_SHEET, 1)
    deliver_with_retries(team)
    assert not rows(team, OutboxState.DEAD)
    assert "message_not_found" not in team.read(ADMIN)


# Slack is down


def test_steps_go_on_while_slack_is_down(team: Team) -> None:
    team.settle()
    team.workspace.failures.outage(POST, times=None)
    team.workspace.failures.outage(EDIT, times=None)
    team.workspace.failures.outage("conversations.open", times=None)
    case = team.report(CHEN)
    team.take(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="yes", symptom_kind="exit")
    team.take(CHEN, Step.DRAFT_SHEET, case, symptom="It exits", impact="No bills")
    assert team.state(case) is State.SHEET_SIGNING
    assert ours(team.workspace) == []
    team.workspace.failures.clear()
    deliver_with_retries(team)
    each_exactly_once(team)
    assert steps_in(thread(team)) == 2
    assert "sign_sheet" in team.inbox(HUANG)[-1].buttons


def test_a_task_that_was_done_while_slack_was_down_is_not_offered_afterwards(team: Team, builder: CaseBuilder) -> None:
    team.workspace.failures.outage(times=None)
    builder.fault(State.ANALYSIS)
    team.workspace.failures.clear()
    deliver_with_retries(team)
    assert not [message for message in team.person(HUANG).inbox() if "sign_sheet" in message.buttons]


# Pace


def one_a_second(team: Team, count: int, *bots: Bot) -> None:
    """Assert that `count` messages reach the desk channel, one for each second by which the test moves the clock."""
    for arrived in range(1, count + 1):
        for bot in bots:
            bot.delivery.wake()
        team.workspace.wait_until(lambda: len(team.workspace.history(DESK)) == arrived)  # noqa: B023 - waited for here
        team.workspace.wait_until(lambda: not rows(team, OutboxState.SENDING))
        for bot in bots:
            bot.delivery._round()
        assert not [row for row in rows(team, OutboxState.SENDING) if row.target == DESK], "a second has not passed"
        assert len(team.workspace.history(DESK)) == arrived
        team.playground.clock.advance(outbox.SPACING)


def test_a_channel_gets_one_message_a_second(fresh_url: str) -> None:
    with world.playground(fresh_url, interval=outbox.SPACING, clock=ManualClock(world.begins())) as playground:
        team = Team(playground)
        team.meet()
        work = CaseBuilder(team.database, playground.bot.company, playground.clock.now)
        for _ in range(6):
            work.report()
        one_a_second(team, 6, playground.bot)
        deliver_with_retries(team)
        assert {row.attempts for row in rows(team)} == {1}, "waiting for the pace does not count as an attempt"


def test_two_hundred_messages_at_once_arrive_once_and_in_order(team: Team, builder: CaseBuilder) -> None:
    """The messages of each case are in order."""
    with builder.at_once():
        cases = builder.reports(10)
        for n in range(18):
            for case in cases:
                builder.take(Step.COMMENT, CHEN, case, text=f"Comment {n}")
    team.workspace.wait_until(team.playground.is_quiet)
    each_exactly_once(team)
    for case in cases:
        told = " ".join(message.plain for message in thread(team, f"F-{case}"))
        assert re.findall(r"Comment (\d+)", told) == [str(n) for n in range(18)]


def test_the_card_of_a_new_case_is_posted_before_thread_lines_that_waited(team: Team, builder: CaseBuilder) -> None:
    """It used to wait for as many seconds as there were comments on another case."""
    case = builder.report()
    deliver_with_retries(team)
    team.workspace.failures.outage(POST, times=None, channel=DESK)
    for n in range(30):
        builder.take(Step.COMMENT, CHEN, case, text=f"Comment {n}")
    builder.report()
    team.workspace.failures.clear()
    deliver_with_retries(team)
    first_told, *rest = thread(team)
    assert float(card(team, "F-2").ts) < float((rest or [first_told])[0].ts), "at most one line was being sent"
    assert steps_in(thread(team)) == 30
    assert len(thread(team)) <= 5
    each_exactly_once(team)


# Errors of the bot, and restarts


def test_a_row_that_cannot_be_rendered_does_not_stop_the_delivery(
    logged: Logged, team: Team, builder: CaseBuilder
) -> None:
    with team.database.write() as session:
        outbox.put(session, "no_such_view", DESK, team.now)
        outbox.put(session, "story", DESK, team.now, case_id=None, arguments={"seq": 99})
    builder.report()
    deliver_with_retries(team)
    assert [row.view for row in rows(team, OutboxState.DEAD)] == ["no_such_view", "story"]
    assert card(team).buttons
    assert len(logged.of("delivery.failed")) == 2 * OWN_ATTEMPTS, "an error may pass, so each is tried again"


def test_of_messages_that_are_rendered_together_only_the_one_fails_that_cannot_be_rendered(
    logged: Logged, team: Team, builder: CaseBuilder
) -> None:
    case = builder.report()
    deliver_with_retries(team)
    with team.database.write() as session:
        for person, view in ((LIN, "notice"), (HUANG, "no_such_view"), (WU, "notice")):
            outbox.put(session, view, person, team.now, case_id=case, arguments={"seq": 1})
    deliver_with_retries(team)
    assert [row.target for row in rows(team, OutboxState.DEAD)] == [HUANG]
    assert [len(team.person(one).inbox()) for one in (LIN, WU)] == [1, 1]
    assert {row.attempts for row in rows(team, OutboxState.SENT)} == {1}
    assert len(logged.of("delivery.not_rendered_together")) == 1
    assert "no_such_view" in team.read(ADMIN)


@pytest.fixture
def restarted() -> Callable[[Team], Team]:
    """A function that stops a team's bot and starts another one on the same database."""

    def again(team: Team) -> Team:
        team.playground.bot.stop()
        team.playground.bot = Bot(team.playground.settings, clock=team.playground.clock, spacing=timedelta())
        team.playground.bot.start()
        team.playground.standin.connect(bot_url=team.playground.bot_url)
        return team

    return again


def test_a_restarted_bot_sends_what_waited(team: Team, builder: CaseBuilder, restarted: Callable[[Team], Team]) -> None:
    team.workspace.failures.outage(times=None)
    builder.fault(State.SHEET_SIGNING)
    team.workspace.wait_until(lambda: team.workspace.log.calls(POST))
    team = restarted(team)
    assert not team.playground.is_quiet()
    team.workspace.failures.clear()
    deliver_with_retries(team)
    each_exactly_once(team)
    assert "sign_sheet" in team.inbox(HUANG)[-1].buttons
    assert team.sees(CHEN, "F-1")


def test_messages_that_a_killed_bot_was_sending_are_sent_once(
    team: Team, builder: CaseBuilder, restarted: Callable[[Team], Team]
) -> None:
    """One message arrived but was not marked as sent. Another one was claimed but never sent. Nothing else waits."""
    builder.report(ANNA)
    deliver_with_retries(team)
    builder.take(Step.COMMENT, CHEN, 1, text="Unsent")
    deliver_with_retries(team)
    arrived, never = (row.id for row in rows(team) if row.view == "story" or row.view == "notice")
    team.playground.bot.stop()
    with team.database.write() as session:
        for number in (arrived, never):
            row = session.get_one(Outgoing, number)
            row.state, row.sent_at = OutboxState.SENDING, None
    for message in ours(team.workspace):
        if row_of(message) == never:
            team.workspace.messages.remove(message)
    again = Bot(team.playground.settings, clock=team.playground.clock, spacing=timedelta())
    again.start()
    team.playground.bot = again
    deliver_with_retries(team)
    each_exactly_once(team)
    assert len(thread(team)) == 1


def test_a_worker_that_was_suspended_sends_and_records_nothing_of_what_another_has_taken_over(
    logged: Logged, team: Team, builder: CaseBuilder
) -> None:
    team.playground.bot.delivery.stop()
    sender = team.playground.bot.delivery._sender
    builder.report()
    with team.database.write() as session:
        [held, *_others] = claims.claim(session, lambda _session: team.now, 1, 1).rows
    with team.database.write() as session:
        leases.give_back(session, [held], team.now)
        [taken_over] = claims.claim(session, lambda _session: team.now, 2, 1).rows
    sender.send(held)
    assert held.id == taken_over.id
    assert team.workspace.log.calls(POST) == []
    assert [(row.state, row.leased_by) for row in rows(team) if row.id == held.id] == [(OutboxState.SENDING, 2)]
    assert len(logged.of("delivery.lease_lost")) == 1
    sender.send(taken_over)
    assert len(team.workspace.log.calls("conversations.history")) == 1, "it is looked for before it is posted anew"


def test_a_worker_that_is_suspended_while_slack_answers_records_nothing_either(
    logged: Logged, team: Team, builder: CaseBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row waits for the next sender, which looks for the message in Slack before it posts."""
    team.playground.bot.delivery.stop()
    sender = team.playground.bot.delivery._sender
    client = sender._client
    builder.report()
    with team.database.write() as session:
        [held] = claims.claim(session, lambda _session: team.now, 1, 1).rows
    post = client.chat_postMessage

    def slowly(**body: Any) -> Any:
        answer = post(**body)
        with team.database.write() as session:
            leases.give_back(session, [held], team.now)
        return answer

    monkeypatch.setattr(client, "chat_postMessage", slowly)
    sender.send(held)
    [row] = [row for row in rows(team) if row.id == held.id]
    assert row.state is OutboxState.WAITING
    assert outbox.is_uncertain(row), "it is looked for before it is posted"
    assert len(logged.of("delivery.lease_lost")) == 1


def test_a_message_that_is_sent_while_the_loop_looks_was_not_left_behind(
    team: Team, builder: CaseBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = team.playground.bot.delivery
    delivery.stop()
    builder.report()
    with team.database.write() as session:
        [row] = claims.claim(session, lambda _session: team.now, team.database.sender, 1).rows
    assert row.id is not None
    delivery._in_progress[row.id] = row.target
    taken = leases.taken

    def taken_before_the_end(session: Session, under_way: Iterable[int]) -> list[Outgoing]:
        found = taken(session, under_way)
        if delivery._in_progress.pop(row.id or 0, None):
            with team.database.write() as another:
                leases.leased(another, row).state = OutboxState.SENT
        return found

    monkeypatch.setattr(leases, "taken", taken_before_the_end)
    team.playground.clock.advance(LOOK_EVERY)
    assert delivery._left_behind() == []
    assert not delivery._in_progress


# Content of the calls


def test_link_names_parsing_and_unfurling_are_off_in_every_message(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    deliver_with_retries(team)
    for entry in [*team.workspace.log.calls(POST), *team.workspace.log.calls(EDIT)]:
        request: dict[str, Any] = entry.request
        assert not request.get("link_names")
        assert request["parse"] == "none"
        assert request["text"]
    for entry in team.workspace.log.calls(POST):
        assert entry.request["unfurl_links"] in (False, "0", 0)


def test_every_call_succeeds_when_nothing_fails_at_slack(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    deliver_with_retries(team)
    assert [entry for entry in team.workspace.log.calls() if not entry.ok] == []
    assert not team.workspace.app_bugs


def test_only_the_people_who_must_act_are_mentioned(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.SHEET_SIGNING)
    deliver_with_retries(team)
    [task] = [message for message in team.person(HUANG).inbox() if "sign_sheet" in message.buttons]
    assert not {"@here", "@channel", "@everyone"} & team.workspace.pings(task)
    assert WU not in {user for message in ours(team.workspace) for user in team.workspace.pings(message)}


def test_the_clock_can_be_advanced_while_slack_is_down(team: Team) -> None:
    team.workspace.failures.outage("chat.postMessage", times=None)
    team.report(CHEN)
    before = team.now
    team.playground.pass_time(timedelta(hours=5))
    assert team.now - before >= timedelta(hours=5)
    team.workspace.failures.clear()
    team.playground.pass_time(timedelta(minutes=5))
    team.settle()
    assert team.thread("F-1")
