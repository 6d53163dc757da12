"""What the steps change on a case: columns, records and marks (process.md §2 and §3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.workflow.context import Policy, Round
from bot.workflow.records import plain
from bot.workflow.situation import Audience, Mark
from storage.vocabulary import SHEETS, Basis, Kind, Paper, PaperStatus, Place, Severity, State, Step
from tests.support.decisions import AGREED, ANALYSIS, DAY, IN_ANALYSIS, LATER, TEST, outcome
from tests.support.workflow_cases import (
    CHEN_JING,
    HUANG_WEI,
    LIN_XIAOYU,
    NOW,
    OFFICE_HOURS,
    SUN_LI,
    WU_GANG,
    ZHAO_LEI,
    ZHOU_MIN,
    a_case,
    a_fault,
    master,
    situation,
)

BUILT = Round("b1", ZHAO_LEI)
PASSED = Round("b1", ZHAO_LEI, passed=True)


@pytest.mark.parametrize(
    ("raw", "kind", "to"),
    [
        ({"is_requirement": "yes", "new_business": "OFD 导出"}, Kind.REQUIREMENT, State.SHEET_DRAFTING),
        (
            {"is_requirement": "no", "is_fault": "yes", "symptom_kind": "hang"},
            Kind.FAULT,
            State.SHEET_DRAFTING,
        ),
        ({"is_requirement": "no", "is_fault": "no"}, Kind.QUESTION, State.ANSWERING),
    ],
)
def test_triage_sets_the_kind_and_the_next_state(raw: dict[str, str], kind: Kind, to: State) -> None:
    done = outcome(Step.TRIAGE, situation(WU_GANG, a_case()), **raw)
    assert (done.changes["kind"], done.to, done.places) == (kind, to, {})


def test_a_service_manager_who_acts_takes_a_case_that_nobody_has() -> None:
    raw: dict[str, Any] = {"is_requirement": "no", "is_fault": "no"}
    mine = outcome(Step.TRIAGE, situation(CHEN_JING, a_case()), **raw)
    assert mine.places == {Place.SERVICE_MANAGER: frozenset({CHEN_JING})}
    theirs = a_case(places={Place.SERVICE_MANAGER: frozenset({ZHOU_MIN})})
    assert outcome(Step.TRIAGE, situation(CHEN_JING, theirs), **raw).places == {}


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (1, ()),
        (2, (Audience.TECHNICIANS,)),
        (3, (Audience.TECHNICIANS, Audience.CENTER_MANAGER)),
    ],
)
def test_each_dissatisfied_round_notifies_more_people(number: int, told: tuple[Audience, ...]) -> None:
    s = situation(CHEN_JING, a_case(State.ANSWER_CONFIRMING, kind=Kind.QUESTION, answer_round=number))
    done = outcome(Step.RECORD_VERDICT, s, satisfied="no", dissatisfied_reason="不清楚", evidence="电话")
    assert (done.to, done.notifies, done.papers[0].content["round"]) == (State.ANSWERING, told, number)
    assert outcome(Step.RECORD_VERDICT, s, satisfied="yes", evidence="电话", score="5").changes == {"closed_at": NOW}


def test_a_draft_is_submitted_and_its_drafter_is_recorded() -> None:
    s = situation(CHEN_JING, a_case(State.SHEET_DRAFTING, kind=Kind.REQUIREMENT))
    done = outcome(Step.DRAFT_SHEET, s, new_business="OFD", current_gap="no OFD")
    assert done.changes == {"sheet_drafter": CHEN_JING}
    assert (done.papers[0].paper, done.papers[0].status) == (Paper.REQUIREMENT_SHEET, PaperStatus.SUBMITTED)


def test_a_signed_requirement_is_handed_over_and_development_is_notified() -> None:
    s = situation(HUANG_WEI, a_case(State.SHEET_SIGNING, kind=Kind.REQUIREMENT, sheet_drafter=CHEN_JING))
    done = outcome(Step.SIGN_SHEET, s, dev_owner=ZHAO_LEI, dev_ref="DEV-117")
    assert (done.to, done.signs, done.changes) == (State.HANDED_OVER, True, {"closed_at": NOW})
    assert Audience.DEVELOPMENT in done.notifies


def test_a_returned_sheet_is_kept_as_returned() -> None:
    s = situation(HUANG_WEI, a_case(State.SHEET_SIGNING, kind=Kind.FAULT))
    done = outcome(Step.RETURN_SHEET, s, reason="影响哪些省份?")
    assert (done.to, done.marks) == (State.SHEET_DRAFTING, (Mark((Paper.FAULT_SHEET,), PaperStatus.RETURNED),))


@pytest.mark.parametrize(("step", "state"), [(Step.REJECT_SHEET, "sheet_signing"), (Step.RECLASSIFY, "analysis")])
def test_a_case_of_the_wrong_kind_returns_to_triage_and_its_sheet_becomes_void(step: Step, state: str) -> None:
    done = outcome(step, situation(HUANG_WEI, a_fault(State(state), in_discussion=True)), reason="不是故障")
    assert done.to is State.TRIAGE
    assert done.changes["kind"] is None
    assert not done.changes["report_published"]
    assert Mark(SHEETS, PaperStatus.VOID) in done.marks


def test_publishing_records_the_severity_with_its_deadline() -> None:
    done = outcome(Step.PUBLISH_ANALYSIS, situation(WU_GANG, IN_ANALYSIS), **ANALYSIS)
    assert done.to is State.DECISION
    assert done.changes["deadline_at"] == done.changes["first_deadline_at"] == NOW + DAY
    assert [new.paper for new in done.papers] == [Paper.ANALYSIS_REPORT, Paper.FAULT_RECORD]
    assert not {"severity", "deadline_at"} & set(done.papers[0].content)


def test_a_case_under_negotiation_stays_in_analysis() -> None:
    raw: dict[str, Any] = {**ANALYSIS, "severity": "severe", "deadline_basis": "negotiating"}
    done = outcome(Step.PUBLISH_ANALYSIS, situation(WU_GANG, IN_ANALYSIS), **raw)
    assert (done.to, done.changes) == (None, {"negotiating": True})
    assert done.papers[0].status is PaperStatus.DRAFT


def test_a_general_fault_takes_the_products_default_deadline() -> None:
    case = replace(IN_ANALYSIS, default_days=5)
    raw: dict[str, Any] = {**ANALYSIS, "severity": "general", "deadline_basis": "default"}
    done = outcome(Step.PUBLISH_ANALYSIS, situation(WU_GANG, case, policy=Policy(calendar=OFFICE_HOURS)), **raw)
    # Reported on Friday 2026-11-20. The fifth working day after it ends on the next Friday at 18:00.
    assert done.changes["deadline_at"] == done.changes["first_deadline_at"] == datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert "default_days" not in done.changes
    assert done.papers[1].content["default_days"] == 5, "the calculation is stored"
    none = outcome(Step.PUBLISH_ANALYSIS, situation(WU_GANG, case), **{**raw, "deadline_basis": "none"})
    assert (none.changes["deadline_at"], none.changes["deadline_basis"]) == (None, Basis.NONE)


@pytest.mark.parametrize("basis", ["none", "default"])
def test_publishing_again_as_general_keeps_the_promised_deadline(basis: str) -> None:
    promised: dict[str, Any] = {"deadline_at": NOW + DAY, "deadline_basis": Basis.CUSTOMER_STIPULATED}
    case = replace(IN_ANALYSIS, severity=Severity.GENERAL, default_days=9, **promised)
    raw: dict[str, Any] = {**ANALYSIS, "severity": "general", "deadline_basis": basis, "deadline_at": LATER}
    done = outcome(Step.PUBLISH_ANALYSIS, situation(WU_GANG, case), **raw)
    assert not {"deadline_at", "deadline_basis", "first_deadline_at"} & set(done.changes)


def test_lowering_the_severity_keeps_the_deadline_and_raising_it_sets_a_new_one() -> None:
    case = a_fault(State.TESTING, deadline_basis=Basis.NEGOTIATED)
    lowered = outcome(Step.CHANGE_SEVERITY, situation(HUANG_WEI, case), severity="general", reason="r")
    assert lowered.changes == {"severity": Severity.GENERAL}
    raw: dict[str, Any] = {
        "severity": "very_severe",
        "reason": "r",
        "deadline_basis": "customer_stipulated",
        "deadline_at": LATER,
    }
    raised = outcome(Step.CHANGE_SEVERITY, situation(WU_GANG, case), **raw, **AGREED).changes
    assert (raised["deadline_at"], raised["first_deadline_at"]) == (NOW + DAY, case.first_deadline_at)


@pytest.mark.parametrize(
    ("before", "after"),
    [(Basis.NONE, Basis.NEGOTIATED), (Basis.DEFAULT, Basis.NEGOTIATED), (Basis.CUSTOMER_STIPULATED, None)],
)
def test_a_moved_deadline_keeps_the_first_one(before: Basis, after: Basis | None) -> None:
    case = a_fault(State.TESTING, deadline_basis=before)
    s = situation(CHEN_JING, case)
    changes = outcome(Step.CHANGE_DEADLINE, s, deadline_at=LATER, reason="r", **AGREED).changes
    assert (changes["deadline_at"], changes["first_deadline_at"]) == (NOW + DAY, case.first_deadline_at)
    assert changes.get("deadline_basis") is after


def test_deciding_names_the_modifier_or_the_owner() -> None:
    s = situation(WU_GANG, a_fault(State.DECISION))
    yes = outcome(Step.DECIDE_MODIFICATION, s, modification_needed="yes", modifier=SUN_LI, target_version="V3.2.1")
    no = outcome(Step.DECIDE_MODIFICATION, s, modification_needed="no", handling_kind="data", owner=LIN_XIAOYU)
    assert (yes.to, yes.places) == (State.MODIFICATION, {Place.MODIFIER: frozenset({SUN_LI}), Place.OWNER: frozenset()})
    assert (no.to, no.places) == (State.HANDLING, {Place.OWNER: frozenset({LIN_XIAOYU}), Place.MODIFIER: frozenset()})


def test_a_new_build_counts_as_untested() -> None:
    s = situation(ZHAO_LEI, a_fault(State.MODIFICATION, round=PASSED))
    raw: dict[str, Any] = {
        "change": "c",
        "modules": "m",
        "build": "b2",
        "self_check": "ok",
        "effort_hours": "3",
    }
    assert outcome(Step.SUBMIT_MODIFICATION, s, **raw).changes == {"round": Round("b2", ZHAO_LEI)}


@pytest.mark.parametrize(("after", "to"), [("modify", State.MODIFICATION), ("analyze", State.ANALYSIS)])
def test_a_failed_test_leads_to_modification_or_analysis(after: str, to: State) -> None:
    raw: dict[str, Any] = {**TEST, "cases": "a|b|c|fail", "actual": "c", "fail_reason": "r", "next": after}
    s = situation(LIN_XIAOYU, a_fault(State.TESTING, round=BUILT, test_round=2))
    done = outcome(Step.FAIL_TEST, s, **raw)
    assert (done.to, done.changes["test_round"], done.changes["round"]) == (to, 3, BUILT)
    assert ("report_published" in done.changes) is (to is State.ANALYSIS)


def test_a_passed_test_marks_the_build_as_passed() -> None:
    s = situation(LIN_XIAOYU, a_fault(State.TESTING, round=BUILT))
    done = outcome(Step.PASS_TEST, s, **TEST, cases="a|b|b|pass")
    assert (done.to, done.changes) == (State.MANUAL_UPDATE, {"test_round": 1, "round": PASSED})
    assert done.papers[0].content["conclusion"] == "pass"


def test_a_rolled_back_release_needs_a_new_test() -> None:
    s = situation(WU_GANG, a_fault(State.RELEASE, round=PASSED))
    done = outcome(Step.RECORD_RELEASE, s, result="rolled_back", reason="启动失败")
    assert (done.to, done.changes) == (State.MODIFICATION, {"round": BUILT})
    raw: dict[str, Any] = {
        "result": "released",
        "version": "V3.2.1",
        "released_at": int(NOW.timestamp()),
        "where": "安徽",
    }
    released = outcome(Step.RECORD_RELEASE, s, **raw, rollback_plan="回退到 V3.2")
    assert (released.to, released.changes) == (State.REPLYING, {"fixed_version": "V3.2.1"})


def test_the_reply_stops_the_clock_and_a_rejected_fix_starts_it_again() -> None:
    replied = outcome(Step.REPLY_CUSTOMER, situation(CHEN_JING, a_fault(State.REPLYING)), reply="已修复")
    assert replied.changes == {"resolved_at": NOW, "deadline_when_resolved": NOW + 3 * DAY}
    case = a_fault(State.FIX_CONFIRMING, resolved_at=NOW, reopen_count=1, round=PASSED)
    rejected = outcome(Step.REJECT_FIX, situation(CHEN_JING, case), reason="仍出错", evidence="电话")
    begun = {"resolved_at": None, "deadline_when_resolved": None, "fixed_version": None}
    undone = {**begun, "reopen_count": 2, "report_published": False, "round": BUILT}
    assert (rejected.to, rejected.changes) == (State.ANALYSIS, undone)


def test_closing_a_fault_completes_its_record() -> None:
    s = situation(CHEN_JING, a_fault(State.FIX_CONFIRMING, resolved_at=NOW, deadline_when_resolved=NOW + DAY))
    papers = outcome(Step.CONFIRM_FIX, s, evidence="邮件", score="4").papers
    assert [new.paper for new in papers] == [Paper.CLOSE_NOTE, Paper.FAULT_RECORD]
    said = {"closed_at": NOW.isoformat(), "evidence": "邮件", "score": "4", "resolved_at": NOW.isoformat()}
    counted = {"on_time": True, "on_time_at_first": True, "moved_count": 0, "reopen_count": 0}
    assert papers[1].content == {**said, **counted}
    assert papers[1].carries_on


def test_a_question_reopened_is_answered_again() -> None:
    s = situation(CHEN_JING, a_case(State.CLOSED, kind=Kind.QUESTION, closed_at=NOW))
    done = outcome(Step.REOPEN, s, reason="r")
    assert (done.to, done.changes["closed_at"], done.changes["reopen_count"]) == (State.ANSWERING, None, 1)


def test_undoing_a_merge_restores_the_earlier_state() -> None:
    s = situation(CHEN_JING, a_fault(State.TESTING), master=master())
    merged = outcome(Step.MERGE_DUPLICATE, s, master="F-3", reason="same")
    assert (merged.to, merged.changes) == (State.DUPLICATE, {"earlier_state": State.TESTING, "master_id": 3})
    duplicate = a_fault(State.DUPLICATE, earlier_state=State.TESTING)
    undone = outcome(Step.UNDO_MERGE, situation(HUANG_WEI, duplicate), reason="differs")
    assert undone.to is State.TESTING


def test_withdrawing_voids_the_signed_sheet() -> None:
    done = outcome(Step.WITHDRAW, situation(SUN_LI, a_fault(State.TESTING)), reason="r")
    assert (done.to, done.marks) == (State.WITHDRAWN, (Mark(SHEETS, PaperStatus.VOID),))


@pytest.mark.parametrize(
    ("stops", "basis", "moved"),
    [
        (True, Basis.NEGOTIATED, DAY),
        (True, Basis.CUSTOMER_STIPULATED, None),
        (False, Basis.NEGOTIATED, None),
    ],
)
def test_a_hold_moves_a_negotiated_deadline_by_setting_but_never_a_stipulated_one(
    stops: bool, basis: Basis, moved: timedelta | None
) -> None:
    case = a_fault(State.TESTING, on_hold=True, hold_since=NOW - DAY, deadline_basis=basis)
    done = outcome(Step.RESUME, situation(CHEN_JING, case, policy=Policy(hold_stops_clock=stops)))
    assert case.deadline_at is not None
    assert done.changes.get("deadline_at") == (case.deadline_at + moved if moved else None)
    assert done.changes["on_hold"] is False


def test_a_hold_moves_a_default_deadline_by_the_working_time_on_hold() -> None:
    """The hold lasts from Friday 06:00 to Sunday 06:00, which contains nine working hours."""
    friday, held = datetime(2026, 11, 27, 18, tzinfo=UTC), NOW - 2 * DAY
    case = a_fault(
        State.TESTING, on_hold=True, hold_since=held, deadline_basis=Basis.DEFAULT, deadline_at=friday, reported_at=held
    )
    policy = Policy(hold_stops_clock=True, calendar=OFFICE_HOURS)
    done = outcome(Step.RESUME, situation(CHEN_JING, case, policy=policy))
    assert done.changes["deadline_at"] == datetime(2026, 11, 30, 18, tzinfo=UTC)


def test_a_discussion_is_called_and_closed_with_minutes() -> None:
    s = situation(WU_GANG, IN_ANALYSIS)
    called = outcome(Step.CALL_DISCUSSION, s, invitees=[ZHAO_LEI], question="为何?")
    closed = replace(s, case=replace(IN_ANALYSIS, in_discussion=True))
    assert called.changes == {"in_discussion": True}
    assert outcome(Step.CLOSE_DISCUSSION, closed, outcome="字段过窄").papers[0].paper is Paper.MINUTES


def test_records_are_plain_json() -> None:
    assert plain({"at": NOW, "who": (WU_GANG,), "none": None}) == {"at": NOW.isoformat(), "who": [WU_GANG]}
