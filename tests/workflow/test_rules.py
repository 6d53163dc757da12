"""Single rules of process.md with an example each: what is refused, where, and why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.workflow import merging_refusals, moment_refusals
from bot.workflow import refusals as no
from bot.workflow.context import CaseContext, Round
from bot.workflow.decide import permission
from bot.workflow.delivery_refusals import CustomerNotReached, WordsUnderWay
from bot.workflow.fields import FORMS
from bot.workflow.refusal import Refusal
from bot.workflow.refusals import MovedOn
from storage.vocabulary import Kind, Role, Severity, State, Step
from tests.support.decisions import AGREED, ANALYSIS, DAY, IN_ANALYSIS, TEST, outcome, refused
from tests.support.workflow_cases import (
    ADMIN,
    CHEN_JING,
    HE_QING,
    HUANG_WEI,
    LIN_XIAOYU,
    NOW,
    REPORTED,
    SUN_LI,
    WU_GANG,
    ZHAO_LEI,
    a_case,
    a_fault,
    master,
    situation,
)


def test_a_step_in_the_wrong_state_is_refused_with_step_and_state() -> None:
    problems = refused(Step.ANSWER, situation(CHEN_JING, a_case(State.TESTING)))
    assert problems == {None: no.NotNow(Step.ANSWER, State.TESTING)}


def test_a_step_of_another_role_is_refused_with_that_role() -> None:
    problems = refused(Step.ANSWER, situation(WU_GANG, a_case(State.ANSWERING)))
    assert problems == {None: no.NotYours(Step.ANSWER, (Role.SERVICE_MANAGER,))}


def test_all_problems_of_a_form_are_reported_at_once() -> None:
    problems = refused(Step.ANSWER, situation(CHEN_JING, a_case(State.ANSWERING)), effort_hours="soon")
    assert problems == {"answer": no.Missing(), "category": no.Missing(), "effort_hours": no.NotANumber()}


def test_only_a_technician_is_consulted() -> None:
    s = situation(CHEN_JING, a_case(State.ANSWERING, kind=Kind.QUESTION))
    raw: dict[str, Any] = {"answer": "续期步骤", "category": "certificate", "effort_hours": "1"}
    assert refused(Step.ANSWER, s, **raw, consulted=SUN_LI) == {"consulted": no.NotOfRole((Role.TECHNICIAN,))}
    assert outcome(Step.ANSWER, s, **raw, consulted=WU_GANG).papers
    assert outcome(Step.ANSWER, s, **raw).papers


def test_signing_a_fault_sheet_names_a_tester_and_a_technician() -> None:
    s = situation(HUANG_WEI, a_case(State.SHEET_SIGNING, kind=Kind.FAULT, sheet_drafter=CHEN_JING))
    assert set(refused(Step.SIGN_SHEET, s)) == {"testers", "technicians"}
    wrong = refused(Step.SIGN_SHEET, s, testers=[LIN_XIAOYU, WU_GANG], technicians=[WU_GANG, ADMIN])
    assert wrong == {"testers": no.NotOfRole((Role.TESTER,)), "technicians": no.NotOfRole((Role.TECHNICIAN,))}


def test_a_very_severe_fault_is_not_published_without_the_customers_time() -> None:
    """Acceptance scenario 4."""
    raw: dict[str, Any] = {code: value for code, value in ANALYSIS.items() if not code.startswith("deadline_")}
    assert refused(Step.PUBLISH_ANALYSIS, situation(WU_GANG, IN_ANALYSIS), **raw) == {
        "deadline_basis": moment_refusals.DeadlineMissing()
    }


def test_the_analysts_are_persons_named_on_the_case() -> None:
    raw: dict[str, Any] = {**ANALYSIS, "analysts": [LIN_XIAOYU, HE_QING]}
    assert refused(Step.PUBLISH_ANALYSIS, situation(WU_GANG, IN_ANALYSIS), **raw) == {"analysts": no.NotAnAnalyst()}


def test_a_deadline_that_is_past_is_refused() -> None:
    for early in (NOW, NOW - DAY, REPORTED - DAY):
        raw: dict[str, Any] = {**ANALYSIS, "deadline_at": int(early.timestamp())}
        problems = refused(Step.PUBLISH_ANALYSIS, situation(WU_GANG, IN_ANALYSIS), **raw)
        assert problems == {"deadline_at": moment_refusals.NotInFuture()}


def test_the_deadline_in_force_is_refused_as_a_new_one() -> None:
    case = a_fault(State.TESTING)
    assert case.deadline_at is not None
    raw: dict[str, Any] = {"deadline_at": int(case.deadline_at.timestamp()), "reason": "r", **AGREED}
    assert refused(Step.CHANGE_DEADLINE, situation(CHEN_JING, case), **raw) == {
        "deadline_at": moment_refusals.SameDeadline()
    }


def test_a_test_with_a_failed_case_cannot_pass() -> None:
    s = situation(LIN_XIAOYU, a_fault(State.TESTING, round=Round("b1", ZHAO_LEI)))
    lines = "登录 | 令牌 | 令牌 | 通过\n导出 | 文件 | 无 | 不通过"
    assert refused(Step.PASS_TEST, s, **TEST, cases=lines) == {"cases": no.CaseFailed(2)}


def test_a_hold_that_would_not_end_in_the_future_is_refused() -> None:
    s = situation(CHEN_JING, a_case())
    for until in (NOW, NOW - DAY):
        raw: dict[str, Any] = {"kind": "vendor", "reason": "r", "until": int(until.timestamp())}
        assert refused(Step.HOLD, s, **raw) == {"until": moment_refusals.NotInFuture()}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (None, no.NoSuchCase("F-3")),
        (master(id=7), merging_refusals.MasterIsSelf()),
        (master(state=State.DUPLICATE), merging_refusals.MasterIsDuplicate("F-3")),
        (master(product="Report Center"), merging_refusals.MasterOfOtherProduct("F-3")),
    ],
)
def test_a_master_is_another_case_of_the_same_product_and_no_duplicate(other: Any, why: Refusal) -> None:
    s = situation(CHEN_JING, a_case(), master=other)
    assert refused(Step.MERGE_DUPLICATE, s, master="F-3", reason="r") == {"master": why}


def _waited(reminders: int, days: float, **changes: Any) -> CaseContext:
    waiting: dict[str, Any] = {
        "unanswered_reminders": reminders,
        "waiting_since": NOW - days * DAY,
        "resolved_at": NOW - days * DAY,
    }
    return a_fault(State.FIX_CONFIRMING, **{**waiting, **changes})


def test_closing_unanswered_needs_three_reminders_in_seven_days() -> None:
    for case in (_waited(2, 30), _waited(9, 6.9), _waited(3, 7, waiting_since=None)):
        assert permission(Step.CLOSE_UNANSWERED, situation(HUANG_WEI, case)) == no.NotRemindedEnough(3, 7)
    assert outcome(Step.CLOSE_UNANSWERED, situation(HUANG_WEI, _waited(3, 7))).to is State.CLOSED
    unreached = _waited(3, 7, undelivered=9)
    assert permission(Step.CLOSE_UNANSWERED, situation(HUANG_WEI, unreached)) == CustomerNotReached()
    under_way = _waited(3, 7, words_under_way=True)
    assert permission(Step.CLOSE_UNANSWERED, situation(HUANG_WEI, under_way)) == WordsUnderWay()
    very = _waited(9, 99, severity=Severity.VERY_SEVERE)
    assert permission(Step.CLOSE_UNANSWERED, situation(HUANG_WEI, very)) == no.VerySevereStaysOpen()


def test_a_case_is_reopened_within_thirty_days() -> None:
    in_time = a_fault(State.CLOSED, closed_at=NOW - 30 * DAY)
    assert outcome(Step.REOPEN, situation(CHEN_JING, in_time), reason="again").to is State.ANALYSIS
    for closed in (NOW - 30 * DAY - timedelta(seconds=1), None):
        late = situation(CHEN_JING, replace(in_time, closed_at=closed))
        assert permission(Step.REOPEN, late) == no.ReopenTooLate(30)


def test_a_case_has_its_number() -> None:
    assert a_fault(State.TESTING).number == "F-7"


def test_a_refusal_has_a_sentence_and_the_words_to_fill_in() -> None:
    assert MovedOn.sentence() == "This case has moved on; it is now %(state)s."
    assert MovedOn(State.CLOSED).words() == {"state": State.CLOSED}
    assert not FORMS[Step.RESUME]
