"""Deadlines over the whole space: paths, severities, bases and steps (rule 2.4), holds and changes (§3.5).

Both properties compare the rules with a reference that is written here and shares nothing with them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.workflow.context import CaseContext, Policy
from bot.workflow.deadlines import still_due
from bot.workflow.decide import available, decide
from bot.workflow.lateness import in_force, on_time, on_time_at_first, overdue
from bot.workflow.refusal import Refused
from bot.workflow.situation import Situation
from storage.vocabulary import OPEN_STATES, SEVERITY_ORDER, Basis, Rule, Severity, State, Step
from tests.support.decisions import AGREED, ANALYSIS, TEST, refused
from tests.support.property_examples import examples
from tests.support.workflow_cases import (
    CHEN_JING,
    HUANG_WEI,
    LIN_XIAOYU,
    NOW,
    OFFICE_HOURS,
    WU_GANG,
    a_fault,
    situation,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: The ways back to analysis: state, step, who takes it, answers, and whether a deadline that has passed ends with it.
WAYS: dict[str, tuple[State, Step, str, dict[str, Any], bool]] = {
    "reanalyze": (State.DECISION, Step.REANALYZE, WU_GANG, {"reason": "r"}, False),
    "reanalyze_handling": (State.HANDLING, Step.REANALYZE, WU_GANG, {"reason": "r"}, False),
    "fail_test": (
        State.TESTING,
        Step.FAIL_TEST,
        LIN_XIAOYU,
        {**TEST, "cases": "a|b|c|fail", "actual": "c", "fail_reason": "r", "next": "analyze"},
        False,
    ),
    "reject_fix": (State.FIX_CONFIRMING, Step.REJECT_FIX, CHEN_JING, {"reason": "r", "evidence": "e"}, True),
    "reopen": (State.CLOSED, Step.REOPEN, CHEN_JING, {"reason": "r"}, True),
}
BASES = {
    Severity.VERY_SEVERE: (Basis.CUSTOMER_STIPULATED, Basis.INTERNAL),
    Severity.SEVERE: (Basis.NEGOTIATED, Basis.INTERNAL),
    Severity.GENERAL: (Basis.NONE, Basis.DEFAULT, Basis.NEGOTIATED, Basis.CUSTOMER_STIPULATED),
}
SPACE = [
    (way, severity, basis, ahead, again)
    for way, severity in product(WAYS, Severity)
    for basis, ahead, again in product(BASES[severity], (True, False), Severity)
]
_REPORT = {code: value for code, value in ANALYSIS.items() if not code.startswith("deadline_")}
_NAMED = {"deadline_at": int((NOW + 9 * DAY).timestamp()), **AGREED}


def after(s: Situation, step: Step, raw: dict[str, Any]) -> CaseContext:
    """The case after a step."""
    outcome = decide(step, s, raw).outcome
    known = set(CaseContext.__dataclass_fields__)
    changes = {name: value for name, value in outcome.changes.items() if name in known}
    return replace(s.case, **changes, state=outcome.to or s.case.state)


@pytest.mark.parametrize(("way", "severity", "basis", "ahead", "again"), SPACE)
def test_a_deadline_survives_each_way_back_to_analysis(
    way: str, severity: Severity, basis: Basis, ahead: bool, again: Severity
) -> None:
    state, step, who, raw, ends = WAYS[way]
    deadline = None if basis is Basis.NONE else NOW + DAY if ahead else NOW - HOUR
    resolved = {"resolved_at": NOW - 2 * HOUR, "deadline_when_resolved": deadline} if ends else {}
    case = a_fault(
        state,
        severity,
        has_customer=basis is not Basis.INTERNAL,
        deadline_at=deadline,
        first_deadline_at=deadline,
        deadline_basis=basis,
        default_days=3,
        closed_at=NOW,
        **resolved,
    )
    back = after(situation(who, case), step, raw)
    expected = None if ends and not ahead else deadline
    assert (back.state, back.deadline_at, back.resolved_at) == (State.ANALYSIS, expected, None)
    assert overdue(back, Policy(), NOW) is (expected is not None and not ahead)
    assert back.first_deadline_at == deadline
    if not overdue(back, Policy(), NOW) and expected is None:
        assert not still_due(Rule.OVERDUE, back, Policy())
    assert (Step.CHANGE_DEADLINE in available(situation(CHEN_JING, back))) is (expected is not None)
    publishes_again(back, severity, again, expected)


def publishes_again(case: CaseContext, before: Severity, severity: Severity, kept: datetime | None) -> None:
    """Assert what publishing asks, and which deadline is in force then."""
    s = situation(HUANG_WEI, case)
    s = replace(s, case=replace(case, places={**case.places, **dict.fromkeys(case.places, frozenset({HUANG_WEI}))}))
    raw = {**_REPORT, "analysts": [HUANG_WEI], "severity": severity}
    higher = SEVERITY_ORDER.index(severity) > SEVERITY_ORDER.index(before)
    if kept is not None and not higher:
        published = after(s, Step.PUBLISH_ANALYSIS, {**raw, "deadline_basis": "negotiated", **_NAMED})
        assert (published.deadline_at, published.deadline_basis) == (kept, case.deadline_basis)
        return
    assert set(refused(Step.PUBLISH_ANALYSIS, s, **raw)) == {"deadline_basis"}
    basis = BASES[severity][0]
    published = after(s, Step.PUBLISH_ANALYSIS, {**raw, "deadline_basis": basis, **_NAMED})
    asked = None if basis is Basis.NONE else NOW + 9 * DAY
    assert (published.deadline_at, published.deadline_basis) == (asked, basis)
    assert published.first_deadline_at == (case.first_deadline_at or asked)


def test_a_default_deadline_after_a_reopening_does_not_lie_in_the_past() -> None:
    case = a_fault(
        State.ANALYSIS, Severity.GENERAL, deadline_at=None, default_days=1, reopen_count=1, report_published=False
    )
    raw = {**_REPORT, "severity": "general", "deadline_basis": "default"}
    s = situation(WU_GANG, case, policy=Policy(calendar=OFFICE_HOURS))
    outcome = decide(Step.PUBLISH_ANALYSIS, s, raw).outcome
    assert outcome.changes["deadline_at"] == datetime(2026, 11, 23, 18, tzinfo=NOW.tzinfo)
    row = outcome.papers[1].content
    assert (row["default_since"], row["default_days"], row["deadline_contact"]) == (NOW.isoformat(), 1, None)


@pytest.mark.parametrize("state", State)
def test_only_an_open_unresolved_case_is_overdue(state: State) -> None:
    late = a_fault(state, deadline_at=NOW - HOUR)
    assert overdue(late, Policy(), NOW) is (state in OPEN_STATES)
    assert not overdue(replace(late, resolved_at=NOW), Policy(), NOW)
    assert not overdue(replace(late, deadline_at=NOW), Policy(), NOW), "the very moment is on time"


def test_on_time_is_judged_against_the_deadline_when_it_was_resolved() -> None:
    late = a_fault(State.FIX_CONFIRMING, resolved_at=NOW, deadline_when_resolved=NOW - HOUR, deadline_at=NOW + DAY)
    assert (on_time(late, Policy(), NOW), on_time_at_first(late, Policy(), NOW)) == (False, True)
    free = replace(late, deadline_when_resolved=None)
    assert (on_time(free, Policy(), NOW), on_time_at_first(free, Policy(), NOW)) == (None, None)


# ---- §3.5 --------------------------------------------------------------------------------------------------


@dataclass
class Reference:
    """The clock of a deadline, kept as the time that is left: it runs down unless a hold stops it."""

    left: timedelta | None
    basis: Basis
    stops: bool
    held: bool = False

    def passes(self, by: timedelta) -> None:
        if self.left is not None and not self.stopped:
            self.left -= by

    @property
    def stopped(self) -> bool:
        return self.stops and self.held and self.basis is not Basis.CUSTOMER_STIPULATED and self.left is not None

    @property
    def late(self) -> bool:
        return self.left is not None and self.left < timedelta() and not self.stopped


@dataclass
class Watched:
    """A fault that awaits the reply or its confirmation, with its reference. Each method is one act by the rules."""

    case: CaseContext
    watch: Reference
    policy: Policy
    now: datetime = NOW

    def wait(self, hours: int) -> None:
        self.pass_time(hours * HOUR)

    def pass_time(self, by: timedelta) -> None:
        self.now += by
        self.watch.passes(by)

    def hold(self, hours: int) -> None:
        self._take(Step.HOLD, kind="vendor", reason="r", until=self._in(hours))
        self.watch.held = self.case.on_hold

    def resume(self, _hours: int) -> None:
        self._take(Step.RESUME)
        self.watch.held = self.case.on_hold

    def change(self, hours: int) -> None:
        basis = self.case.deadline_basis or Basis.NEGOTIATED
        if self._take(Step.CHANGE_DEADLINE, deadline_at=self._in(hours), reason="r", **AGREED):
            self.watch.left, self.watch.basis = hours * HOUR, basis

    def raise_severity(self, hours: int) -> None:
        basis = {"severity": "very_severe", "deadline_basis": "customer_stipulated"}
        if self._take(Step.CHANGE_SEVERITY, WU_GANG, **basis, deadline_at=self._in(hours), reason="r", **AGREED):
            self.watch.left, self.watch.basis = hours * HOUR, Basis.CUSTOMER_STIPULATED

    def reply(self, _hours: int) -> None:
        if self._take(Step.REPLY_CUSTOMER, reply="r"):
            kept = None if self.watch.left is None else self.watch.left >= timedelta()
            assert on_time(self.case, self.policy, self.now) is kept

    def reject(self, _hours: int) -> None:
        if self._take(Step.REJECT_FIX, reason="r", evidence="e"):
            if self.watch.left is not None and self.watch.left < timedelta():
                self.watch.left = None
            # analysis, modification and test are left out
            self.case = replace(self.case, state=State.REPLYING, report_published=True)

    def _in(self, hours: int) -> int:
        return int((self.now + hours * HOUR).timestamp())

    def _take(self, step: Step, who: str = CHEN_JING, **raw: Any) -> bool:
        """Take a step; return False if it is refused."""
        try:
            self.case = after(situation(who, self.case, now=self.now, policy=self.policy), step, raw)
        except Refused:
            return False
        return True

    def agrees(self) -> None:
        """Assert that the rules and the reference say the same."""
        case, watch, unresolved = self.case, self.watch, self.case.resolved_at is None
        assert overdue(case, self.policy, self.now) is (watch.late and unresolved)
        assert (case.deadline_at is None) is (watch.left is None)
        assert still_due(Rule.OVERDUE, case, self.policy) is (
            case.deadline_at is not None and unresolved and not watch.stopped
        )
        if case.deadline_at is not None and not watch.stopped:
            assert case.deadline_at - self.now == watch.left
        if unresolved:
            stoppable = watch.held and watch.left is not None and watch.basis is not Basis.CUSTOMER_STIPULATED
            assert in_force(case) == (case.deadline_at, stoppable)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(("wait", "wait", "hold", "resume", "change", "raise_severity", "reply", "reject")),
        st.integers(1, 90),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=examples(120), deadline=None)
@given(acts=ACTS, stops=st.booleans(), first=st.integers(1, 60))
def test_a_hold_stops_the_clock_as_a_stopwatch_does(acts: list[tuple[str, int]], stops: bool, first: int) -> None:
    deadline: dict[str, Any] = {"deadline_at": NOW + first * HOUR, "deadline_since": NOW}
    deadline["deadline_basis"] = Basis.NEGOTIATED
    case = a_fault(State.REPLYING, **deadline)
    watched = Watched(case, Reference(first * HOUR, Basis.NEGOTIATED, stops), Policy(hold_stops_clock=stops))
    for act, hours in acts:
        watched.pass_time(HOUR / 2)
        getattr(watched, act)(hours)
        watched.agrees()
