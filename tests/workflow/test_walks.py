"""Random walks: whatever anybody tries with whatever answers, the rules of process.md §2 and §3 hold.

A walk remembers what the rules need from the steps taken. It does not read it from the case.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.workflow.context import CaseContext
from bot.workflow.decide import Decision, available, decide
from bot.workflow.fields import FORMS
from bot.workflow.refusal import Refused
from bot.workflow.situation import Situation, facts
from bot.workflow.steps import rows_of
from storage.tables import Case
from storage.vocabulary import (
    END_STATES,
    SEVERITY_ORDER,
    AfterFailure,
    Basis,
    Kind,
    ReleaseResult,
    Role,
    Severity,
    Source,
    State,
    Step,
)
from tests.support.form_answers import Likely, answers
from tests.support.property_examples import examples
from tests.support.workflow_cases import (
    HE_QING,
    HUANG_WEI,
    LIN_XIAOYU,
    NOW,
    REPORTED_AS,
    ROLES,
    WU_GANG,
    a_case,
    master,
    situation,
)

SEEN = {field.name for field in fields(CaseContext)}
COLUMNS = SEEN | set(Case.model_fields)
#: The ways out of an end state (process.md §2).
WAYS_BACK = {State.CLOSED: {Step.REOPEN}, State.DUPLICATE: {Step.UNDO_MERGE}}
#: Steps off the main path, rarely taken so that walks get far.
ASIDE = {Step.WITHDRAW, Step.MERGE_DUPLICATE, Step.RECLASSIFY, Step.REJECT_SHEET, Step.RETURN_SHEET}
IDLE = {
    *(Step.HOLD, Step.REASSIGN, Step.CHANGE_DEADLINE, Step.CHANGE_SEVERITY, Step.CALL_DISCUSSION),
    *(Step.REOPEN, Step.REANALYZE, Step.TAKE, Step.CORRECT),
}
PROMISED = {Basis.CUSTOMER_STIPULATED, Basis.NEGOTIATED, Basis.INTERNAL}
seeds = st.integers(0, 2**32 - 1)


def apply(s: Situation, decision: Decision) -> CaseContext:
    """The case after a step, as `casework.perform` would write it."""
    case, outcome = s.case, decision.outcome
    assert set(outcome.changes) <= COLUMNS
    changes: dict[str, Any] = {name: value for name, value in outcome.changes.items() if name in SEEN}
    drafter = outcome.changes.get("sheet_drafter")
    if drafter is not None:
        changes["sheet_drafters"] = case.sheet_drafters | {drafter}
    if outcome.to is not None and outcome.to is not case.state:
        changes |= {"version": case.version + 1, "waiting_since": s.now, "unanswered_reminders": 0}
    state = outcome.to or case.state
    on_hold = changes.get("on_hold", case.on_hold) and state not in END_STATES
    return replace(case, **{**changes, "state": state, "on_hold": on_hold, "places": {**case.places, **outcome.places}})


class Walk(RuleBasedStateMachine):
    """One case and ten persons."""

    case: CaseContext
    now: datetime
    drafter: str | None
    modifier: str | None
    passed: bool
    replied: bool
    promised: bool
    lapsed: bool
    first_deadline: datetime | None

    @initialize(seed=seeds)
    def report(self, seed: int) -> None:
        """Begin with a new case. Walks that have ended begin again here."""
        chance = Random(seed)
        default = chance.choice((None, 10))
        source = chance.choice(tuple(Source))
        with_customer = source is Source.CUSTOMER or chance.random() < 0.5
        self.case = a_case(source=source, has_customer=with_customer, default_days=default, waiting_since=NOW)
        self.now = NOW
        self.drafter = self.modifier = self.first_deadline = None
        self.passed = self.replied = self.promised = self.lapsed = False

    @rule(seed=seeds)
    def somebody_does_what_they_may(self, seed: int) -> None:
        chance = Random(seed)
        choices = [(who, step) for who in ROLES for step in available(self._before(who)) if _wanted(step, chance)]
        if self.case.state in END_STATES and not choices:
            self.report(seed)
        elif choices:
            who, step = chance.choice(choices)
            any(self._try(who, step, chance) for _ in range(6))

    @rule(seed=seeds)
    def somebody_tries_anything(self, seed: int) -> None:
        chance = Random(seed)
        self._try(chance.choice(tuple(ROLES)), chance.choice(tuple(Step)), chance, careless=True)

    @rule(hours=st.integers(1, 24 * 12))
    @precondition(lambda self: self.case.state not in END_STATES)
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.case = replace(self.case, unanswered_reminders=self.case.unanswered_reminders + hours // 24)

    def _before(self, who: str) -> Situation:
        reported = {**REPORTED_AS, "product": self.case.product, "module": self.case.module}
        return situation(who, self.case, now=self.now, master=master(), reported=reported)

    def _try(self, who: str, step: Step, chance: Random, *, careless: bool = False) -> bool:
        s = self._before(who)
        raw = answers(FORMS[step], facts(s), chance, self.now, {} if careless else _likely(self.case))
        if careless and raw:
            del raw[chance.choice(list(raw))]
        before = deepcopy(self.case)
        try:
            decision = decide(step, s, raw)
        except Refused:
            assert self.case == before, "a refused step changed the case"
            return False
        assert self.case == before, "only applying an outcome changes the case"
        after = apply(s, decision)
        for broken in self._broken(step, s, decision, after):
            raise AssertionError(f"{broken}: {step} by {who} with {raw} on {before}")
        self._remember(step, s, decision, after)
        self.case = after
        return True

    def _broken(self, step: Step, s: Situation, decision: Decision, after: CaseContext) -> Iterator[str]:
        """The rules that this step breaks."""
        before = s.case
        moved = after.state is not before.state
        if moved and not any(after.state in row.to for row in rows_of(step)):
            yield "led where the table does not lead"
        if before.state in END_STATES and step not in {*WAYS_BACK.get(before.state, ()), Step.COMMENT}:
            yield "left or touched an end state"
        if after.test_round < before.test_round or after.answer_round < before.answer_round:
            yield "a round was forgotten"
        yield from self._duties_mixed(step, s, after)
        yield from self._ended_early(step, before, decision, after)

    def _duties_mixed(self, step: Step, s: Situation, after: CaseContext) -> Iterator[str]:
        """The rules of separation of duties (process.md §6) that this step breaks."""
        if step in (Step.PASS_TEST, Step.FAIL_TEST) and s.person.id == self.modifier:
            yield "the modifier judged their own build"
        if step is Step.SIGN_SHEET and s.person.id == self.drafter:
            yield "the drafter signed"
        if _lowered(s.case, after) and Role.CENTER_MANAGER not in s.all_roles:
            yield "lowered without the center manager"

    def _ended_early(self, step: Step, before: CaseContext, decision: Decision, after: CaseContext) -> Iterator[str]:
        closed = after.state is State.CLOSED and before.state is not State.CLOSED
        if closed and before.kind is Kind.FAULT and not self._finished(before):
            yield "closed a fault without report, severity and reply"
        if step is Step.CLOSE_UNANSWERED and before.severity is Severity.VERY_SEVERE:
            yield "closed a very severe fault unanswered"
        if step is Step.RECORD_RELEASE and decision.answers["result"] == ReleaseResult.RELEASED and not self.passed:
            yield "released what no test had passed since the last modification"

    def _finished(self, case: CaseContext) -> bool:
        return case.report_published and case.severity is not None and self.replied

    def _remember(self, step: Step, s: Situation, decision: Decision, after: CaseContext) -> None:
        match step:
            case Step.DRAFT_SHEET:
                self.drafter = s.person.id
            case Step.SUBMIT_MODIFICATION:
                self.modifier, self.passed = s.person.id, False
            case Step.PASS_TEST:
                self.passed = True
            case Step.FAIL_TEST:
                self.passed = False
                assert after.state is (
                    State.ANALYSIS if decision.answers["next"] == AfterFailure.ANALYZE else State.MODIFICATION
                )
            case Step.REPLY_CUSTOMER:
                self.replied = True
            case Step.REJECT_FIX | Step.REOPEN:
                self.replied = False
        if step in (Step.REJECT_FIX, Step.REOPEN) and s.case.deadline_at is not None and s.case.deadline_at < s.now:
            self.promised = False  # rule 2.4: a deadline that has passed is no longer in force
        self.lapsed = after.deadline_at is None and (self.lapsed or step in (Step.REJECT_FIX, Step.REOPEN))
        self.first_deadline = self.first_deadline or after.deadline_at
        self.promised = self.promised or after.deadline_basis in PROMISED
        if step is Step.TRIAGE and after.kind is not Kind.FAULT:  # a case that is not a fault after all has no deadline
            self.first_deadline, self.promised = None, False

    @invariant()
    def very_severe_has_a_deadline(self) -> None:
        if self.case.severity is Severity.VERY_SEVERE and not self.lapsed:
            assert self.case.deadline_at is not None
            assert self.case.deadline_basis in {Basis.CUSTOMER_STIPULATED, *self._for_nobody()}

    def _for_nobody(self) -> set[Basis]:
        return set() if self.case.has_customer else {Basis.INTERNAL}

    @invariant()
    def the_first_deadline_is_kept(self) -> None:
        assert self.case.first_deadline_at == self.first_deadline

    @invariant()
    def a_promised_deadline_is_never_silently_removed(self) -> None:
        if self.promised:
            assert self.case.deadline_at is not None
            assert self.case.deadline_basis in PROMISED

    @invariant()
    def a_fault_after_analysis_has_its_record(self) -> None:
        after_analysis = {State.DECISION, State.MODIFICATION, State.TESTING, State.RELEASE, State.REPLYING}
        if self.case.state in after_analysis:
            assert self.case.kind is Kind.FAULT
            assert self.case.severity is not None
            assert self.case.report_published


def _likely(case: CaseContext) -> Likely:
    """Answers of a careful person, so that walks get far."""
    return {
        "is_requirement": ["no"] * 5 + ["yes"],
        "is_fault": ["yes"] * 3 + ["no"],
        "testers": [[LIN_XIAOYU, HE_QING], [HE_QING]],
        "technicians": [[WU_GANG, HUANG_WEI], [HE_QING]],
        "consulted": [WU_GANG],
        "analysts": [[who] for who in sorted(case.analysts)],
        "master": ["F-3"],
    }


def _wanted(step: Step, chance: Random) -> bool:
    return chance.random() < (0.03 if step in ASIDE else 0.08 if step in IDLE else 0.01 if step is Step.COMMENT else 1)


def _lowered(before: CaseContext, after: CaseContext) -> bool:
    if before.severity is None or after.severity is None:
        return False
    return SEVERITY_ORDER.index(after.severity) < SEVERITY_ORDER.index(before.severity)


TestWalk = Walk.TestCase
TestWalk.settings = settings(
    max_examples=examples(40),
    stateful_step_count=80,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # seeds do not shrink to anything easier to read
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
