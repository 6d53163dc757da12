"""Merged cases of two customers: neither learns anything of the other (process.md rule 2.3 and §6 R9)."""

from collections.abc import Iterator

import pytest

from bot.sandbox import Message
from storage.vocabulary import Kind, State, Step
from tests.conftest import MakeTeam
from tests.support.answers import HANDLE, usual
from tests.support.sample_reports import SampleReport
from tests.support.team import ADMIN, ANNA, CHEN, HUANG, LIN, WU, Team

GUEST = "U0GUEST"
ALPHA = SampleReport(
    "Alpha Telecom", "Ada Alpha", "Ledger", "V1", "Alphaprint stops at noon", "The alphapress jams in hall seven"
)
BETA = SampleReport(
    "Beta Bank", "Ben Beta", "Ledger", "V1", "Betaprint stops at dawn", "The betapress jams in hall nine"
)
#: Words of each report that the other side must never read.
ALPHA_WORDS = ("alpha", "Ada", "noon", "seven")
BETA_WORDS = ("beta", "Ben", "dawn", "nine")
WHY, REPLY, NEUTRAL = "Both jam for one reason", "Your gammafix is installed", "Please try once more"
SECRETS = (WHY, "gammafix", "F-1")


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team, speaking English."""
    return make_team("en")


@pytest.fixture
def merged(team: Team) -> Team:
    """A guest of customer Alpha reported F-1, Anna of customer Beta F-2, which is merged into F-1."""
    assert team.report(GUEST, ALPHA) == "F-1"
    assert team.report(ANNA, BETA) == "F-2"
    team.take(CHEN, Step.MERGE_DUPLICATE, "F-2", master="F-1", reason=WHY)
    return team


def screens(team: Team, user: str, number: str) -> Iterator[str]:
    """Everything that this person can open about their case, and every list that they can ask for."""
    person, shown = team.person(user), team.look(user, number)
    yield person.read(shown)
    if "read_all" in shown.buttons:
        person.press("read_all", message=shown)
        yield person.read(person.opened("reading"))
        person.close_view()
    for step in (Step.COMMENT, Step.WITHDRAW):
        if step in shown.buttons:
            yield person.read(team.open(user, step, number).opened(step))
            person.close_view()
    for asked in ("mine", "list all", "queue", f"verify {number}"):
        yield person.read(team.ask(user, asked))
    before = person.home
    person.open_home()
    team.workspace.wait_until(lambda: person.home is not before)
    assert person.home is not None
    yield person.read(person.home)


def learns(team: Team, user: str, number: str) -> str:
    """Everything that this person got or can open."""
    return "\n".join((team.read(user), *screens(team, user, number)))


def assert_apart(team: Team) -> None:
    """Neither reporter reads a word of the other's, and Anna none of the master or of why it is one."""
    guest, anna = learns(team, GUEST, "F-1"), learns(team, ANNA, "F-2")
    for word in (*BETA_WORDS, WHY, NEUTRAL, "F-2"):
        assert word.lower() not in guest.lower(), word
    for word in (*ALPHA_WORDS, *SECRETS):
        assert word.lower() not in anna.lower(), word


def cannot_open(team: Team, user: str, number: str, words: tuple[str, ...]) -> None:
    """The number answers with a refusal, whatever is asked of it."""
    for asked in (number, f"verify {number}", f"export T01 {number}"):
        answer = team.ask(user, asked)
        text = team.person(user).read(answer)
        assert not answer.buttons
        assert not [word for word in words if word.lower() in text.lower()], text


def test_neither_customer_learns_anything_of_the_other(merged: Team) -> None:
    team = merged
    assert_apart(team)
    cannot_open(team, ANNA, "F-1", ALPHA_WORDS)
    cannot_open(team, GUEST, "F-2", BETA_WORDS)
    assert "F-2 is now handled together with another report" in team.read(ANNA)
    assert "Another report of the same problem is now handled together with F-1." in team.read(GUEST)

    team.advance("F-1", State.DECISION)
    team.take(WU, Step.DECIDE_MODIFICATION, "F-1", **HANDLE)
    team.usually(WU, Step.COMPLETE_HANDLING, "F-1")
    assert "F-2 is now in the state “Awaiting reply to customer”." in team.read(ANNA)
    form = team.open(CHEN, Step.REPLY_CUSTOMER, "F-1")
    assert "The problem that you reported has been handled." in form.opened().plain, "a neutral sentence"
    form.fill(reply=REPLY, reply_followers=NEUTRAL)
    assert form.submit().closed
    told = team.inbox(ANNA)[-1]
    assert NEUTRAL in told.plain
    assert set(told.buttons) == {"comment", "open_case"}, "no verdict"
    assert_apart(team)
    team.advance("F-1", State.CLOSED)
    assert "F-2 is now in the state “Closed”." in team.read(ANNA)
    assert_apart(team)


def test_the_form_asks_for_no_words_where_every_follower_is_of_the_same_customer(team: Team) -> None:
    team.report(GUEST, ALPHA)
    team.report(ANNA, ALPHA, summary="It stops again")
    team.take(CHEN, Step.MERGE_DUPLICATE, "F-2", master="F-1", reason=WHY)
    team.advance("F-1", State.ANSWERING, kind=Kind.QUESTION)
    form = team.open(CHEN, Step.ANSWER, "F-1")
    assert "reply_followers" not in form.opened().fields
    form.fill(**usual(Step.ANSWER, team.now, Kind.QUESTION))
    assert form.submit().closed
    assert "Plug it in and press Renew" in team.read(ANNA), "the same customer reads the answer itself"
    assert "F-1" not in team.read(ANNA)


def test_the_neutral_sentence_is_in_the_language_of_the_writer(make_team: MakeTeam) -> None:
    team = make_team("zh-CN")
    team.report(GUEST, ALPHA)
    team.report(ANNA, BETA)
    team.take(CHEN, Step.MERGE_DUPLICATE, "F-2", master="F-1", reason=WHY)
    team.advance("F-1", State.ANSWERING, kind=Kind.QUESTION)
    assert "您提出的咨询我们已查看并处理。" in team.open(CHEN, Step.ANSWER, "F-1").opened().plain


def test_an_answer_needs_words_for_followers_of_others(merged: Team) -> None:
    team = merged
    team.advance("F-1", State.ANSWERING, kind=Kind.QUESTION)
    form = team.open(CHEN, Step.ANSWER, "F-1")
    form.fill(**usual(Step.ANSWER, team.now, Kind.QUESTION))
    assert form.submit().closed, "the neutral sentence will do"
    said = team.inbox(ANNA)[-1].plain
    assert "Our answer to F-2:" in said
    assert "We have looked into the question that you reported." in said
    assert "Renew" not in said


def test_a_form_opened_before_the_merge_says_what_it_lacks(team: Team) -> None:
    team.report(GUEST, ALPHA)
    team.report(ANNA, BETA)
    team.advance("F-1", State.ANSWERING, kind=Kind.QUESTION)
    form = team.open(CHEN, Step.ANSWER, "F-1")
    form.fill(**usual(Step.ANSWER, team.now, Kind.QUESTION))
    team.take(WU, Step.MERGE_DUPLICATE, "F-2", master="F-1", reason=WHY)
    (error,) = form.submit().errors.values()
    assert "If the form does not ask for them, close it and open it again." in error


def test_this_does_not_help_reaches_the_masters_people_who_may_undo_the_merge(merged: Team) -> None:
    team = merged
    team.advance("F-1", State.FIX_CONFIRMING)
    told = team.inbox(ANNA)[-1]
    anna = team.person(ANNA)
    anna.press("comment", message=told, label="This does not help")
    form = anna.opened("comment")
    anna.fill(text="It jams all the same")
    assert anna.submit().closed
    assert form.fields
    assert "It jams all the same" in "\n".join(team.thread("F-1")), "in the thread of the master's card"
    line = next(line for line in team.thread("F-1") if "It jams all the same" in line)
    assert "F-2" in line
    chen, huang = team.inbox(CHEN)[-1], team.inbox(HUANG)[-1]
    assert "It jams all the same" in chen.plain
    assert Step.UNDO_MERGE not in chen.buttons, "the service manager may not"
    assert Step.UNDO_MERGE in huang.buttons
    team.person(HUANG).press(Step.UNDO_MERGE, message=huang)
    team.person(HUANG).opened(Step.UNDO_MERGE)
    team.person(HUANG).fill(reason="It differs")
    assert team.person(HUANG).submit().closed
    assert team.state("F-2") is State.TRIAGE
    assert "F-2 is handled on its own again." in team.read(ANNA)
    assert_apart(team)


def test_comments_of_colleagues_on_a_duplicate_reach_the_masters_people(merged: Team) -> None:
    team = merged
    team.take(LIN, Step.COMMENT, "F-2", text="Seen at Beta as well")
    assert any("Seen at Beta as well" in line for line in team.thread("F-1"))
    assert "Seen at Beta as well" in team.read(CHEN)
    assert_apart(team)


def test_withdrawing_the_master_frees_the_duplicate_and_its_reporter_hears_it(merged: Team) -> None:
    team = merged
    team.take(GUEST, Step.WITHDRAW, "F-1", reason="Alpha bought a new press")
    assert (team.state("F-1"), team.state("F-2")) == (State.WITHDRAWN, State.TRIAGE)
    assert "F-2 is handled on its own again." in team.read(ANNA)
    assert [line.step for line in team.history("F-2")][-1] is Step.UNDO_MERGE
    assert_apart(team)


def report_from(team: Team, message: Message, user: str) -> None:
    """Report the problem of customer Beta from a message."""
    team.person(user).message_shortcut("report_from_message", message)
    team.person(user).opened("report")
    team.fill_report(user, BETA)
    assert team.person(user).submit().closed


def test_a_customer_follows_in_their_own_thread(team: Team) -> None:
    team.workspace.add_channel("C0BETA", "beta", [CHEN, ANNA])
    asked = team.person(ANNA).say("The betapress jams", "C0BETA")
    report_from(team, asked, CHEN)
    team.report(GUEST, ALPHA)
    team.take(WU, Step.MERGE_DUPLICATE, "F-1", master="F-2", reason=WHY)
    team.advance("F-2", State.REPLYING)
    team.take(CHEN, Step.REPLY_CUSTOMER, "F-2", reply=REPLY, reply_followers=NEUTRAL)
    team.settle()
    thread = [message.plain for message in team.workspace.thread("C0BETA", asked.ts)]
    said = "\n".join(thread)
    assert "F-1 is now handled together with another report" in said
    assert NEUTRAL in thread[-1]
    assert "If this does not help, write here." in thread[-1]
    for word in (*ALPHA_WORDS, WHY, "gammafix", "F-2"):
        assert word.lower() not in said.lower(), word
    assert not [m.buttons for m in team.workspace.thread("C0BETA", asked.ts) if m.buttons]


def test_news_for_a_thread_that_cannot_be_reached_stands_in_the_thread_of_the_duplicates_card(team: Team) -> None:
    report_from(team, team.person(ANNA).say("The betapress jams", channel="C0GENERAL"), ANNA)
    team.report(GUEST, ALPHA)
    team.take(CHEN, Step.MERGE_DUPLICATE, "F-1", master="F-2", reason=WHY)
    assert any("F-1 is now handled together with another report" in line for line in team.thread("F-1"))
    assert "not_in_channel" in team.read(ADMIN)


def test_the_card_of_a_duplicate_keeps_up_with_its_master(merged: Team) -> None:
    team = merged
    assert "handled with another report: Awaiting triage" in team.thread("F-2")[0]
    team.advance("F-1", State.ANALYSIS)
    assert "handled with another report: Fault analysis · merged into F-1" in team.thread("F-2")[0]


def test_a_closed_master_is_refused_with_the_way_to_reopen_it(team: Team) -> None:
    master, case = team.case(State.CLOSED), team.case()
    form = team.open(CHEN, Step.MERGE_DUPLICATE, case)
    assert master not in {option["value"] for option in form.suggest("master", "")}
    other = team.case()
    form.fill(master=other, reason="The same")
    team.advance(other, State.CLOSED)
    assert form.submit().errors == {"master": f"{other} is closed. Choose an open case, or press “Reopen” there first."}
