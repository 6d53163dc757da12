"""Taking a case (process.md rule 2.1): which place, when it is free, and what it changes."""

from dataclasses import replace

import pytest

from bot.workflow import refusals as no
from bot.workflow.context import CaseContext, PersonContext, Policy, Round
from bot.workflow.deadlines import recipients, still_due
from bot.workflow.decide import available, decide, permission
from bot.workflow.refusal import People, Refused, Remedy
from bot.workflow.situation import Row
from bot.workflow.waiting import addressees, people_of
from storage.vocabulary import CENTER_ROLES, Place, Role, Rule, State, Step, Urgency
from tests.support.decisions import outcome, refused
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
    situation,
)

NOBODY = frozenset[str]()
#: The place that each state waits for, with somebody who may hold it.
TAKEN = {
    State.TRIAGE: (Place.TRIAGER, LIN_XIAOYU),
    **dict.fromkeys(
        (State.ANSWERING, State.SHEET_DRAFTING, State.REPLYING, State.ANSWER_CONFIRMING, State.FIX_CONFIRMING),
        (Place.SERVICE_MANAGER, CHEN_JING),
    ),
    **dict.fromkeys((State.DECISION, State.RELEASE), (Place.TECHNICIANS, WU_GANG)),
    **dict.fromkeys((State.TESTING, State.MANUAL_UPDATE), (Place.TESTERS, LIN_XIAOYU)),
}


def free(state: State) -> CaseContext:
    """A fault that nobody holds a place on."""
    return a_fault(state, places={})


@pytest.mark.parametrize("state", sorted(TAKEN))
def test_a_free_case_gives_the_presser_the_place_that_the_state_waits_for(state: State) -> None:
    place, who = TAKEN[state]
    taken = outcome(Step.TAKE, situation(who, free(state)))
    assert (taken.to, taken.changes, taken.places) == (None, {}, {place: frozenset({who})})


@pytest.mark.parametrize(
    ("who", "held", "taken"),
    [
        (LIN_XIAOYU, {}, {Place.TESTERS}),
        (WU_GANG, {}, {Place.TECHNICIANS}),
        (HE_QING, {}, {Place.TESTERS, Place.TECHNICIANS}),
        (HE_QING, {Place.TESTERS: frozenset({LIN_XIAOYU})}, {Place.TECHNICIANS}),
        (HE_QING, {Place.TECHNICIANS: frozenset({WU_GANG})}, {Place.TESTERS}),
    ],
)
def test_in_analysis_the_empty_place_is_taken_and_with_both_roles_both(
    who: str, held: dict[Place, frozenset[str]], taken: set[Place]
) -> None:
    case = replace(free(State.ANALYSIS), places=held)
    assert outcome(Step.TAKE, situation(who, case)).places == {place: frozenset({who}) for place in taken}


def test_a_place_of_another_role_is_not_taken() -> None:
    case = replace(free(State.ANALYSIS), places={Place.TESTERS: frozenset({LIN_XIAOYU})})
    assert refused(Step.TAKE, situation(LIN_XIAOYU, case)) == {None: no.TakenAlready(People([LIN_XIAOYU]))}


@pytest.mark.parametrize("state", [State.SHEET_SIGNING, State.HANDLING, State.MODIFICATION, State.CLOSED])
def test_no_other_state_can_be_taken(state: State) -> None:
    for who in (HUANG_WEI, CHEN_JING, WU_GANG, LIN_XIAOYU):
        assert permission(Step.TAKE, situation(who, free(state))) == no.NotNow(Step.TAKE, state)


@pytest.mark.parametrize("state", sorted(TAKEN))
def test_a_case_that_somebody_active_holds_is_refused_with_the_name(state: State) -> None:
    place, who = TAKEN[state]
    case = replace(free(state), places={place: frozenset({who})}, round=Round("b1", ZHAO_LEI))
    assert refused(Step.TAKE, situation(who, case)) == {None: no.TakenAlready(People([who]))}
    assert Step.TAKE not in available(situation(HUANG_WEI, case))


def test_whoever_left_or_lost_the_role_does_not_hold_the_case() -> None:
    case = replace(free(State.TESTING), places={Place.TESTERS: frozenset({ZHAO_LEI, SUN_LI})})
    assert outcome(Step.TAKE, situation(LIN_XIAOYU, case)).places == {Place.TESTERS: frozenset({LIN_XIAOYU})}


def test_the_modifier_of_the_build_neither_takes_the_test_nor_keeps_others_from_it() -> None:
    case = replace(free(State.TESTING), places={Place.TESTERS: frozenset({HE_QING})}, round=Round("b1", HE_QING))
    assert refused(Step.TAKE, situation(HE_QING, case)) == {None: no.ModifierCannotTest()}
    assert outcome(Step.TAKE, situation(LIN_XIAOYU, case)).places == {Place.TESTERS: frozenset({HE_QING, LIN_XIAOYU})}


@pytest.mark.parametrize(
    ("who", "helped"), [(HUANG_WEI, True), (ZHOU_MIN, True), (WU_GANG, True), (CHEN_JING, False), (LIN_XIAOYU, False)]
)
def test_a_manager_or_a_technician_is_offered_to_reassign_a_taken_case(who: str, helped: bool) -> None:
    case = a_case(places={Place.TRIAGER: frozenset({LIN_XIAOYU})})
    with pytest.raises(Refused) as caught:
        decide(Step.TAKE, situation(who, case), {})
    assert caught.value.problems[0].remedy == (Remedy(Step.REASSIGN, case.id, case.version) if helped else None)


# Triage


def test_taking_a_case_for_triage_changes_no_right() -> None:
    before, taken = a_case(), a_case(places={Place.TRIAGER: frozenset({LIN_XIAOYU})})
    for who in (LIN_XIAOYU, HE_QING, WU_GANG, CHEN_JING, ZHAO_LEI):
        rights = set(available(situation(who, before))) - {Step.TAKE}
        assert set(available(situation(who, taken))) == rights, who
    assert isinstance(permission(Step.TRIAGE, situation(WU_GANG, taken)), Row)


def test_a_taken_case_waits_for_its_triager_alone_until_it_is_triaged() -> None:
    def waits(case: CaseContext) -> frozenset[str]:
        return people_of(addressees(case, CENTER, {}, Policy(), NOW), CENTER)

    taken = a_case(places={Place.TRIAGER: frozenset({LIN_XIAOYU})})
    assert waits(taken) == {LIN_XIAOYU}
    assert waits(a_case(places={Place.TRIAGER: frozenset({ZHAO_LEI})})) == waits(a_case())
    triaged = outcome(Step.TRIAGE, situation(WU_GANG, taken), is_requirement="no", is_fault="no")
    assert triaged.places[Place.TRIAGER] == NOBODY


def test_taking_ends_the_urgent_reminders_and_sends_the_others_to_the_triager() -> None:
    urgent = a_case(suspected_urgency=Urgency.HIGH)
    taken = replace(urgent, places={Place.TRIAGER: frozenset({LIN_XIAOYU})})
    assert still_due(Rule.URGENT, urgent, Policy())
    assert not still_due(Rule.URGENT, taken, Policy())
    assert still_due(Rule.URGENT, replace(taken, gone=frozenset({LIN_XIAOYU})), Policy())
    assert still_due(Rule.UNTRIAGED, taken, Policy())
    assert recipients(Rule.UNTRIAGED, taken, Policy()).waits_for
    assert not recipients(Rule.UNTRIAGED, taken, Policy()).who


def test_only_the_center_is_given_a_case_to_triage() -> None:
    case = a_case(places={Place.TRIAGER: frozenset({LIN_XIAOYU})})
    s = situation(HUANG_WEI, case)
    assert outcome(Step.REASSIGN, s, place="triager", person=CHEN_JING).places == {
        Place.TRIAGER: frozenset({CHEN_JING})
    }
    why = refused(Step.REASSIGN, s, place="triager", person=ZHAO_LEI)["person"]
    assert isinstance(why, no.NotOfRole)
    assert set(why.role) == CENTER_ROLES


def test_a_deputy_takes_a_case_in_that_role() -> None:
    deputy = PersonContext(ZHAO_LEI, acting=frozenset({Role.TESTER}))
    center = replace(CENTER, holders={**CENTER.holders, Role.TESTER: frozenset({ZHAO_LEI})})
    s = replace(situation(ZHAO_LEI, free(State.MANUAL_UPDATE)), person=deputy, center=center)
    assert outcome(Step.TAKE, s).places == {Place.TESTERS: frozenset({ZHAO_LEI})}
