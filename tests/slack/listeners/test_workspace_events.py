"""Slack drops events, or gives a channel another id."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.client import events
from storage.vocabulary import State, Step
from tests.support.case_builder import CaseBuilder
from tests.support.logged import Logged
from tests.support.team import ADMIN, ANNA, CHEN, DESK, LIN, Team

MOVED = "C0MOVED"


def minute_of(team: Team) -> int:
    return int(team.now.replace(second=0, microsecond=0).timestamp())


@pytest.mark.parametrize(
    ("speaking", "said"),
    [("en", "Slack dropped events in the minute from"), ("zh-CN", "内事件过多，Slack 丢弃了部分事件")],
)
def test_admins_are_told_once_of_each_minute_whose_events_were_dropped(
    team: Team, logged: Logged, speaking: str, said: str
) -> None:
    team.workspace.change_user(ADMIN, locale=speaking)
    team.playground.bot.people.begin()
    minute = minute_of(team)
    for stated in (minute, minute, minute + 60, minute):
        assert events.events_dropped(team.playground.standin.transport, stated).status == 200
    text = team.read(ADMIN)
    assert text.count(said) == 2
    for stated in (minute, minute + 60):
        assert team.playground.bot.identity.reader(ADMIN).t.moment(datetime.fromtimestamp(stated, UTC)) in text
    assert said not in team.read(CHEN)
    assert "listener.failed" not in logged.text


def test_a_moved_service_desk_channel_is_followed(team: Team, builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    team.settle()
    (card,) = (one for one in team.workspace.history(DESK) if one.thread_ts is None)
    events.channel_moved(team.playground.standin.transport, DESK, MOVED)
    builder.onward(case, State.DECISION)
    team.settle()
    (moved,) = (one for one in team.workspace.history(MOVED) if one.thread_ts is None)
    assert moved.ts == card.ts, "the card is edited where it stands"
    assert "Deciding on modification" in moved.plain
    assert len(team.workspace.thread(MOVED, card.ts)) > 2
    health = team.playground.bot.health
    assert health.report().parts["desk_channel"] == f"has the id {MOVED} now: set FAULT_CHANNEL"
    assert health.report().healthy
    team.playground.bot.check_slack()
    assert MOVED in health.report().parts["desk_channel"]
    assert "channel_not_found" not in team.read(ADMIN)


def test_a_channel_that_moves_twice_or_back_is_followed(team: Team, builder: CaseBuilder) -> None:
    case = builder.fault(State.ANALYSIS)
    team.settle()
    transport = team.playground.standin.transport
    for old, new in ((DESK, "C0ONE"), ("C0ONE", "C0TWO"), ("C0TWO", DESK)):
        events.channel_moved(transport, old, new)
    builder.onward(case, State.DECISION)
    team.settle()
    assert any("Deciding on modification" in one.plain for one in team.workspace.history(DESK))
    events.channel_moved(transport, DESK, "C0ONE")
    assert transport.last is not None
    transport.send(transport.last, 1, "http_timeout")
    builder.onward(case, State.MODIFICATION)
    team.settle()
    assert any("Being modified" in one.plain for one in team.workspace.history("C0ONE"))


def test_what_was_refused_before_the_move_was_known_is_sent_again(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.ANALYSIS)
    team.settle()
    team.workspace.move_channel(DESK, MOVED)
    builder.onward(1, State.DECISION)
    team.settle()
    moved = {"type": "channel_id_changed", "old_channel_id": DESK, "new_channel_id": MOVED}
    before = len(team.workspace.history(MOVED))
    team.playground.standin.send_event(moved)
    team.settle()
    assert len(team.workspace.history(MOVED)) > before


def test_the_customer_is_answered_in_a_channel_that_moved(team: Team) -> None:
    team.workspace.add_channel("G0OURS", "projects", [CHEN, ANNA], private=True)
    message = team.person(ANNA).say("How do I renew the certificate?", channel="G0OURS")
    chen = team.person(CHEN)
    chen.message_shortcut("report_from_message", message)
    chen.opened("report")
    team.fill_report(CHEN)
    assert chen.submit().closed
    events.channel_moved(team.playground.standin.transport, "G0OURS", MOVED)
    team.take(LIN, Step.TRIAGE, "F-1", is_requirement="no", is_fault="no")
    team.take(CHEN, Step.ANSWER, "F-1", answer="Use the tool", category="certificate", effort_hours="1")
    team.pass_time(timedelta(seconds=5))
    assert "Use the tool" in team.workspace.thread(MOVED, message.ts)[-1].plain
