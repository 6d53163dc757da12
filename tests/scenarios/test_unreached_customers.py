"""Words that cannot reach the customer are known to the process (customers.md §6), through signed HTTP."""

from datetime import timedelta

from bot.casework.reading.full_record import full_record
from bot.casework.records.missing_records import GapReason, MissingRecord, gaps
from bot.casework.records.verify import verify
from storage import audit
from storage.vocabulary import HistoryEvent, Kind, State, Step
from tests.support.sample_reports import PORT, SampleReport
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HUANG, Team

ELSEWHERE = "C0GENERAL"  # the bot is not in this channel
INSIDE = SampleReport(None, "Anna Berg", PORT, "V1.8", "How do I renew the USB certificate?")
ASKED = SampleReport("Binhai", "Xu Mei", PORT, "V1.8", "How do I renew the USB certificate?")


def reported_from(team: Team, channel: str) -> str:
    """Report a customer's question from a message in this channel, and return the case."""
    asked = team.person(ANNA).say("How do I renew the USB certificate?", channel)
    team.person(ANNA).message_shortcut("report_from_message", asked)
    team.person(ANNA).opened("report")
    team.fill_report(ANNA, ASKED)
    assert team.person(ANNA).submit().closed
    return team.newest()


def unreached(team: Team) -> str:
    """A question whose answer cannot be posted where it was asked."""
    case = team.advance(reported_from(team, ELSEWHERE), State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    team.settle()
    return case


def events(team: Team, case: str) -> list[str]:
    with team.database.read() as session:
        found = audit.entries(session, int(case[2:]))
        assert verify(session, int(case[2:])).findings == ()
    return [one.step for one in found if one.step in (HistoryEvent.NOT_DELIVERED, HistoryEvent.DELIVERED)]


def test_the_writer_is_told_and_the_case_shows_it(team: Team) -> None:
    case = unreached(team)
    told = team.read(CHEN)
    assert "Your message to the customer was not delivered: #general" in told
    assert "I am not a member of that channel." in told
    assert "then ask an administrator to send the message again" in told
    assert "Plug it in and press Renew" in told
    assert "Not delivered to the customer" in team.sees(HUANG, case)
    assert "Not delivered to the customer" in team.thread(case)[0]
    assert events(team, case) == [HistoryEvent.NOT_DELIVERED]


def test_what_could_not_be_delivered_is_not_the_customers_silence(team: Team) -> None:
    case = unreached(team)
    for _day in range(10):
        assert CHEN not in team.told_by(lambda: team.pass_time(timedelta(days=1)))
    assert Step.CLOSE_UNANSWERED not in team.buttons(HUANG, case)
    assert "did not reach the customer" in team.refused(HUANG, Step.CLOSE_UNANSWERED, case)


def test_a_reply_that_is_sent_again_begins_the_wait_for_the_customer(team: Team) -> None:
    case = unreached(team)
    team.pass_time(timedelta(days=6))
    team.workspace.channels.join(ELSEWHERE, team.workspace.bot_user_id)
    answer = team.person(ADMIN).command("/fault admin outbox", channel=DESK)
    assert answer.message is not None
    team.person(ADMIN).press("outbox_send_again", answer.message)
    team.settle()
    assert events(team, case) == [HistoryEvent.NOT_DELIVERED, HistoryEvent.DELIVERED]
    assert "Not delivered" not in team.sees(HUANG, case)
    team.pass_time(timedelta(days=2))
    assert Step.CLOSE_UNANSWERED not in team.buttons(HUANG, case), "the customer has had two days"
    for _day in range(6):
        team.pass_time(timedelta(days=1))
    assert Step.CLOSE_UNANSWERED in team.buttons(HUANG, case)


def test_an_answer_under_way_is_neither_delivered_nor_given_up(team: Team) -> None:
    team.workspace.channels.join(ELSEWHERE, team.workspace.bot_user_id)
    case = reported_from(team, ELSEWHERE)
    team.workspace.failures.refuse("chat.postMessage", "a_code_of_next_year", times=None, channel=ELSEWHERE)
    team.advance(case, State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    team.playground.pass_time(timedelta(hours=1))
    heard = len(team.person(CHEN).inbox())
    for _day in range(12):
        team.playground.pass_time(timedelta(days=1))
    assert "has not reached the customer yet" in team.refused(HUANG, Step.CLOSE_UNANSWERED, case)
    assert len(team.person(CHEN).inbox()) == heard, "nobody is reminded of a silence"
    team.workspace.failures.clear()
    team.pass_time(timedelta(minutes=2))
    assert events(team, case) == [HistoryEvent.DELIVERED]
    team.pass_time(timedelta(days=2))
    assert "after 3 unanswered reminders" in team.refused(HUANG, Step.CLOSE_UNANSWERED, case), (
        "the customer has had two days"
    )
    for _day in range(6):
        team.pass_time(timedelta(days=1))
    assert Step.CLOSE_UNANSWERED in team.buttons(HUANG, case)


def test_a_new_answer_that_arrives_ends_it(team: Team) -> None:
    case = unreached(team)
    team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="no", dissatisfied_reason="Nothing heard", evidence="Phone")
    team.workspace.channels.join(ELSEWHERE, team.workspace.bot_user_id)
    team.usually(CHEN, Step.ANSWER, case, answer="Once more: press Renew")
    team.settle()
    assert events(team, case) == [HistoryEvent.NOT_DELIVERED, HistoryEvent.DELIVERED]
    assert "Not delivered" not in team.sees(HUANG, case)


def test_the_form_says_where_the_bot_is_no_member(team: Team) -> None:
    asked = team.person(ANNA).say("How do I renew it?", ELSEWHERE)
    team.person(ANNA).message_shortcut("report_from_message", asked)
    assert "I am not in #general" in team.person(ANNA).opened("report").plain
    team.person(ANNA).fill(source="internal")
    assert "I am not in #general" in team.person(ANNA).opened("report").plain, "the form was redrawn"


def test_the_form_says_nothing_where_the_bot_is_a_member(team: Team) -> None:
    team.workspace.add_channel("C0OURS", "projects", [CHEN])
    team.person(CHEN).message_shortcut("report_from_message", team.person(CHEN).say("And this?", "C0OURS"))
    assert "I am not in" not in team.person(CHEN).opened("report").plain


def test_the_reporter_of_an_internal_case_is_its_customer(team: Team) -> None:
    team.workspace.failures.refuse("chat.postMessage", "messages_tab_disabled", times=None, user=ANNA)
    case = team.advance(team.report(ANNA, INSIDE), State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    team.settle()
    assert events(team, case) == [HistoryEvent.NOT_DELIVERED]
    assert "cannot receive direct messages from me" in team.read(CHEN)
    team.workspace.failures.clear()
    team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="no", dissatisfied_reason="Nothing heard", evidence="Phone")
    team.usually(CHEN, Step.ANSWER, case, answer="Once more: press Renew")
    team.settle()
    assert events(team, case) == [HistoryEvent.NOT_DELIVERED, HistoryEvent.DELIVERED]


def asked_in_private(team: Team) -> str:
    """A question that somebody reported from a private channel that the bot does not see."""
    team.workspace.add_channel("C0SECRET", "secret", [ANNA], private=True, with_bot=False)
    return reported_from(team, "C0SECRET")


def test_a_direct_message_in_place_of_the_thread_can_be_refused_too(team: Team) -> None:
    case = asked_in_private(team)
    team.settle()
    team.workspace.failures.refuse("chat.postMessage", "messages_tab_disabled", times=None, user=ANNA)
    team.advance(case, State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    team.settle()
    assert events(team, case) == [HistoryEvent.NOT_DELIVERED]
    told = team.read(CHEN)
    assert "was not delivered: @" in told, "the person is named and not the channel"
    assert "That person cannot receive direct messages from me." in told
    team.workspace.failures.clear()
    team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="no", dissatisfied_reason="Nothing heard", evidence="Phone")
    team.usually(CHEN, Step.ANSWER, case, answer="Once more: press Renew")
    team.settle()
    assert events(team, case) == [HistoryEvent.NOT_DELIVERED, HistoryEvent.DELIVERED], "the notice carried the words"
    assert team.read(ANNA).count("Once more: press Renew") == 1


def test_verify_and_the_gaps_of_a_pack_name_it(team: Team) -> None:
    case = unreached(team)
    team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="yes", evidence="Phone")
    answer = team.ask(HUANG, f"verify {case}").plain
    assert "nothing was tampered with" in answer
    assert "did not reach the customer" in answer
    with team.database.read() as session:
        record = full_record(session, int(case[2:]), team.playground.bot.company.policy)
    assert [(gap.lack, gap.why) for gap in gaps(record)] == [(MissingRecord.DELIVERY, GapReason.REFUSED)]
