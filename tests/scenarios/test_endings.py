"""How cases end and come back: the customer's verdict, no answer, reopening, duplicates, withdrawal (process.md §2)."""

from datetime import timedelta

import pytest

from bot.sandbox import Submission
from storage.vocabulary import Kind, Paper, PaperStatus, Severity, State, Step
from tests.support.answers import HANDLE, REPORT
from tests.support.sample_reports import BILLING, CARE, NANLING, SampleReport
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO, Team

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
INSIDE = SampleReport(None, "Anna Berg", BILLING, "V3.2", "Rating exits in the test center")
LOGO = SampleReport(NANLING, "Gao Feng 高峰", CARE, "V2.5", "Greeting card logo is blurred 贺卡徽标模糊")


def test_a_rejected_fix_goes_back_to_analysis_and_the_clock_goes_on(team: Team) -> None:
    case = team.case(State.FIX_CONFIRMING, severity=Severity.VERY_SEVERE)
    before = team.card(case)
    assert before.resolved_at is not None
    told = team.told_by(lambda: team.usually(CHEN, Step.REJECT_FIX, case))
    assert told == {WU, LIN, HUANG}
    assert "It exits again" in team.read(WU)
    card = team.card(case)
    assert (card.state, card.resolved_at, card.reopen_count) == (State.ANALYSIS, None, 1)
    assert (card.deadline_at, card.reported_at) == (before.deadline_at, before.reported_at)
    assert "reopened: 1" in team.sees(LIN, case)
    assert {WU, LIN} <= team.told_by(lambda: team.pass_time(2 * HOUR + timedelta(minutes=1))), "the reminders continue"

    team.advance(case, State.MODIFICATION, severity=Severity.VERY_SEVERE)
    team.usually(ZHAO, Step.SUBMIT_MODIFICATION, case, build="V3.2.1-rc2")
    team.advance(case, State.FIX_CONFIRMING)
    told = team.told_by(lambda: team.usually(CHEN, Step.CONFIRM_FIX, case, score="3"))
    assert {WU, LIN, ZHAO} <= told
    card = team.card(case)
    assert (card.state, card.reopen_count, card.test_round) == (State.CLOSED, 1, 2)
    assert [paper.version for paper in team.papers(case, Paper.ANALYSIS_REPORT)] == [1, 2]


def test_a_service_manager_who_speaks_for_the_customer_needs_evidence(team: Team) -> None:
    case = team.case(State.FIX_CONFIRMING)
    assert set(team.open(CHEN, Step.CONFIRM_FIX, case).submit().errors) == {"evidence"}
    team.person(CHEN).close_view()
    form = team.open(CHEN, Step.REJECT_FIX, case)
    assert set(form.submit().errors) == {"evidence", "reason"}
    for person in (WU, LIN, HE, ZHAO):
        assert not {Step.CONFIRM_FIX, Step.REJECT_FIX} & team.buttons(person, case)


def test_an_internal_reporter_confirms_without_evidence(team: Team) -> None:
    case = team.advance(team.report(ANNA, INSIDE), State.FIX_CONFIRMING)
    assert {Step.CONFIRM_FIX, Step.REJECT_FIX} <= set(team.inbox(ANNA)[-1].buttons)
    form = team.open(ANNA, Step.REJECT_FIX, case)
    assert set(form.opened().fields) == {"reason"}
    form.fill(reason="Still the same")
    assert form.submit().closed
    assert team.state(case) is State.ANALYSIS
    team.advance(case, State.HANDLING)
    team.usually(WU, Step.COMPLETE_HANDLING, case)
    team.advance(case, State.FIX_CONFIRMING)
    form = team.open(ANNA, Step.CONFIRM_FIX, case)
    assert set(form.opened().fields) == {"score"}
    assert form.submit().closed
    assert team.state(case) is State.CLOSED


def test_the_reporter_of_a_customers_fault_does_not_speak_for_the_customer(team: Team) -> None:
    case = team.case(State.FIX_CONFIRMING, reporter=ANNA)
    assert not {Step.CONFIRM_FIX, Step.REJECT_FIX} & team.buttons(ANNA, case)
    assert "is not yours to do" in team.refused(ANNA, Step.CONFIRM_FIX, case)


def test_a_fix_is_closed_unanswered_only_after_three_reminders_in_seven_days(team: Team) -> None:
    case = team.case(State.FIX_CONFIRMING, severity=Severity.SEVERE)
    for _reminded in range(3):
        team.pass_time(2 * DAY)
        assert "Only after 3 unanswered reminders in 7 days" in team.refused(HUANG, Step.CLOSE_UNANSWERED, case)
    team.pass_time(1 * DAY + HOUR)
    assert "is not yours to do" in team.refused(CHEN, Step.CLOSE_UNANSWERED, case)
    assert CHEN in team.told_by(lambda: team.take(HUANG, Step.CLOSE_UNANSWERED, case))
    assert "State Closed" in team.sees(CHEN, case)
    assert not team.told_by(lambda: team.pass_time(9 * DAY)), "the reminders have stopped"


def test_reminders_missed_in_a_downtime_count_as_the_one_message_that_was_sent(team: Team) -> None:
    case = team.case(State.FIX_CONFIRMING, severity=Severity.SEVERE)
    team.pass_time(8 * DAY)
    assert "Only after 3 unanswered reminders in 7 days" in team.refused(HUANG, Step.CLOSE_UNANSWERED, case)


def test_a_very_severe_fault_is_never_closed_unanswered(team: Team) -> None:
    case = team.case(State.FIX_CONFIRMING, severity=Severity.VERY_SEVERE)
    team.pass_time(30 * DAY)
    assert Step.CLOSE_UNANSWERED not in team.buttons(HUANG, case)
    refused = team.refused(HUANG, Step.CLOSE_UNANSWERED, case)
    assert "A very severe fault is never closed without the customer's answer." in refused


def test_a_fault_is_reopened_within_thirty_days_and_not_after(team: Team) -> None:
    case = team.case(State.CLOSED, severity=Severity.VERY_SEVERE)
    team.pass_time(30 * DAY - HOUR)
    told = team.told_by(lambda: team.take(CHEN, Step.REOPEN, case, reason="It exits again"))
    assert {HUANG, WU, LIN} <= told
    card = team.card(case)
    assert (card.state, card.resolved_at, card.closed_at, card.reopen_count) == (State.ANALYSIS, None, None, 1)
    team.advance(case, State.DECISION, severity=Severity.VERY_SEVERE)
    team.take(WU, Step.DECIDE_MODIFICATION, case, **HANDLE)
    team.advance(case, State.CLOSED)
    team.pass_time(30 * DAY + HOUR)
    assert "A case can be reopened within 30 days of its closing." in team.refused(CHEN, Step.REOPEN, case)


def test_an_internal_reporter_reopens_the_fault(team: Team) -> None:
    case = team.advance(team.report(ANNA, INSIDE), State.CLOSED)
    assert Step.REOPEN in team.buttons(ANNA, case)
    team.take(ANNA, Step.REOPEN, case, reason="It exits again")
    assert team.state(case) is State.ANALYSIS


def test_a_requirement_that_was_handed_over_is_not_reopened(team: Team) -> None:
    case = team.case(State.HANDED_OVER, kind=Kind.REQUIREMENT)
    assert "is not possible while the case is" in team.refused(CHEN, Step.REOPEN, case)


def test_a_duplicate_follows_its_master_until_the_merge_is_undone(team: Team) -> None:
    master = team.case(State.ANALYSIS, reporter=HE)
    case = team.case(State.SHEET_SIGNING, reporter=ANNA)
    told = team.told_by(lambda: team.take(CHEN, Step.MERGE_DUPLICATE, case, master=master, reason="The same"))
    assert told == {ANNA, HE}
    seen = team.sees(ANNA, case)
    assert "State Merged as duplicate · handled with another report: Fault analysis" in seen
    assert master not in seen
    assert f"merged into {master}" in team.sees(CHEN, case)
    assert ANNA in team.told_by(lambda: team.advance(master, State.CLOSED)), "the reporter follows the master"

    assert Step.UNDO_MERGE not in team.buttons(CHEN, case)
    told = team.told_by(lambda: team.take(HUANG, Step.UNDO_MERGE, case, reason="It is another one"))
    assert ANNA in told
    assert HE not in told, "a closed case has no news of other reports"
    assert "State Awaiting signature" in team.sees(HUANG, case)
    assert team.card(case).master is None
    team.advance(case, State.ANALYSIS)


def test_a_duplicate_has_no_reminders_until_the_merge_is_undone(team: Team) -> None:
    master, case = team.case(), team.case(State.ANALYSIS)
    report = {**REPORT, "severity": "severe", "severity_reason": "Slow", "deadline_basis": "negotiating"}
    team.take(WU, Step.PUBLISH_ANALYSIS, case, **report)
    team.take(CHEN, Step.MERGE_DUPLICATE, case, master=master, reason="The same")
    assert not team.told_by(lambda: team.pass_time(3 * DAY)) & {WU, LIN}
    team.take(HUANG, Step.UNDO_MERGE, case, reason="It is another one")
    assert "Negotiating" in team.sees(WU, case)
    assert {WU, LIN} <= team.told_by(lambda: team.pass_time(DAY + HOUR))


def submitted_with(team: Team, user: str, block_id: str, value: str) -> Submission:
    """Send the open form with a choice that it does not offer."""
    view, element = team.person(user).find_field(block_id)
    option = {"text": {"type": "plain_text", "text": value}, "value": value}
    held = {"type": element["type"], "selected_option": option}
    team.workspace.views.enter(view.id, block_id, element["action_id"], held)
    return team.person(user).submit()


def test_a_master_is_another_case_of_the_same_product_and_no_duplicate(team: Team) -> None:
    master, case, other = team.case(), team.case(), team.report(CHEN, LOGO)
    merged = team.case()
    team.take(CHEN, Step.MERGE_DUPLICATE, merged, master=master, reason="The same")
    cases = {
        other: f"{other} concerns another product.",
        merged: f"{merged} is itself a duplicate. Choose the case that it was merged into.",
        case: "A case cannot be a duplicate of itself.",
    }
    for chosen, refusal in cases.items():
        form = team.open(CHEN, Step.MERGE_DUPLICATE, case)
        form.fill(master=master, reason="The same")
        assert submitted_with(team, CHEN, "master", chosen).errors == {"master": refusal}
        form.close_view()
    assert "Other cases were merged into this one." in team.refused(CHEN, Step.MERGE_DUPLICATE, master)
    assert team.state(case) is State.TRIAGE


def test_only_cases_that_may_be_masters_are_offered(team: Team) -> None:
    master, case, other = team.case(), team.case(), team.report(CHEN, LOGO)
    form = team.open(CHEN, Step.MERGE_DUPLICATE, case)
    offered = {option["value"] for option in form.suggest("master", "")}
    assert master in offered
    assert not offered & {case, other}


def test_the_reporter_withdraws_without_evidence(team: Team) -> None:
    case = team.case(State.ANALYSIS, reporter=ANNA)
    form = team.open(ANNA, Step.WITHDRAW, case)
    assert set(form.opened().fields) == {"reason"}
    form.fill(reason="It was the network")
    told = team.told_by(form.submit)
    assert {WU, LIN, CHEN} <= told
    assert "State Withdrawn" in team.sees(CHEN, case)
    assert team.papers(case, Paper.FAULT_SHEET)[0].status is PaperStatus.VOID


def test_a_service_manager_withdraws_only_with_evidence(team: Team) -> None:
    case = team.case(State.DECISION, reporter=ANNA)
    form = team.open(CHEN, Step.WITHDRAW, case)
    form.fill(reason="The customer called")
    assert set(form.submit().errors) == {"evidence"}
    form.fill(evidence="Mail of today")
    assert ANNA in team.told_by(form.submit)
    for person in (WU, LIN, HE):
        assert Step.WITHDRAW not in team.buttons(person, case)


@pytest.mark.parametrize("step", [Step.WITHDRAW, Step.MERGE_DUPLICATE])
def test_only_the_center_manager_withdraws_or_merges_a_very_severe_fault(team: Team, step: Step) -> None:
    master = team.case()
    case = team.case(State.DECISION, severity=Severity.VERY_SEVERE, reporter=ANNA)
    for person in (CHEN, WU) if step is Step.MERGE_DUPLICATE else (CHEN, ANNA):
        assert step not in team.buttons(person, case)
        assert "only the center manager may do this" in team.refused(person, step, case)
    told = {"master": master} if step is Step.MERGE_DUPLICATE else {"evidence": "Mail of today"}
    team.take(HUANG, step, case, reason="Agreed with the customer", **told)
    team.news(LIN), team.news(ZHAO)
    team.pass_time(DAY)
    assert case not in team.news(LIN) + team.news(ZHAO), "its reminders have stopped"
