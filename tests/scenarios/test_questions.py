"""The loops of a question: further answers, reclassifying, closing unanswered, reopening (process.md §2)."""

from datetime import timedelta

from storage.vocabulary import Kind, Paper, PaperStatus, Source, State, Step
from tests.conftest import MakeTeam
from tests.support.answers import KINDS
from tests.support.sample_reports import PORT, SampleReport
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHOU, Team

INSIDE = SampleReport(None, "Anna Berg", PORT, "V1.8", "How do I renew the USB certificate?")


def test_a_question_is_reclassified_while_it_is_answered(team: Team) -> None:
    case = team.case(State.ANSWERING, kind=Kind.QUESTION)
    for person in (CHEN, LIN, WU, HUANG):
        assert Step.RECLASSIFY in team.buttons(person, case)
    team.take(LIN, Step.RECLASSIFY, case, reason="It exits by itself")
    assert "State Awaiting triage" in team.sees(CHEN, case)
    assert team.card(case).kind is None
    assert "It exits by itself" in "\n".join(team.thread(case))
    team.advance(case, State.SHEET_DRAFTING)
    assert team.card(case).kind is Kind.FAULT


def test_a_question_is_reclassified_after_an_answer_and_the_answer_is_kept(team: Team) -> None:
    case = team.case(State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    team.take(CHEN, Step.RECLASSIFY, case, reason="A new format is wanted")
    report = team.papers(case, Paper.SERVICE_REPORT)
    assert [paper.status for paper in report] == [PaperStatus.RECLASSIFIED]
    assert report[0].content["answer"] == "Plug it in and press Renew"
    team.advance(case, State.SHEET_SIGNING, kind=Kind.REQUIREMENT)
    assert team.papers(case, Paper.REQUIREMENT_SHEET)


def test_answering_goes_on_until_the_customer_is_satisfied(team: Team) -> None:
    case = team.case(State.ANSWERING, kind=Kind.QUESTION)
    for number in range(1, 5):
        team.usually(CHEN, Step.ANSWER, case, answer=f"Answer {number}")
        team.take(CHEN, Step.RECORD_VERDICT, case, satisfied="no", dissatisfied_reason="No", evidence="Phone")
        assert team.state(case) is State.ANSWERING
    assert team.card(case).answer_round == 4


def test_a_verdict_needs_evidence_and_a_reason(team: Team) -> None:
    case = team.case(State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    assert "evidence" in team.attempt(CHEN, Step.RECORD_VERDICT, case, satisfied="yes").errors
    form = team.open(CHEN, Step.RECORD_VERDICT, case)
    form.fill(satisfied="no", evidence="Phone")
    assert "dissatisfied_reason" in form.submit().errors
    assert team.state(case) is State.ANSWER_CONFIRMING


def test_a_consulted_person_must_be_a_technician(team: Team) -> None:
    case = team.case(State.ANSWERING, kind=Kind.QUESTION)
    refused = team.try_usually(CHEN, Step.ANSWER, case, consulted=LIN)
    assert refused.errors == {"consulted": "Only persons with the role Technician can be named here."}


def test_the_reporter_of_an_internal_question_records_the_verdict_without_evidence(team: Team) -> None:
    case = team.report(ANNA, INSIDE)
    assert team.card(case).source is Source.INTERNAL
    team.advance(case, State.ANSWERING, kind=Kind.QUESTION)
    told = team.told_by(lambda: team.usually(CHEN, Step.ANSWER, case))
    assert ANNA in told
    assert Step.RECORD_VERDICT in team.inbox(ANNA)[-1].buttons
    form = team.open(ANNA, Step.RECORD_VERDICT, case)
    assert "evidence" not in form.opened().fields
    form.fill(satisfied="yes", score="4")
    assert form.submit().closed
    assert team.state(case) is State.CLOSED


def test_a_service_manager_records_the_verdict_of_an_internal_question_only_with_evidence(team: Team) -> None:
    case = team.advance(team.report(ANNA, INSIDE), State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    assert "evidence" in team.attempt(CHEN, Step.RECORD_VERDICT, case, satisfied="yes").errors
    assert Step.RECORD_VERDICT not in team.buttons(WU, case)


def test_an_answer_goes_to_the_thread_of_a_message_in_a_channel_of_ours(team: Team) -> None:
    team.workspace.add_channel("C0OURS", "projects", [CHEN, ANNA])
    asked = team.person(ANNA).say("How do I renew the USB certificate?", "C0OURS")
    team.person(CHEN).message_shortcut("report_from_message", asked)
    form = team.person(CHEN).opened("report")
    assert "How do I renew" in form.plain
    team.fill_report(CHEN, INSIDE, source="customer", customer="Huadong")
    assert team.person(CHEN).submit().closed
    case = team.newest()
    team.advance(case, State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    team.settle()
    said = "\n".join(message.plain for message in team.workspace.thread("C0OURS", asked.ts))
    assert f"Our answer to {case}:" in said
    assert "Plug it in and press Renew" in said
    assert "Are you satisfied with the answer?" in said
    assert "effort" not in said.lower()


def test_an_answer_is_closed_unanswered_after_three_reminders_in_seven_days(team: Team) -> None:
    case = team.case(State.ANSWER_CONFIRMING, kind=Kind.QUESTION, reporter=ANNA)
    assert Step.CLOSE_UNANSWERED not in team.buttons(HUANG, case)
    reminded = 0
    for _day in range(6):
        reminded += CHEN in team.told_by(lambda: team.pass_time(timedelta(days=1)))
    assert reminded == 3
    assert Step.CLOSE_UNANSWERED not in team.buttons(HUANG, case), "seven days have not passed"
    assert "State Awaiting customer feedback" in team.sees(HUANG, case)
    team.pass_time(timedelta(days=1, minutes=1))
    assert Step.CLOSE_UNANSWERED in team.buttons(HUANG, case)
    assert Step.CLOSE_UNANSWERED not in team.buttons(CHEN, case)
    told = team.told_by(lambda: team.take(HUANG, Step.CLOSE_UNANSWERED, case))
    assert told == {ANNA}
    assert team.state(case) is State.CLOSED
    assert team.papers(case, Paper.CLOSE_NOTE)


def test_a_question_is_reopened_within_thirty_days(team: Team) -> None:
    case = team.case(State.CLOSED, kind=Kind.QUESTION)
    team.pass_time(timedelta(days=29))
    assert Step.REOPEN in team.buttons(ZHOU, case)
    assert Step.REOPEN not in team.buttons(HE, case)
    assert HUANG in team.told_by(lambda: team.take(CHEN, Step.REOPEN, case, reason="It expired again"))
    assert "State Being answered" in team.sees(CHEN, case)
    card = team.card(case)
    assert (card.reopen_count, card.closed_at) == (1, None)
    team.advance(case, State.CLOSED)
    assert team.card(case).answer_round == 2


def test_a_question_is_not_reopened_after_thirty_days(team: Team) -> None:
    case = team.case(State.CLOSED, kind=Kind.QUESTION)
    team.pass_time(timedelta(days=30, minutes=1))
    assert Step.REOPEN not in team.buttons(CHEN, case)
    assert "within 30 days" in team.refused(CHEN, Step.REOPEN, case)
    assert team.state(case) is State.CLOSED


def test_the_days_and_reminders_before_closing_and_reopening_are_settings(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_REOPEN_DAYS="2", FAULT_UNANSWERED_REMINDERS="1", FAULT_UNANSWERED_DAYS="2")
    case = team.case(State.ANSWER_CONFIRMING, kind=Kind.QUESTION)
    team.pass_time(timedelta(days=2, minutes=1))
    team.take(HUANG, Step.CLOSE_UNANSWERED, case)
    team.pass_time(timedelta(days=2, minutes=1))
    assert "within 2 days" in team.refused(CHEN, Step.REOPEN, case)


def test_triage_asks_the_two_questions_in_their_order(team: Team) -> None:
    case = team.case()
    form = team.open(LIN, Step.TRIAGE, case)
    assert set(form.opened().fields) == {"is_requirement"}
    form.fill(is_requirement="no")
    assert set(form.opened().fields) == {"is_requirement", "is_fault"}
    form.fill(is_fault="yes")
    assert set(form.opened().fields) == {"is_requirement", "is_fault", "symptom_kind"}
    form.fill(is_requirement="yes")
    assert set(form.opened().fields) == {"is_requirement", "new_business"}
    form.fill(new_business="A format nobody writes yet")
    assert form.submit().closed
    assert team.card(case).kind is Kind.REQUIREMENT


def test_every_role_of_the_center_may_triage_and_nobody_else(team: Team) -> None:
    for person in (HUANG, CHEN, WU, HE):
        case = team.report(ANNA)
        team.take(person, Step.TRIAGE, case, **KINDS[Kind.QUESTION])
    case = team.report(ANNA)
    assert Step.TRIAGE not in team.buttons(ANNA, case)
    assert "is not yours to do" in team.refused(ANNA, Step.TRIAGE, case)
