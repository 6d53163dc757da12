"""Decisions of the workflow rules on single steps, and complete answers to the longer forms."""

from datetime import timedelta
from typing import Any

import pytest

from bot.workflow.decide import decide
from bot.workflow.refusal import Problem, Refusal, Refused
from bot.workflow.situation import Outcome, Situation
from storage.vocabulary import State, Step
from tests.support.workflow_cases import LIN_XIAOYU, NOW, WU_GANG, a_fault

DAY = timedelta(days=1)
LATER = str(int((NOW + DAY).timestamp()))
AGREED: dict[str, Any] = {
    "deadline_contact": "孙丽",
    "deadline_agreed_at": int(NOW.timestamp()),
    "deadline_evidence": "电话",
}
ANALYSIS: dict[str, Any] = {
    "analysts": [LIN_XIAOYU, WU_GANG],
    "reproduced": "yes",
    "direct_cause": "Column too narrow 字段过窄",
    "root_cause": "No review 未评审",
    "cause_class": "code",
    "module": "Rating",
    "versions": "V3.2",
    "measure": "Widen 扩字段",
    "modification_proposed": "yes",
    "prevention": "Review 评审",
    "effort_hours": "2",
    "severity": "very_severe",
    "severity_reason": "Rating stands still",
    "deadline_basis": "customer_stipulated",
    "deadline_at": LATER,
    **AGREED,
}
TEST: dict[str, Any] = {"build": "b1", "regression": "批价", "environment": "test2", "effort_hours": "1"}
IN_ANALYSIS = a_fault(State.ANALYSIS, report_published=False, severity=None, deadline_at=None, first_deadline_at=None)


def outcome(step: Step, s: Situation, **raw: Any) -> Outcome:
    """What the step does. Fails if it is refused."""
    return decide(step, s, raw).outcome


def refused(step: Step, s: Situation, **raw: Any) -> dict[str | None, Refusal]:
    """Why the step is refused, by field. Fails if it is allowed."""
    with pytest.raises(Refused) as caught:
        decide(step, s, raw)
    assert all(isinstance(problem, Problem) for problem in caught.value.problems)
    return {problem.field: problem.refusal for problem in caught.value.problems}
