"""Separation of duties (process.md §6), checked on the person, whatever roles the person holds."""

from dataclasses import replace
from typing import Any

import pytest

from bot.workflow import refusals as no
from bot.workflow.context import Center, PersonContext, Round
from bot.workflow.decide import permission
from bot.workflow.membership import Account
from bot.workflow.refusal import Refusal
from bot.workflow.situation import Row, Situation
from storage.vocabulary import Kind, Place, Role, Severity, Source, State, Step
from tests.support.decisions import AGREED, ANALYSIS, DAY, IN_ANALYSIS, LATER, outcome, refused
from tests.support.workflow_cases import (
    ACCOUNTS,
    CENTER,
    CHEN_JING,
    HE_QING,
    HUANG_WEI,
    LIN_XIAOYU,
    NOW,
    SUN_LI,
    VIEWER,
    WU_GANG,
    ZHAO_LEI,
    ZHOU_MIN,
    a_case,
    a_fault,
    situation,
)


def test_the_drafter_of_a_version_signs_only_a_version_drafted_by_somebody_else() -> None:
    """Acceptance scenario 6: the center manager drafts version 2 and therefore may sign only version 3."""
    second = a_case(
        State.SHEET_SIGNING,
        kind=Kind.FAULT,
        sheet_drafter=HUANG_WEI,
        sheet_drafters=frozenset({CHEN_JING, HUANG_WEI}),
    )
    raw: dict[str, Any] = {"testers": [LIN_XIAOYU], "technicians": [WU_GANG]}
    assert refused(Step.SIGN_SHEET, situation(HUANG_WEI, second), **raw) == {None: no.DrafterCannotSign()}
    third = replace(second, sheet_drafter=ZHOU_MIN)
    assert outcome(Step.SIGN_SHEET, situation(HUANG_WEI, third), **raw).to is State.ANALYSIS


def test_a_deputy_who_drafted_any_version_of_a_sheet_never_signs_it() -> None:
    case = a_case(State.SHEET_SIGNING, sheet_drafter=CHEN_JING, sheet_drafters=frozenset({WU_GANG, CHEN_JING}))
    deputy = PersonContext(WU_GANG, frozenset({Role.TECHNICIAN}), frozenset({Role.CENTER_MANAGER}))
    assert permission(Step.SIGN_SHEET, Situation(case, deputy, NOW)) == no.DeputyDrafted()
    assert isinstance(permission(Step.SIGN_SHEET, Situation(case, replace(deputy, id=LIN_XIAOYU), NOW)), Row)


def test_a_one_person_center_signs_its_own_sheet_with_a_reason() -> None:
    case = a_case(State.SHEET_SIGNING, kind=Kind.FAULT, sheet_drafter=HE_QING, sheet_drafters=frozenset({HE_QING}))
    roles = frozenset(Role)
    alone = Center({role: frozenset({HE_QING}) for role in roles})
    s = Situation(case, PersonContext(HE_QING, roles), NOW, center=alone, chosen={HE_QING: Account(HE_QING)})
    raw: dict[str, Any] = {"testers": [HE_QING], "technicians": [HE_QING]}
    assert refused(Step.SIGN_SHEET, s, **raw) == {"reason": no.Missing()}
    assert outcome(Step.SIGN_SHEET, s, **raw, reason="仅一人").signs
    assert refused(Step.SIGN_SHEET, replace(s, center=CENTER), **raw) == {None: no.DrafterCannotSign()}


def test_publishing_again_with_a_lower_severity_needs_the_center_manager() -> None:
    again = replace(IN_ANALYSIS, severity=Severity.VERY_SEVERE, deadline_at=NOW + DAY)
    lower = {**ANALYSIS, "severity": "general", "deadline_basis": "none"}
    problems = refused(Step.PUBLISH_ANALYSIS, situation(WU_GANG, again), **lower)
    assert problems == {"severity": no.LoweringNeedsManager()}
    by_manager = situation(HUANG_WEI, replace(again, places={Place.TECHNICIANS: frozenset({HUANG_WEI})}))
    assert outcome(Step.PUBLISH_ANALYSIS, by_manager, **{**lower, "analysts": [HUANG_WEI]}).to


@pytest.mark.parametrize(
    ("who", "now", "wanted", "why"),
    [
        (WU_GANG, Severity.SEVERE, "severe", no.SameSeverity()),
        (WU_GANG, Severity.SEVERE, "general", no.LoweringNeedsManager()),
        (LIN_XIAOYU, Severity.VERY_SEVERE, "severe", no.LoweringNeedsManager()),
        (ZHOU_MIN, Severity.SEVERE, "very_severe", no.OnlyLowering()),
        (ZHOU_MIN, Severity.SEVERE, "general", None),
        (WU_GANG, Severity.SEVERE, "very_severe", None),
    ],
)
def test_analysts_raise_the_severity_and_the_center_manager_lowers_it(
    who: str, now: Severity, wanted: str, why: Refusal | None
) -> None:
    s = situation(who, a_fault(State.DECISION, now))
    raw: dict[str, Any] = {
        "severity": wanted,
        "reason": "r",
        "deadline_basis": "customer_stipulated",
        "deadline_at": LATER,
        **AGREED,
    }
    if why is None:
        assert outcome(Step.CHANGE_SEVERITY, s, **raw).changes["severity"] == wanted
    else:
        assert refused(Step.CHANGE_SEVERITY, s, **raw)["severity"] == why


def test_changing_the_lowest_severity_is_not_offered_to_the_center_manager() -> None:
    s = situation(ZHOU_MIN, a_fault(State.DECISION, Severity.GENERAL))
    assert permission(Step.CHANGE_SEVERITY, s) == no.OnlyLowering()


def test_the_modifier_of_a_build_never_judges_it_even_as_a_tester_of_the_case() -> None:
    case = a_fault(State.TESTING, round=Round("b1", HE_QING), places={Place.TESTERS: frozenset({HE_QING})})
    for step in (Step.PASS_TEST, Step.FAIL_TEST):
        assert refused(step, situation(HE_QING, case)) == {None: no.ModifierCannotTest()}
        assert isinstance(permission(step, situation(LIN_XIAOYU, case)), Row)


def test_only_the_handling_of_a_very_severe_fault_needs_another_verifier() -> None:
    own = {"result": "换证书", "verified_by": WU_GANG}
    very = situation(WU_GANG, a_fault(State.HANDLING, Severity.VERY_SEVERE))
    assert refused(Step.COMPLETE_HANDLING, very, **own) == {"verified_by": no.VerifierIsOwner()}
    assert outcome(Step.COMPLETE_HANDLING, very, **{**own, "verified_by": LIN_XIAOYU}).to
    assert outcome(Step.COMPLETE_HANDLING, situation(WU_GANG, a_fault(State.HANDLING)), **own).to


@pytest.mark.parametrize(
    ("place", "who", "why"),
    [
        ("testers", ZHAO_LEI, no.NotOfRole((Role.TESTER,))),
        ("technicians", LIN_XIAOYU, no.NotOfRole((Role.TECHNICIAN,))),
        ("service_manager", VIEWER, no.NotOfRole((Role.SERVICE_MANAGER,))),
        ("testers", LIN_XIAOYU, no.AlreadyThere()),
        ("owner", WU_GANG, no.AlreadyThere()),
        ("testers", HE_QING, no.ModifierAsTester()),
        ("modifier", LIN_XIAOYU, no.ModifierAsTester()),
        ("modifier", SUN_LI, None),
        ("service_manager", ZHOU_MIN, None),
        ("technicians", HE_QING, None),
    ],
)
def test_reassigning_checks_the_role_the_separation_of_duties_and_the_present_holder(
    place: str, who: str, why: Refusal | None
) -> None:
    s = situation(WU_GANG, a_fault(State.TESTING, round=Round("b1", HE_QING)))
    if why is None:
        assert outcome(Step.REASSIGN, s, place=place, person=who).places == {Place(place): frozenset({who})}
    else:
        assert refused(Step.REASSIGN, s, place=place, person=who) == {"person": why}


PLACES = {
    "one": {LIN_XIAOYU},
    "two": {LIN_XIAOYU, HE_QING},
    "three": {LIN_XIAOYU, HE_QING, "U0THIRD"},
}


@pytest.mark.parametrize("held", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("leaves", [None, LIN_XIAOYU, HE_QING, ZHAO_LEI])
@pytest.mark.parametrize("takes", [None, LIN_XIAOYU, HE_QING, "U0NEW"])
@pytest.mark.parametrize("modifier", [None, LIN_XIAOYU, HE_QING, "U0NEW"])
def test_reassigning_replaces_adds_or_takes_off(
    held: set[str], leaves: str | None, takes: str | None, modifier: str | None
) -> None:
    """The whole space, against what process.md says of `reassign`."""
    everybody = frozenset({LIN_XIAOYU, HE_QING, "U0THIRD", "U0NEW"})
    fault = a_fault(State.TESTING, round=Round("b1", modifier), places={Place.TESTERS: frozenset(held)})
    center, accounts = Center({**CENTER.holders, Role.TESTER: everybody}), {who: Account(who) for who in everybody}
    s = situation(WU_GANG, fault, center=center, chosen=ACCOUNTS | accounts)
    raw = {"place": "testers", "from_person": leaves, "person": takes}
    several = len(held) > 1
    gone = {leaves} if several else held
    after = (held - gone) | ({takes} if takes else set())
    wrong = {
        "from_person": several and leaves is not None and leaves not in held,
        "person": takes in held or (takes is not None and takes == modifier),
    }
    nobody = takes is None and (not several or leaves is None)
    only_modifier = takes is None and after <= {modifier}
    if nobody or only_modifier or any(wrong.values()):
        problems = refused(Step.REASSIGN, s, **raw)
        assert set(problems) <= {"from_person", "person"}
        assert problems.keys() >= {name for name, is_wrong in wrong.items() if is_wrong and not nobody}
    else:
        assert outcome(Step.REASSIGN, s, **raw).places == {Place.TESTERS: frozenset(after)}


def test_one_of_several_holders_of_a_place_holds_it_already() -> None:
    fault = a_fault(State.TESTING, places={Place.TESTERS: frozenset({LIN_XIAOYU, HE_QING})})
    s = situation(WU_GANG, fault)
    assert refused(Step.REASSIGN, s, place="testers", person=HE_QING) == {"person": no.AlreadyThere()}


def test_the_reporter_of_a_customers_case_does_not_speak_as_the_customer() -> None:
    outside, inside = a_fault(State.FIX_CONFIRMING, resolved_at=NOW), Source.INTERNAL
    assert isinstance(permission(Step.CONFIRM_FIX, situation(SUN_LI, outside)), Refusal)
    s = situation(SUN_LI, replace(outside, source=inside))
    assert outcome(Step.CONFIRM_FIX, s).to is State.CLOSED
    assert set(refused(Step.CONFIRM_FIX, situation(CHEN_JING, replace(outside, source=inside)))) == {"evidence"}
