"""Analysis and its loops: discussion, negotiation, severity, deadline, a second analysis (process.md §2 and §3)."""

from datetime import timedelta

import pytest

from bot.sandbox import NotOffered
from storage.vocabulary import Basis, Paper, PaperStatus, Severity, State, Step
from tests.support.answers import REPORT, deadline, promised
from tests.support.sample_reports import BILLING, SampleReport
from tests.support.team import ANNA, CHEN, DESK, HE, HUANG, LIN, WU, ZHAO, Team

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
INSIDE = SampleReport(None, "Anna Berg", BILLING, "V3.2", "Rating exits in the test center")
PUBLISH = {**REPORT, "severity_reason": "As the customer describes it"}


def test_a_discussion_has_its_own_thread_and_its_outcome_is_recorded(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    told = team.told_by(lambda: team.usually(WU, Step.CALL_DISCUSSION, case))
    assert told == {ZHAO, ANNA}
    assert "Can the loader cope?" in team.read(ANNA)
    opened = next(m for m in team.workspace.history(DESK) if "Please discuss here" in m.plain)
    assert opened.thread_ts is None
    assert {ZHAO, ANNA} <= team.workspace.pings(opened)
    assert "In discussion" in team.sees(LIN, case)

    assert Step.PUBLISH_ANALYSIS not in team.buttons(WU, case)
    assert Step.CALL_DISCUSSION not in team.buttons(WU, case)
    assert "A discussion is open." in team.refused(WU, Step.PUBLISH_ANALYSIS, case)
    told = team.told_by(lambda: team.usually(LIN, Step.CLOSE_DISCUSSION, case))
    assert {ZHAO, ANNA} <= told
    answers = team.workspace.thread(DESK, opened.ts)[1:]
    assert "Yes, since V3.1" in "\n".join(message.plain for message in answers)
    asked, outcome = team.papers(case, Paper.MINUTES)
    assert asked.content["question"] == "Can the loader cope?"
    assert outcome.content["outcome"] == "Yes, since V3.1"
    assert "No discussion is open." in team.refused(WU, Step.CLOSE_DISCUSSION, case)
    team.advance(case, State.DECISION)


def test_each_of_two_successive_discussions_has_a_thread_of_its_own(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    for question in ("First?", "Second?"):
        team.usually(WU, Step.CALL_DISCUSSION, case, question=question)
        team.usually(WU, Step.CLOSE_DISCUSSION, case, outcome=f"{question} Yes")
    team.settle()
    for question in ("First?", "Second?"):
        opened = next(
            m for m in team.workspace.history(DESK) if "Please discuss here" in m.plain and question in m.plain
        )
        answers = "\n".join(m.plain for m in team.workspace.thread(DESK, opened.ts)[1:])
        assert f"{question} Yes" in answers


def test_only_those_named_on_the_case_publish(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    for person in (HE, CHEN, HUANG, ZHAO):
        assert Step.PUBLISH_ANALYSIS not in team.buttons(person, case)
    assert "is not yours to do" in team.refused(HE, Step.PUBLISH_ANALYSIS, case)
    refused = team.try_usually(LIN, Step.PUBLISH_ANALYSIS, case, analysts=[HE])
    assert refused.errors == {"analysts": "Only the testers and technicians named on this case can be its analysts."}


def test_a_report_stays_a_draft_until_its_negotiated_deadline_is_agreed(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    talks = {**PUBLISH, "severity": "severe", "deadline_basis": "negotiating"}
    told = team.told_by(lambda: team.take(WU, Step.PUBLISH_ANALYSIS, case, **talks))
    assert CHEN in told
    seen = team.sees(CHEN, case)
    assert "State Fault analysis" in seen
    assert "Negotiating" in seen
    assert [paper.status for paper in team.papers(case, Paper.ANALYSIS_REPORT)] == [PaperStatus.DRAFT]
    assert not team.papers(case, Paper.FAULT_RECORD)
    reminded = team.told_by(lambda: team.pass_time(DAY + HOUR))
    assert {WU, LIN, CHEN} <= reminded
    assert "still being negotiated" in team.read(WU)

    form = team.open(WU, Step.PUBLISH_ANALYSIS, case)
    written = form.read(form.opened())
    assert "A number is too large for its column" in written, "the draft is kept"
    assert "Widen the column" in written
    agreed = deadline(Severity.SEVERE, team.now)
    form.fill(**agreed)
    told = team.told_by(form.submit)
    assert {CHEN, HUANG} <= told
    assert "State Deciding on modification" in team.sees(CHEN, case)
    card = team.card(case)
    assert (card.negotiating, card.severity, card.deadline_basis) == (False, Severity.SEVERE, Basis.NEGOTIATED)
    assert card.deadline_at == agreed["deadline_at"].replace(microsecond=0)
    assert team.told_by(lambda: team.pass_time(2 * DAY)) == {WU}, "the negotiation has ended; WU is to decide"


def test_a_severe_fault_needs_the_negotiated_deadline(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    form = team.open(WU, Step.PUBLISH_ANALYSIS, case)
    form.fill(**PUBLISH, severity="severe", deadline_basis="negotiated", **promised(team.now))
    refused = form.submit().errors
    assert set(refused) == {"deadline_at"}
    assert "Set the time agreed with the user before recording this severity" in refused["deadline_at"]


def test_a_deadline_before_the_report_is_refused(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    early = deadline(Severity.VERY_SEVERE, team.now, team.now - DAY)
    assert set(team.attempt(WU, Step.PUBLISH_ANALYSIS, case, **PUBLISH, **early).errors) == {"deadline_at"}


def test_an_internal_very_severe_fault_without_customer_takes_the_basis_internal(team: Team) -> None:
    case = team.advance(team.report(ANNA, INSIDE), State.ANALYSIS)
    form = team.open(WU, Step.PUBLISH_ANALYSIS, case)
    form.fill(**PUBLISH, severity="very_severe", deadline_basis="internal")
    form.fill(deadline_at=team.now + 4 * HOUR, **promised(team.now))
    assert form.submit().closed
    assert team.card(case).deadline_basis is Basis.INTERNAL


def test_a_customers_fault_does_not_offer_the_basis_internal(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    form = team.open(WU, Step.PUBLISH_ANALYSIS, case)
    form.fill(severity="very_severe")
    with pytest.raises(NotOffered, match=r"on offer: customer_stipulated \(Set by customer\)$"):
        form.fill(deadline_basis="internal")


def test_raising_the_severity_asks_for_the_deadline_again(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    refused = team.attempt(WU, Step.CHANGE_SEVERITY, case, severity="very_severe", reason="It spreads")
    assert "Set the time the customer stipulated before recording this severity." in refused.errors.values()
    team.person(WU).close_view()
    raised = deadline(Severity.VERY_SEVERE, team.now)
    told = team.told_by(lambda: team.take(LIN, Step.CHANGE_SEVERITY, case, reason="It spreads", **raised))
    assert told == {CHEN}
    card = team.card(case)
    assert (card.severity, card.deadline_basis) == (Severity.VERY_SEVERE, Basis.CUSTOMER_STIPULATED)
    assert card.first_deadline_at == card.deadline_at
    assert card.moved_count == 0
    assert [paper.version for paper in team.papers(case, Paper.FAULT_RECORD)] == [1, 2]
    assert {WU, LIN, ZHAO} <= team.told_by(lambda: team.pass_time(2 * HOUR + timedelta(minutes=1)))


def test_only_the_center_manager_lowers_the_severity_and_the_deadline_stays(team: Team) -> None:
    case = team.case(State.DECISION, severity=Severity.VERY_SEVERE)
    before = team.card(case).deadline_at
    refused = team.attempt(WU, Step.CHANGE_SEVERITY, case, severity="general", reason="A way around it")
    assert refused.errors == {"severity": "Lowering the severity needs the center manager."}
    team.person(WU).close_view()
    form = team.open(HUANG, Step.CHANGE_SEVERITY, case)
    form.fill(severity="general", reason="A way around it")
    assert "deadline_at" not in form.opened().fields
    assert form.submit().closed
    card = team.card(case)
    assert (card.severity, card.deadline_at) == (Severity.GENERAL, before)
    assert card.deadline_basis is Basis.CUSTOMER_STIPULATED


def test_the_center_manager_does_not_raise_the_severity(team: Team) -> None:
    case = team.case(State.DECISION, severity=Severity.SEVERE)
    raised = deadline(Severity.VERY_SEVERE, team.now)
    refused = team.attempt(HUANG, Step.CHANGE_SEVERITY, case, reason="It spreads", **raised)
    assert "raising it belongs to testers and technicians" in refused.errors["severity"]


def test_a_moved_deadline_keeps_the_first_one_and_its_reminders_move(team: Team) -> None:
    case = team.case(State.MODIFICATION, severity=Severity.VERY_SEVERE)
    first = team.card(case).deadline_at
    assert first is not None
    assert Step.CHANGE_DEADLINE not in team.buttons(WU, case)
    later = (first + 20 * HOUR).replace(microsecond=0)
    told = team.told_by(lambda: team.usually(CHEN, Step.CHANGE_DEADLINE, case, deadline_at=later))
    assert told == {WU, LIN}
    card = team.card(case)
    assert (card.deadline_at, card.first_deadline_at, card.moved_count) == (later, first, 1)
    assert "moved: 1" in team.sees(LIN, case)
    assert not team.told_by(lambda: team.wait_until(first + HOUR)), "reminders of the old deadline are canceled"
    assert {WU, LIN, ZHAO} <= team.told_by(lambda: team.wait_until(first + 9 * HOUR)), (
        "half of the 24 hours to the new deadline is over"
    )
    team.usually(HUANG, Step.CHANGE_DEADLINE, case, deadline_at=later + DAY)
    card = team.card(case)
    assert (card.first_deadline_at, card.moved_count) == (first, 2)


def test_moving_a_deadline_needs_reason_contact_and_evidence_and_a_new_time(team: Team) -> None:
    case = team.case(State.DECISION, severity=Severity.SEVERE)
    form = team.open(CHEN, Step.CHANGE_DEADLINE, case)
    form.fill(deadline_at=team.now + 9 * DAY)
    assert {"reason", "deadline_contact", "deadline_agreed_at", "deadline_evidence"} <= set(form.submit().errors)
    form.close_view()
    same = team.card(case).deadline_at
    refused = team.try_usually(CHEN, Step.CHANGE_DEADLINE, case, deadline_at=same)
    assert refused.errors == {"deadline_at": "This is the deadline already in force."}


@pytest.mark.parametrize(("state", "who"), [(State.DECISION, HUANG), (State.DECISION, WU), (State.HANDLING, WU)])
def test_a_second_analysis_publishes_a_second_version(team: Team, state: State, who: str) -> None:
    case = team.case(state, severity=Severity.VERY_SEVERE)
    before = team.card(case)
    told = team.told_by(lambda: team.take(who, Step.REANALYZE, case, reason="The cause is another"))
    assert {WU, LIN} - {who} <= told
    assert "State Fault analysis" in team.sees(LIN, case)
    form = team.open(LIN, Step.PUBLISH_ANALYSIS, case)
    assert "Widen the column" in form.read(form.opened()), "the form shows the first report"
    form.fill(direct_cause="The loader")
    assert form.submit().closed, "known answers are prefilled"
    reports = team.papers(case, Paper.ANALYSIS_REPORT)
    assert [(one.version, one.content["direct_cause"]) for one in reports] == [
        (1, "A number is too large for its column"),
        (2, "The loader"),
    ]
    assert team.card(case).deadline_at == before.deadline_at
    assert team.card(case).first_deadline_at == before.first_deadline_at


def test_the_owner_of_a_handling_may_ask_for_a_new_analysis(team: Team) -> None:
    case = team.case(State.DECISION)
    handle = {"modification_needed": "no", "handling_kind": "hardware", "owner": ZHAO}
    assert ZHAO in team.told_by(lambda: team.take(WU, Step.DECIDE_MODIFICATION, case, **handle))
    assert {Step.REANALYZE, Step.COMPLETE_HANDLING} <= team.buttons(ZHAO, case)
    team.take(ZHAO, Step.REANALYZE, case, reason="The cable is fine")
    assert team.state(case) is State.ANALYSIS


def test_a_second_analysis_does_not_lower_the_severity(team: Team) -> None:
    case = team.case(State.DECISION, severity=Severity.SEVERE)
    team.take(WU, Step.REANALYZE, case, reason="Look again")
    refused = team.attempt(WU, Step.PUBLISH_ANALYSIS, case, severity="general")
    assert refused.errors == {"severity": "Lowering the severity needs the center manager."}
