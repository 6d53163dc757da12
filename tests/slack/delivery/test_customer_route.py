"""Where the words for a customer go who was not asked in a thread of ours (process.md §6 R9)."""

import json

import pytest
from sqlmodel import select

from bot.slack.delivery.late_effects import LATE_EFFECT
from storage.tables import Outgoing
from storage.vocabulary import Kind, OutboxState, State, Step
from tests.support.case_builder import GENERAL, CaseBuilder
from tests.support.team import ANNA, CHEN, HUANG, SHARED, Team

OURS = "C0OURS"


def reported(team: Team, builder: CaseBuilder, channel: str, reporter: str = ANNA) -> int:
    """A case that is reported from a message in this channel."""
    message = team.person(CHEN).say("It exits", channel)
    return builder.report(reporter, origin=(channel, message.ts))


def rows(team: Team) -> list[Outgoing]:
    """The messages to the customer."""
    team.settle()
    with team.database.read() as session:
        return list(session.exec(select(Outgoing).where(Outgoing.view == "customer")))


def test_a_reply_of_which_the_reporter_gets_no_notice_is_sent_to_them(team: Team, builder: CaseBuilder) -> None:
    case = reported(team, builder, SHARED)
    builder.onward(case, State.FIX_CONFIRMING, **GENERAL)
    (row,) = rows(team)
    assert json.loads(row.arguments)["route"] == "shared_channel"
    assert "Our reply to F-1" in team.read(ANNA)
    assert "It is fixed with V3.2.1" in team.read(ANNA)


def test_an_answer_of_which_the_reporter_gets_a_notice_reaches_them_once(team: Team, builder: CaseBuilder) -> None:
    case = reported(team, builder, SHARED)
    builder.take(Step.TRIAGE, CHEN, case, is_requirement="no", is_fault="no")
    builder.take(Step.ANSWER, CHEN, case, answer="Press Renew", category="usage", effort_hours="1")
    (row,) = rows(team)
    assert row.state is OutboxState.DROPPED
    assert team.read(ANNA).count("Press Renew") == 1
    assert team.card("F-1").kind is Kind.QUESTION


@pytest.mark.parametrize(("member", "route"), [(True, "thread"), (False, "not_a_member")])
def test_every_attempt_goes_where_the_first_was_decided_to_go(
    team: Team, builder: CaseBuilder, member: bool, route: str
) -> None:
    """The reporter joins or leaves the channel while Slack does not take the message."""
    team.workspace.add_channel(OURS, "projects", [CHEN, *([ANNA] if member else [])])
    case = reported(team, builder, OURS)
    builder.onward(case, State.REPLYING, **GENERAL)
    team.settle()
    team.workspace.failures.outage("chat.postMessage", times=None)
    builder.usual(Step.REPLY_CUSTOMER, case)
    team.workspace.wait_until(lambda: "route" in json.loads(_waiting(team).arguments))
    (team.workspace.channels.leave if member else team.workspace.channels.join)(OURS, ANNA)
    team.workspace.failures.clear()
    team.pass_time(LATE_EFFECT)
    (row,) = rows(team)
    assert (json.loads(row.arguments)["route"], row.state) == (route, OutboxState.SENT)
    posted = [message.plain for message in team.workspace.history(OURS)]
    assert any("Our reply to F-1" in text for text in posted) == member
    assert ("Our reply to F-1" in team.read(ANNA)) != member


def _waiting(team: Team) -> Outgoing:
    with team.database.read() as session:
        return session.exec(select(Outgoing).where(Outgoing.view == "customer")).one()


def test_words_that_reach_nobody_directly_are_told_to_the_service_desk(team: Team, builder: CaseBuilder) -> None:
    case = reported(team, builder, SHARED)
    builder.onward(case, State.REPLYING, **GENERAL)
    team.settle()
    team.workspace.change_user(ANNA, deleted=True)
    team.workspace.failures.refuse("chat.postMessage", "channel_not_found", channel=team.workspace.direct(ANNA).id)
    builder.usual(Step.REPLY_CUSTOMER, case)
    thread = "\n".join(team.thread("F-1"))
    assert "cannot be reached by direct message" in thread
    assert "@Anna Berg" in thread
    assert HUANG not in thread
