"""The rules of merging (process.md rule 2.3): which case may be a master, deadlines, and what undoing brings back."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from bot.workflow import merging_refusals
from bot.workflow.conditions import Fact
from bot.workflow.context import CaseContext, PersonContext, Policy
from bot.workflow.decide import decide, permission, shown_fields
from bot.workflow.fields import FORMS
from bot.workflow.merging import earlier_deadline
from bot.workflow.refusal import Refusal
from bot.workflow.situation import Row, facts
from storage.vocabulary import END_STATES, OPEN_STATES, Basis, Kind, Paper, Place, Role, Severity, State, Step, YesNo
from tests.support.decisions import outcome, refused
from tests.support.workflow_cases import CHEN_JING, HUANG_WEI, NOW, SUN_LI, WU_GANG, a_case, a_fault, master, situation

DAY = timedelta(days=1)
EARLY, LATE = NOW + timedelta(hours=1), NOW + timedelta(hours=5)
PROMISES = (Basis.CUSTOMER_STIPULATED, Basis.NEGOTIATED, Basis.INTERNAL)
ANSWER = {"answer": "Press Renew", "category": "usage", "effort_hours": "1"}


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_every_open_case_may_be_a_master(state: State) -> None:
    s = situation(CHEN_JING, a_case(), master=master(state=state))
    assert outcome(Step.MERGE_DUPLICATE, s, master="F-3", reason="r").to is State.DUPLICATE


@pytest.mark.parametrize(
    ("state", "closed", "kind", "why"),
    [
        (State.CLOSED, 29, Kind.FAULT, merging_refusals.MasterIsClosed("F-3", Step.REOPEN)),
        (State.CLOSED, 29, Kind.QUESTION, merging_refusals.MasterIsClosed("F-3", Step.REOPEN)),
        (State.CLOSED, 31, Kind.FAULT, merging_refusals.MasterHasEnded("F-3", State.CLOSED)),
        (State.HANDED_OVER, 1, Kind.REQUIREMENT, merging_refusals.MasterHasEnded("F-3", State.HANDED_OVER)),
        (State.WITHDRAWN, 1, Kind.FAULT, merging_refusals.MasterHasEnded("F-3", State.WITHDRAWN)),
        (State.DUPLICATE, 1, Kind.FAULT, merging_refusals.MasterIsDuplicate("F-3")),
    ],
)
def test_a_case_that_has_ended_is_no_master(state: State, closed: int, kind: Kind, why: Refusal) -> None:
    other = master(state=state, kind=kind, closed_at=NOW - closed * DAY)
    for who in (CHEN_JING, HUANG_WEI):
        s = situation(who, a_case(), master=other)
        assert refused(Step.MERGE_DUPLICATE, s, master="F-3", reason="r") == {"master": why}


def test_every_end_state_is_refused() -> None:
    for state in END_STATES:
        s = situation(HUANG_WEI, a_case(), master=master(state=state))
        assert "master" in refused(Step.MERGE_DUPLICATE, s, master="F-3", reason="r")


# Deadlines


def is_earlier(duplicate: CaseContext, other: CaseContext) -> bool:
    """Whether the duplicate's promise is one that the master does not yet keep, written down once more."""
    agreed = duplicate.deadline_at is not None and duplicate.deadline_basis in PROMISES
    pending = agreed and duplicate.resolved_at is None
    return pending and (other.deadline_at is None or (duplicate.deadline_at or NOW) < other.deadline_at)


def test_an_earlier_agreed_deadline_moves_to_the_master_by_the_center_manager_alone() -> None:
    """Over every basis and order of the two deadlines."""
    moments: tuple[datetime | None, ...] = (None, EARLY, LATE)
    for basis, mine, theirs, at, resolved in product((None, *Basis), (None, *Basis), moments, moments, (None, NOW)):
        case = a_fault(State.DECISION, deadline_basis=basis, deadline_at=theirs, resolved_at=resolved)
        other = master(deadline_basis=mine, deadline_at=at, first_deadline_at=at)
        moves = is_earlier(case, other)
        assert (earlier_deadline(case, other) is not None) is moves
        s = situation(HUANG_WEI, case, master=other)
        linked = outcome(Step.MERGE_DUPLICATE, s, master="F-3", reason="r").linked
        assert bool(linked) is moves
        by_others = situation(CHEN_JING, case, master=other)
        if not moves:
            assert not outcome(Step.MERGE_DUPLICATE, by_others, master="F-3", reason="r").linked
            continue
        assert theirs is not None
        why = merging_refusals.EarlierDeadline("F-7", theirs, "F-3")
        assert refused(Step.MERGE_DUPLICATE, by_others, master="F-3", reason="r") == {"master": why}
        (step,) = linked
        assert (step.case, step.step) == (other, Step.CHANGE_DEADLINE)
        assert step.outcome.changes["deadline_at"] == theirs
        assert step.outcome.changes["first_deadline_at"] == (at or theirs), "the first deadline is kept"
        assert step.outcome.changes["deadline_basis"] in PROMISES
        if Basis.CUSTOMER_STIPULATED in (basis, mine):
            assert step.outcome.changes["deadline_basis"] is Basis.CUSTOMER_STIPULATED


def test_a_center_manager_without_another_role_merges_only_what_needs_one() -> None:
    manager = PersonContext("U0ONLY", frozenset({Role.CENTER_MANAGER}))
    case = a_fault(State.DECISION, deadline_basis=Basis.NEGOTIATED, deadline_at=EARLY)
    for other, allowed in ((master(), True), (master(deadline_at=LATE), True), (master(deadline_at=EARLY), False)):
        s = replace(situation(HUANG_WEI, case, master=other), person=manager)
        if allowed:
            assert outcome(Step.MERGE_DUPLICATE, s, master="F-3", reason="r").linked
        else:
            why = merging_refusals.DeskMerges()
            assert refused(Step.MERGE_DUPLICATE, s, master="F-3", reason="r") == {"master": why}


def test_the_moved_deadline_is_recorded_only_where_the_master_has_a_record_row() -> None:
    case = a_fault(State.DECISION, deadline_basis=Basis.NEGOTIATED, deadline_at=EARLY)
    for severity, papers in ((None, []), (Severity.GENERAL, [Paper.FAULT_RECORD])):
        s = situation(HUANG_WEI, case, master=master(severity=severity))
        (step,) = outcome(Step.MERGE_DUPLICATE, s, master="F-3", reason="The same").linked
        assert [new.paper for new in step.outcome.papers] == papers
        assert (step.answers["merged_from"], step.answers["merge_reason"]) == ("F-7", "The same")


# What a merge keeps, and what ends it


def test_undoing_a_merge_changes_nothing_but_the_state_and_the_link() -> None:
    held = a_fault(State.DUPLICATE, earlier_state=State.TESTING, on_hold=True, in_discussion=True, negotiating=True)
    undone = outcome(Step.UNDO_MERGE, situation(HUANG_WEI, held), reason="differs")
    assert (undone.to, dict(undone.changes)) == (State.TESTING, {"earlier_state": None, "master_id": None})


def test_withdrawing_a_master_undoes_each_merge_for_the_same_reason() -> None:
    merged = tuple(a_case(State.DUPLICATE, id=number, earlier_state=State.ANALYSIS) for number in (8, 9))
    for who, more in ((SUN_LI, {}), (CHEN_JING, {"evidence": "Mail"})):
        s = situation(who, a_case(State.ANALYSIS, has_duplicates=True), duplicates=merged)
        linked = outcome(Step.WITHDRAW, s, reason="Not ours", **more).linked
        assert [(one.case.id, one.step, one.outcome.to) for one in linked] == [
            (8, Step.UNDO_MERGE, State.ANALYSIS),
            (9, Step.UNDO_MERGE, State.ANALYSIS),
        ]
        assert [one.answers for one in linked] == [{"reason": "Not ours"}] * 2


# The words for followers


@pytest.mark.parametrize(("step", "state"), [(Step.ANSWER, State.ANSWERING), (Step.REPLY_CUSTOMER, State.REPLYING)])
def test_words_for_foreign_followers_are_asked_and_required_only_where_there_are_some(step: Step, state: State) -> None:
    raw = ANSWER if step is Step.ANSWER else {"reply": "Fixed"}
    places = {Place.SERVICE_MANAGER: frozenset({CHEN_JING})}
    for foreign in (False, True):
        case = a_case(state, kind=Kind.FAULT, places=places, has_duplicates=True, foreign_followers=foreign)
        s = situation(CHEN_JING, case)
        asked = {field.code for field in shown_fields(FORMS[step], facts(s))}
        assert ("reply_followers" in asked) is foreign
        if not foreign:
            assert "reply_followers" not in decide(step, s, {**raw, "reply_followers": "Forged"}).answers
            continue
        assert refused(step, s, **raw) == {"reply_followers": merging_refusals.FollowersUnanswered()}
        decision = decide(step, s, {**raw, "reply_followers": "It is handled"})
        assert decision.answers["reply_followers"] == "It is handled"
        assert not any("reply_followers" in new.content for new in decision.outcome.papers), "no record has it"


def test_the_fact_is_known_to_every_form() -> None:
    assert facts(situation(CHEN_JING, a_case(foreign_followers=True)))[Fact.FOREIGN_FOLLOWERS] is YesNo.YES


def test_a_follower_has_no_part_in_the_master() -> None:
    """The reporter of a duplicate may take no step on the master, in any state, by any policy."""
    for state in State:
        case = a_case(state, reporter=WU_GANG, followers=frozenset({SUN_LI}), has_duplicates=True)
        s = situation(SUN_LI, case, policy=Policy())
        assert not [step for step in Step if isinstance(permission(step, s), Row)]
