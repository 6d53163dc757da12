"""Who may take which step in which state: every step, state and person, compared with process.md §2 and §6.

The expectations are written here from the document and are never read from the code's tables.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, product
from typing import Any

import pytest

from bot.workflow.context import CaseContext, Center, PersonContext, Round
from bot.workflow.decide import available, permission
from bot.workflow.situation import Row, Situation
from storage.vocabulary import Basis, Kind, Place, Role, Severity, Source, State, Step
from tests.support.workflow_cases import NOW, a_case

OPEN = (
    "triage answering answer_confirming sheet_drafting sheet_signing analysis decision handling modification "
    "testing manual_update release replying fix_confirming"
)
AFTER_ANALYSIS = "decision handling modification testing manual_update release replying fix_confirming"
ENDED = "handed_over closed duplicate withdrawn"
ANYBODY = "CM SM TE TS"

#: Rows of process.md §2: the step, the states it starts in, and who takes it. CU is the internal reporter, NAMED a
#: tester or technician of the case, MD its modifier, OWNER its owner, ASSIGNEE anybody who holds a place, SEES whoever
#: may write on the case.
DOCUMENT = (
    ("take", "triage", ANYBODY),
    ("take", "answering answer_confirming sheet_drafting replying fix_confirming", "SM"),
    ("take", "analysis", "TE TS"),
    ("take", "decision release", "TE"),
    ("take", "testing manual_update", "TS"),
    ("triage", "triage", ANYBODY),
    ("answer", "answering", "SM"),
    ("record_verdict", "answer_confirming", "SM CU"),
    ("reclassify", "answering answer_confirming", ANYBODY),
    ("reclassify", "analysis", "CM"),
    ("draft_sheet", "sheet_drafting", "SM"),
    ("sign_sheet", "sheet_signing", "CM"),
    ("return_sheet", "sheet_signing", "CM"),
    ("reject_sheet", "sheet_signing", "CM"),
    ("call_discussion", "analysis", "TE TS"),
    ("close_discussion", "analysis", "TE TS"),
    ("publish_analysis", "analysis", "NAMED"),
    ("change_severity", AFTER_ANALYSIS, "TE TS CM"),
    ("change_deadline", f"analysis {AFTER_ANALYSIS}", "CM SM"),
    ("decide_modification", "decision", "TE CM"),
    ("reanalyze", "decision handling", "TE CM OWNER"),
    ("complete_handling", "handling", "OWNER"),
    ("submit_modification", "modification", "MD"),
    ("pass_test", "testing", "TS"),
    ("fail_test", "testing", "TS"),
    ("update_manual", "manual_update", "TS"),
    ("record_release", "release", "TE"),
    ("reply_customer", "replying", "SM"),
    ("confirm_fix", "fix_confirming", "SM CU"),
    ("reject_fix", "fix_confirming", "SM CU"),
    ("close_unanswered", "fix_confirming answer_confirming", "CM"),
    ("reopen", "closed", "SM CU"),
    ("merge_duplicate", OPEN, "SM TE CM"),
    ("undo_merge", "duplicate", "CM"),
    ("withdraw", OPEN, "REPORTER SM CM"),
    ("hold", OPEN, "ASSIGNEE SM"),
    ("resume", OPEN, "ASSIGNEE SM"),
    ("reassign", OPEN, "CM TE"),
    ("correct", "triage", "REPORTER SM CM"),
    ("correct", OPEN.removeprefix("triage "), "SM CM"),
    ("comment", f"{OPEN} {ENDED}", "SEES"),
)
WHO = {(step, state): who.split() for step, states, who in DOCUMENT for state in states.split()}

ROLE_TRAITS = {
    "CM": Role.CENTER_MANAGER,
    "SM": Role.SERVICE_MANAGER,
    "TE": Role.TECHNICIAN,
    "TS": Role.TESTER,
    "admin": Role.ADMIN,
    "viewer": Role.VIEWER,
}
#: The places that `take` fills in each state where there are any, with the roles that they need (rule 2.1).
TAKEN = {
    "triage": {"triager_of_case": ANYBODY},
    "analysis": {"tester_of_case": "TS", "technician_of_case": "TE"},
    "testing": {"tester_of_case": "TS"},
    "manual_update": {"tester_of_case": "TS"},
    "decision": {"technician_of_case": "TE"},
    "release": {"technician_of_case": "TE"},
}
FOR_SERVICE = {"service_manager_of_case": "SM"}

PLACE_TRAITS = {
    "triager_of_case": Place.TRIAGER,
    "tester_of_case": Place.TESTERS,
    "technician_of_case": Place.TECHNICIANS,
    "modifier": Place.MODIFIER,
    "owner": Place.OWNER,
    "service_manager_of_case": Place.SERVICE_MANAGER,
}
#: "deputy" acts as center manager. "drafted" drafted this version of the sheet, "drafted_earlier" another one. "built"
#: modified the build under test. "alone" is the only person of the center.
OTHER_TRAITS = ("reporter", "inside_reporter", "deputy", "drafted", "drafted_earlier", "built", "alone")
TRAITS = (*ROLE_TRAITS, *PLACE_TRAITS, *OTHER_TRAITS)
#: Persons with no trait, with one or two, and those with three that the document mentions.
PERSONS = [
    frozenset(traits)
    for traits in (
        *(chosen for size in (0, 1, 2) for chosen in combinations(TRAITS, size)),
        ("CM", "drafted", "alone"),
        ("CM", "drafted", "drafted_earlier"),
        ("SM", "deputy", "drafted_earlier"),
        ("CM", "SM", "TE", "TS"),
        ("TS", "modifier", "built"),
        ("TS", "tester_of_case", "built"),
        ("CM", "TS", "built"),
    )
    if not ({"reporter", "inside_reporter"} <= set(traits) or {"CM", "deputy"} <= set(traits))
]


@dataclass(frozen=True)
class World:
    """Everything besides the state of a case on which a step depends (process.md)."""

    severity: str | None = None
    kind: str = "fault"
    published: bool = True
    on_hold: bool = False
    in_discussion: bool = False
    tested: bool = True
    resolved: bool = True
    reminders: int = 3
    waiting_days: int = 8
    closed_days: int = 10
    has_duplicates: bool = False
    promised: bool = False
    #: Whether somebody else holds every place.
    is_held: bool = True


WORLDS = (
    *(World(severity) for severity in ("general", "severe", "very_severe")),
    World(published=False, tested=False, resolved=False, on_hold=True, in_discussion=True),
    World("severe", reminders=2, closed_days=31, has_duplicates=True),
    World("general", waiting_days=6, resolved=False),
    World("severe", resolved=False, promised=True),
    World("severe", promised=True),
    World(kind="question", published=False),
    World("severe", is_held=False),
    World(kind="requirement", published=False, waiting_days=2),
)


def allowed(step: str, state: str, who: frozenset[str], world: World) -> bool:
    """Whether process.md allows the step."""
    rights = set(who).union(*(RIGHTS.get(trait, "").split() for trait in who))
    named = WHO.get((step, state), [])
    return bool(rights & set(named)) and not _forbidden(step, state, rights, world)


#: The rights that a trait gives, besides the trait itself.
RIGHTS = {
    "deputy": "CM SEES",
    "reporter": "REPORTER SEES",
    "inside_reporter": "REPORTER CU SEES",
    "triager_of_case": "SEES",
    "tester_of_case": "NAMED ASSIGNEE SEES",
    "technician_of_case": "NAMED ASSIGNEE SEES",
    "modifier": "MD ASSIGNEE SEES",
    "owner": "OWNER ASSIGNEE SEES",
    "service_manager_of_case": "ASSIGNEE SEES",
    **dict.fromkeys(ANYBODY.split(), "SEES"),
}


def _forbidden(step: str, state: str, rights: set[str], world: World) -> bool:
    """Whether the needs of the case (process.md §2) or the separation of duties (§6) forbid the step."""
    very_severe = world.severity == "very_severe"
    fault = world.kind == "fault"
    finished = not fault or bool(world.published and world.severity and world.resolved)
    return {
        "take": _nothing_to_take(state, rights, world) or (state == "testing" and "built" in rights),
        "sign_sheet": _may_not_sign(rights),  # R1, R4
        "pass_test": "built" in rights,  # R2
        "fail_test": "built" in rights,
        "merge_duplicate": world.has_duplicates or _may_not_merge(rights, very_severe, world),
        "withdraw": _manager_only(rights, very_severe, {"SM", "REPORTER"}),
        "change_severity": not (fault and world.published)
        or (world.severity == "general" and not rights & {"TE", "TS"}),  # the manager has nothing to lower
        "change_deadline": not (world.promised if state == "analysis" else fault and world.published),
        "call_discussion": world.in_discussion,
        "close_discussion": not world.in_discussion,
        "publish_analysis": world.in_discussion or not rights & {"TE", "TS"},  # "TE or TS named on the case"
        "record_release": not world.tested,
        "confirm_fix": not finished,
        "close_unanswered": very_severe or not finished or world.reminders < 3 or world.waiting_days < 7,
        "reopen": world.closed_days > 30 or world.kind == "requirement",
        "hold": world.on_hold,
        "resume": not world.on_hold,
    }.get(step, False)


def _nothing_to_take(state: str, rights: set[str], world: World) -> bool:
    """Rule 2.1: somebody active is named already. In testing, the modifier of the build does not count."""
    places = TAKEN.get(state, FOR_SERVICE)
    own = [place for place, roles in places.items() if rights & set(roles.split())]
    elsewhere = world.is_held and "alone" not in rights and state != "testing"  # there somebody else built it
    return elsewhere or all(place in rights for place in own)


def _may_not_sign(rights: set[str]) -> bool:
    drafter = "drafted" in rights and "alone" not in rights
    deputy_drafted = "CM" in rights and "deputy" in rights and bool(rights & {"drafted", "drafted_earlier"})
    return drafter or deputy_drafted


def _may_not_merge(rights: set[str], very_severe: bool, world: World) -> bool:
    """R7, and rule 2.3 for an agreed deadline that is still to be kept."""
    manager_may = "CM" in rights and world.promised and not world.resolved
    return _manager_only(rights, very_severe, {"SM", "TE"}) and not manager_may


def _manager_only(rights: set[str], very_severe: bool, otherwise: set[str]) -> bool:
    return "CM" not in rights if very_severe else not rights & otherwise


def _case(state: State, who: frozenset[str], world: World) -> CaseContext:
    day = timedelta(days=1)
    changes: dict[str, Any] = {
        "kind": Kind(world.kind),
        "severity": Severity(world.severity) if world.severity else None,
        "places": {
            place: frozenset([*(["U0ELSE"] if world.is_held else []), *(["U0ME"] if trait in who else [])])
            for trait, place in PLACE_TRAITS.items()
        },
        "reporter": "U0ME" if who & {"reporter", "inside_reporter"} else "U0ELSE",
        "source": Source.INTERNAL if "inside_reporter" in who else Source.CUSTOMER,
        "sheet_drafter": "U0ME" if "drafted" in who else "U0ELSE",
        "sheet_drafters": frozenset({"U0ELSE", *(["U0ME"] if who & {"drafted", "drafted_earlier"} else [])}),
        "round": Round("b1", "U0ME" if "built" in who else "U0ELSE", world.tested),
        "report_published": world.published,
        "on_hold": world.on_hold,
        "in_discussion": world.in_discussion,
        "resolved_at": NOW if world.resolved else None,
        "unanswered_reminders": world.reminders,
        "waiting_since": NOW - world.waiting_days * day,
        "closed_at": NOW - world.closed_days * day,
        "deadline_at": NOW + day if world.promised else None,
        "deadline_basis": Basis.NEGOTIATED if world.promised else None,
        "has_duplicates": world.has_duplicates,
        "earlier_state": State.ANALYSIS,
    }
    return a_case(state, **changes)


def _situation(state: State, who: frozenset[str], world: World) -> Situation:
    roles = frozenset(role for trait, role in ROLE_TRAITS.items() if trait in who)
    acting = frozenset({Role.CENTER_MANAGER}) if "deputy" in who else frozenset()
    others = frozenset() if "alone" in who else frozenset({"U0ELSE"})
    center = Center({role: others | (frozenset({"U0ME"}) if role in roles | acting else frozenset()) for role in Role})
    return Situation(_case(state, who, world), PersonContext("U0ME", roles, acting), NOW, center=center)


@pytest.mark.no_cover  # it asks a few lines a million times: seconds without coverage, a minute with it
def test_every_step_in_every_state_is_open_to_exactly_those_the_process_names() -> None:
    wrong = []
    for state, world, who in product(State, WORLDS, PERSONS):
        seen = _situation(state, who, world)
        for step in Step:
            if len(who) > 1 and (step, state) not in WHO:
                continue  # each single trait has already been refused
            may = isinstance(permission(step, seen), Row)
            if may != allowed(step.value, state.value, who, world):
                wrong.append(f"{step} in {state} by {sorted(who)} is {may} in {world}")
    assert not wrong, f"{len(wrong)} disagreements\n" + "\n".join(wrong[:30])


def test_buttons_are_the_permitted_steps() -> None:
    seen = _situation(State.SHEET_SIGNING, frozenset({"CM", "SM"}), World("severe"))
    expected = {
        "sign_sheet",
        "return_sheet",
        "reject_sheet",
        "merge_duplicate",
        "withdraw",
        "hold",
        "reassign",
        "correct",
    }
    assert set(available(seen)) == {*expected, "comment"}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
def test_an_admin_or_a_viewer_never_acts_on_a_case(role: Role) -> None:
    trait = next(name for name, held in ROLE_TRAITS.items() if held is role)
    for state in State:
        for world in WORLDS:
            assert available(_situation(state, frozenset({trait}), world)) == ()
