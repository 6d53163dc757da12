"""From the decision to the reply: handling, modification, test, manual, release and their loops (process.md §2)."""

from datetime import timedelta

import pytest

from storage.vocabulary import Paper, Place, Severity, State, Step
from tests.conftest import MakeTeam
from tests.support.answers import HANDLE, ROLLED_BACK, released
from tests.support.team import CHEN, HE, HUANG, LIN, WU, ZHAO, Team

YOUR_BUILD = "You modified this build, so another tester must judge it."


def test_a_fault_is_handled_without_modification(team: Team) -> None:
    case = team.case(State.DECISION)
    told = team.told_by(lambda: team.take(HUANG, Step.DECIDE_MODIFICATION, case, **HANDLE))
    assert told == {WU}
    assert "State Handling without modification" in team.sees(WU, case)
    for person in (CHEN, LIN, HUANG):
        assert Step.COMPLETE_HANDLING not in team.buttons(person, case)
    told = team.told_by(lambda: team.usually(WU, Step.COMPLETE_HANDLING, case))
    assert told == {CHEN}
    assert "State Awaiting reply to customer" in team.sees(CHEN, case)
    assert team.papers(case, Paper.HANDLING_RECORD)[0].content["verified_by"] == HE
    team.advance(case, State.CLOSED)
    assert not team.papers(case, Paper.TEST_RECORD)


def test_the_handling_of_a_very_severe_fault_is_verified_by_another(team: Team) -> None:
    case = team.case(State.HANDLING, severity=Severity.VERY_SEVERE)
    refused = team.try_usually(WU, Step.COMPLETE_HANDLING, case, verified_by=WU)
    assert refused.errors == {"verified_by": "This fault is very severe, so another person must verify the handling."}
    team.person(WU).fill(verified_by=LIN)
    assert team.person(WU).submit().closed


def test_the_owner_of_a_severe_fault_may_verify_the_handling_alone(team: Team) -> None:
    case = team.case(State.HANDLING, severity=Severity.SEVERE)
    team.usually(WU, Step.COMPLETE_HANDLING, case, verified_by=WU)
    assert team.state(case) is State.REPLYING


def test_a_failed_test_goes_back_to_the_modifier_and_then_passes(team: Team) -> None:
    case = team.case(State.TESTING)
    told = team.told_by(lambda: team.usually(HE, Step.FAIL_TEST, case))
    assert {ZHAO, WU} <= told
    assert "State Being modified" in team.sees(ZHAO, case)
    assert "The index was forgotten" in team.read(ZHAO)
    told = team.told_by(lambda: team.usually(ZHAO, Step.SUBMIT_MODIFICATION, case, build="V3.2.1-rc2"))
    assert LIN in told
    form = team.open(HE, Step.PASS_TEST, case)
    assert "V3.2.1-rc2" in form.read(form.opened())
    form.close_view()
    team.usually(HE, Step.PASS_TEST, case)
    records = [paper.content for paper in team.papers(case, Paper.TEST_RECORD)]
    assert [(one["round"], one["build"], one["conclusion"]) for one in records] == [
        (1, "V3.2.1-rc1", "fail"),
        (2, "V3.2.1-rc2", "pass"),
    ]
    builds = [paper.content["build"] for paper in team.papers(case, Paper.MODIFICATION_RECORD)]
    assert builds == ["V3.2.1-rc1", "V3.2.1-rc2"]
    assert "test round 2" in team.sees(LIN, case)


def test_a_failed_test_can_ask_for_a_new_analysis(team: Team) -> None:
    case = team.case(State.TESTING)
    told = team.told_by(lambda: team.usually(HE, Step.FAIL_TEST, case, next="analyze"))
    assert {ZHAO, WU} <= told
    assert "State Fault analysis" in team.sees(WU, case)
    team.advance(case, State.MODIFICATION)
    assert len(team.papers(case, Paper.ANALYSIS_REPORT)) == 2
    team.usually(ZHAO, Step.SUBMIT_MODIFICATION, case, build="V3.2.1-rc2")
    team.advance(case, State.CLOSED)


def test_a_test_with_a_failing_case_does_not_pass(team: Team) -> None:
    case = team.case(State.TESTING)
    refused = team.try_usually(HE, Step.PASS_TEST, case, cases="A | b | b | pass\nC | d | e | fail")
    assert refused.errors == {"cases": "Line 2 failed, so the test cannot pass. Record the failure instead."}
    team.person(HE).fill(cases="only words")
    assert "Line 1" in team.person(HE).submit().errors["cases"]
    assert team.state(case) is State.TESTING


def test_a_tester_who_modified_never_judges_the_build(team: Team) -> None:
    case = team.case(State.DECISION)
    team.usually(WU, Step.DECIDE_MODIFICATION, case, modifier=LIN)
    team.usually(LIN, Step.SUBMIT_MODIFICATION, case)
    for step in (Step.PASS_TEST, Step.FAIL_TEST):
        assert step not in team.buttons(LIN, case)
        assert YOUR_BUILD in team.refused(LIN, step, case)
    assert Step.PASS_TEST in team.inbox(HE)[-1].buttons, "the other tester gets the task"
    team.usually(HE, Step.PASS_TEST, case)


@pytest.mark.parametrize("place", ["testers", "modifier"])
def test_reassigning_does_not_let_the_modifier_judge(team: Team, place: str) -> None:
    """The modifier cannot become the tester, and may not judge after somebody else has become the modifier."""
    case = team.case(State.DECISION)
    team.usually(WU, Step.DECIDE_MODIFICATION, case, modifier=HE)
    team.usually(HE, Step.SUBMIT_MODIFICATION, case)
    if place == "testers":
        refused = team.attempt(HUANG, Step.REASSIGN, case, place="testers", person=HE)
        assert refused.errors == {"person": "The modifier of this build cannot be its tester."}
        team.person(HUANG).close_view()
    else:
        team.take(HUANG, Step.REASSIGN, case, place="modifier", person=ZHAO)
    assert YOUR_BUILD in team.refused(HE, Step.PASS_TEST, case)


def test_the_next_build_by_another_may_be_judged_by_the_former_modifier(team: Team) -> None:
    case = team.case(State.DECISION)
    team.usually(WU, Step.DECIDE_MODIFICATION, case, modifier=HE)
    team.usually(HE, Step.SUBMIT_MODIFICATION, case)
    team.usually(LIN, Step.FAIL_TEST, case)
    team.take(HUANG, Step.REASSIGN, case, place="modifier", person=ZHAO)
    assert Step.SUBMIT_MODIFICATION not in team.buttons(HE, case)
    team.usually(ZHAO, Step.SUBMIT_MODIFICATION, case, build="V3.2.1-rc2")
    team.usually(HE, Step.PASS_TEST, case)
    assert team.state(case) is State.MANUAL_UPDATE


def test_only_the_modifier_submits(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    for person in (WU, LIN, HE, HUANG):
        assert Step.SUBMIT_MODIFICATION not in team.buttons(person, case)
    assert "is not yours to do" in team.refused(WU, Step.SUBMIT_MODIFICATION, case)


def test_the_manual_update_needs_the_changed_text_or_a_reason(team: Team) -> None:
    case = team.case(State.MANUAL_UPDATE)
    form = team.open(LIN, Step.UPDATE_MANUAL, case)
    form.fill(needed="no")
    assert set(form.submit().errors) == {"no_reason"}
    form.fill(needed="yes")
    assert {"chapter", "change_type", "after"} <= set(form.submit().errors)
    form.fill(chapter="4.2", change_type="M", after="The logo is sharp", reviewed_by=HE)
    assert "V3.2.1" in str(form.opened().state["product_version"]), "the target version of the case is prefilled"
    told = team.told_by(form.submit)
    assert told == {WU}
    assert "State Awaiting release" in team.sees(WU, case)


def test_a_release_that_was_rolled_back_needs_a_new_build_and_a_new_test(team: Team) -> None:
    case = team.case(State.RELEASE)
    told = team.told_by(lambda: team.take(WU, Step.RECORD_RELEASE, case, **ROLLED_BACK))
    assert {CHEN, ZHAO} <= told
    assert "State Being modified" in team.sees(ZHAO, case)
    assert "Two customers cannot log in" in team.read(ZHAO)
    assert team.card(case).fixed_version is None
    team.usually(ZHAO, Step.SUBMIT_MODIFICATION, case, build="V3.2.1-rc2")
    assert "State Being tested" in team.sees(HE, case)
    assert "is not possible while the case is" in team.refused(WU, Step.RECORD_RELEASE, case)
    team.advance(case, State.CLOSED)
    assert team.card(case).test_round == 2
    assert len(team.papers(case, Paper.RELEASE_NOTE)) == 2


def test_a_release_needs_its_time_its_place_and_a_rollback_plan(team: Team) -> None:
    case = team.case(State.RELEASE)
    form = team.open(WU, Step.RECORD_RELEASE, case)
    form.fill(result="released")
    assert {"released_at", "where", "rollback_plan"} <= set(form.submit().errors)
    form.fill(**released(team.now + timedelta(hours=1)))
    assert form.submit().errors == {"released_at": "This moment lies in the future. Please choose when it happened."}
    form.fill(released_at=team.now - timedelta(minutes=5))
    assert form.submit().closed
    assert team.card(case).fixed_version == "V3.2.1"


def test_the_reply_form_asks_for_the_reply_alone_and_shows_version_and_cause(team: Team) -> None:
    case = team.case(State.REPLYING)
    form = team.open(CHEN, Step.REPLY_CUSTOMER, case)
    known = form.read(form.opened())
    assert "V3.2.1" in known
    assert "A number is too large for its column" in known
    assert set(form.opened().fields) == {"reply"}
    form.fill(reply="It is corrected with V3.2.1")
    assert form.submit().closed
    assert team.card(case).resolved_at is not None


def test_the_tester_of_the_case_is_notified_and_every_tester_may_judge(make_team: MakeTeam) -> None:
    team = make_team("en")
    case = team.case(State.MODIFICATION)
    told = team.told_by(lambda: team.usually(ZHAO, Step.SUBMIT_MODIFICATION, case))
    assert told == {LIN}
    assert {Step.PASS_TEST, Step.FAIL_TEST} <= team.buttons(HE, case)
    assert team.at(case, Place.TESTERS) == {LIN}
