"""Whom a case waits for (process.md rule 2.7), proven over every state and every center."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import pytest

from bot.workflow.context import CaseContext, Center, PersonContext, Policy, Round
from bot.workflow.decide import permission
from bot.workflow.membership import Membership
from bot.workflow.situation import Row, Situation
from bot.workflow.waiting import AWAITED, ON_VACANCY, Addressee, addressees, awaited, people_of
from storage.vocabulary import END_STATES, OPEN_STATES, Bucket, Place, Role, Source, State, Step
from tests.support.workflow_cases import (
    CENTER,
    CHEN_JING,
    HE_QING,
    HUANG_WEI,
    LIN_XIAOYU,
    NOW,
    SUN_LI,
    WU_GANG,
    ZHAO_LEI,
    ZHOU_MIN,
    a_case,
    a_fault,
)

POLICY = Policy()
#: Holders of each role in the centers of the proof: the drafter and the modifier among them.
CM, SM, TE, TS = Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN, Role.TESTER
ANYBODY = {CM: (HUANG_WEI, ZHOU_MIN), SM: (CHEN_JING, ZHOU_MIN), TE: (WU_GANG, HE_QING), TS: (LIN_XIAOYU, HE_QING)}
OUTSIDERS = {ZHAO_LEI: PersonContext(ZHAO_LEI), SUN_LI: PersonContext(SUN_LI)}


def wait(
    case: CaseContext, center: Center = CENTER, others: Mapping[str, PersonContext] = OUTSIDERS
) -> tuple[Addressee, ...]:
    return addressees(case, center, others, POLICY, NOW)


def centers() -> Iterator[Center]:
    """Every combination of roles that nobody, one person or both of two persons hold."""
    for held in product(*(((), people[:1], people[1:], people) for people in ANYBODY.values())):
        yield Center({role: frozenset(people) for role, people in zip(ANYBODY, held, strict=True) if people})


def cases(state: State) -> Iterator[CaseContext]:
    """A case in this state with its places held and vacant, drafted, modified and tested by people of the center."""
    for source, placed, first, second in product(Source, (True, False), (HUANG_WEI, ZHOU_MIN), (ZHAO_LEI, HE_QING)):
        case = a_fault(state, source=source, sheet_drafter=first, sheet_drafters=frozenset({first}))
        case = replace(case, round=Round("b1", second, passed=state is State.RELEASE))
        yield case if placed else replace(case, places={})


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_somebody_who_may_act_is_asked_or_whoever_can_appoint_them_is(state: State) -> None:
    """The proof of rule 2.7: over every center, whoever is addressed may act; only if nobody may is it a vacancy."""
    for case, center in product(cases(state), centers()):
        found = wait(case, center)
        assert found, (case, center)
        people = {**OUTSIDERS, **center.people()}
        able = {who for who in people if may(case, center, people[who])}
        if any(one.bucket is Bucket.VACANT for one in found):
            assert [one.role for one in found] == sorted(ON_VACANCY)
            assert not able & standing(case, center), "somebody named, or of the state's roles, could act"
        else:
            assert people_of(found, center), (case, center)
            assert people_of(found, center) <= able, (case, center)


def may(case: CaseContext, center: Center, person: PersonContext) -> bool:
    return isinstance(permission(awaited(case).step, Situation(case, person, NOW, POLICY, center)), Row)


def standing(case: CaseContext, center: Center) -> set[str]:
    """Those whom the state may address: everybody named, and the holders of the roles that are no superiors."""
    roles = {State.SHEET_SIGNING: (CM,), State.TRIAGE: (CM, SM, TE, TS)}.get(case.state, (SM, TE, TS))
    waiting = {State.DECISION: (TE,), State.RELEASE: (TE,), State.TESTING: (TS,), State.MANUAL_UPDATE: (TS,)}
    of_state = waiting.get(case.state, roles)
    return {who for role in of_state for who in center.holders.get(role, ())} | case.named


def test_every_open_state_waits_for_a_step_that_leads_on() -> None:
    assert set(AWAITED) == OPEN_STATES
    assert {one.bucket for one in AWAITED.values()} == set(Bucket) - {Bucket.VACANT}


@pytest.mark.parametrize("state", sorted(END_STATES))
def test_an_ended_case_waits_for_nobody(state: State) -> None:
    assert wait(a_case(state)) == ()


def test_the_only_tester_who_modified_the_build_is_not_asked_to_test_it() -> None:
    """The tester of the case modifies; another tester must test, although the case names the first."""
    built = a_fault(State.TESTING, round=Round("b1", LIN_XIAOYU), places={Place.TESTERS: frozenset({LIN_XIAOYU})})
    assert wait(built) == (Addressee(Bucket.TEST, role=TS, not_person=LIN_XIAOYU),)
    alone = Center({CM: frozenset({HUANG_WEI}), TS: frozenset({LIN_XIAOYU})})
    assert {one.bucket for one in wait(built, alone)} == {Bucket.VACANT}


def test_a_sheet_waits_for_a_center_manager_who_did_not_draft_it() -> None:
    drafted = a_case(State.SHEET_SIGNING, sheet_drafter=HUANG_WEI, sheet_drafters=frozenset({HUANG_WEI}))
    assert wait(drafted) == (Addressee(Bucket.SIGN, role=CM, not_person=HUANG_WEI),)
    assert people_of(wait(drafted), CENTER) == {ZHOU_MIN}


def test_where_two_holders_may_not_act_the_others_are_asked_by_name() -> None:
    """A deputy who drafted an earlier version never signs, and neither does the drafter of this one."""
    both = frozenset({HUANG_WEI, WU_GANG})
    center = Center({**CENTER.holders, CM: frozenset({HUANG_WEI, ZHOU_MIN, WU_GANG})}, {CM: frozenset({WU_GANG})})
    drafted = a_case(State.SHEET_SIGNING, sheet_drafter=HUANG_WEI, sheet_drafters=both)
    assert wait(drafted, center) == (Addressee(Bucket.SIGN, ZHOU_MIN),)


def test_an_open_discussion_waits_for_whoever_may_close_it() -> None:
    discussed = a_fault(State.ANALYSIS, report_published=False, in_discussion=True)
    assert awaited(discussed).step is Step.CLOSE_DISCUSSION
    assert people_of(wait(discussed), CENTER) == {LIN_XIAOYU, WU_GANG}


def test_a_modifier_who_left_leaves_the_case_to_whoever_can_name_another() -> None:
    case = a_fault(State.MODIFICATION)
    assert wait(case) == (Addressee(Bucket.MODIFY, ZHAO_LEI),)
    left = {ZHAO_LEI: PersonContext(ZHAO_LEI, membership=Membership.REFUSED)}
    assert [one.role for one in wait(case, others=left)] == sorted(ON_VACANCY)


def test_only_the_inside_reporter_of_an_internal_case_is_asked_for_feedback() -> None:
    asked = {one.person for one in wait(a_case(State.ANSWER_CONFIRMING, source=Source.INTERNAL)) if one.person}
    assert asked == {SUN_LI}
    assert not any(one.person for one in wait(a_case(State.ANSWER_CONFIRMING, source=Source.CUSTOMER)))
