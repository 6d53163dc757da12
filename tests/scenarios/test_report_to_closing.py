"""The fault path from report to closing, by signed requests."""

from datetime import timedelta

from storage.vocabulary import State, Step
from tests.support.team import CHEN, HE, HUANG, LIN, WU, ZHAO, Team


def test_a_very_severe_fault_runs_to_its_end(team: Team) -> None:
    case = team.report(CHEN)
    assert team.state(case) is State.TRIAGE
    team.take(LIN, Step.TRIAGE, case, is_requirement="no", is_fault="yes", symptom_kind="exit")
    team.take(CHEN, Step.DRAFT_SHEET, case, symptom="It exits", impact="No bills")
    team.take(HUANG, Step.SIGN_SHEET, case, testers=[LIN], technicians=[WU])
    deadline = team.now + timedelta(hours=4)
    team.take(
        WU,
        Step.PUBLISH_ANALYSIS,
        case,
        analysts=[WU, LIN],
        reproduced="yes",
        direct_cause="Overflow",
        root_cause="Column too small",
        cause_class="code",
        module="Rating",
        versions="V3.2",
        measure="Widen the column",
        modification_proposed="yes",
        prevention="Check sizes",
        effort_hours="2",
        severity="very_severe",
        severity_reason="No bills are made",
        deadline_basis="customer_stipulated",
        deadline_at=deadline,
        deadline_contact="Sun Li",
        deadline_agreed_at=team.now - timedelta(minutes=1),
        deadline_evidence="Phone call",
    )
    assert team.state(case) is State.DECISION
    team.take(WU, Step.DECIDE_MODIFICATION, case, modification_needed="yes", modifier=ZHAO, target_version="V3.2.1")
    team.pass_time(timedelta(hours=2, minutes=5))
    assert "acknowledge" in team.inbox(WU)[-1].buttons
    team.take(
        ZHAO,
        Step.SUBMIT_MODIFICATION,
        case,
        change="Widened",
        modules="rating.sql",
        build="V3.2.1-rc1",
        self_check="Ran",
        effort_hours="3",
    )
    team.take(
        HE,
        Step.PASS_TEST,
        case,
        cases="Rate a long call | rated | rated | pass",
        regression="Rating",
        environment="Test system",
        effort_hours="1",
    )
    team.take(LIN, Step.UPDATE_MANUAL, case, needed="no", no_reason="Nothing visible")
    team.take(
        WU,
        Step.RECORD_RELEASE,
        case,
        result="released",
        version="V3.2.1",
        released_at=team.now - timedelta(minutes=1),
        where="Production",
        rollback_plan="Restore",
    )
    team.take(CHEN, Step.REPLY_CUSTOMER, case, reply="It is fixed with V3.2.1")
    team.take(CHEN, Step.CONFIRM_FIX, case, evidence="Mail", score="5")
    assert team.state(case) is State.CLOSED
    team.settle()
    assert not team.workspace.app_bugs
