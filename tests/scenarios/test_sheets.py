"""Drafting, signing, returning and rejecting task sheets; deputies and the one-person center (process.md §2, §6)."""

from functools import partial

import pytest

from storage.vocabulary import Kind, Paper, PaperStatus, Place, State, Step
from tests.conftest import MakeTeam
from tests.support.answers import KINDS, SHEETS, SIGNING
from tests.support.team import ANNA, CHEN, HE, HUANG, LIN, WU, ZHAO, ZHOU, Team

ALWAYS = "2020-01-01:2099-12-31"


def test_a_sheet_may_be_returned_and_redrafted_several_times(team: Team) -> None:
    case = team.case(State.SHEET_DRAFTING)
    for number in range(1, 4):
        team.usually(CHEN, Step.DRAFT_SHEET, case, impact=f"Draft {number}")
        told = team.told_by(partial(team.take, HUANG, Step.RETURN_SHEET, case, reason=f"No {number}"))
        assert CHEN in told
        form = team.open(ZHOU, Step.DRAFT_SHEET, case)
        assert f"No {number}" in form.read(form.opened()), "the reason of the return is shown above the form"
        assert f"Draft {number}" in form.read(form.opened()), "the draft is prefilled"
        form.close_view()
    team.usually(CHEN, Step.DRAFT_SHEET, case, impact="Draft 4")
    team.usually(HUANG, Step.SIGN_SHEET, case)
    sheets = team.papers(case, Paper.FAULT_SHEET)
    assert [sheet.version for sheet in sheets] == [1, 2, 3, 4]
    assert [sheet.status for sheet in sheets] == [PaperStatus.RETURNED] * 3 + [PaperStatus.SIGNED]
    assert [note.content["reason"] for note in team.papers(case, Paper.RETURN_NOTE)] == ["No 1", "No 2", "No 3"]


def test_the_center_manager_is_asked_to_sign_return_or_reject(team: Team) -> None:
    case = team.case(State.SHEET_DRAFTING)
    told = team.told_by(lambda: team.usually(CHEN, Step.DRAFT_SHEET, case))
    assert told == {HUANG}
    asked = team.inbox(HUANG)[-1]
    assert {Step.SIGN_SHEET, Step.RETURN_SHEET, Step.REJECT_SHEET} <= set(asked.buttons)
    assert "It exits every night" in asked.plain


def test_a_sheet_rejected_as_not_a_fault_is_triaged_again_as_a_requirement(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    told = team.told_by(lambda: team.take(HUANG, Step.REJECT_SHEET, case, reason="not a fault"))
    assert CHEN in told
    assert "State Awaiting triage" in team.sees(CHEN, case)
    assert [sheet.status for sheet in team.papers(case, Paper.FAULT_SHEET)] == [PaperStatus.VOID]
    team.advance(case, State.HANDED_OVER, kind=Kind.REQUIREMENT)
    assert [sheet.version for sheet in team.papers(case, Paper.REQUIREMENT_SHEET)] == [1]
    assert team.papers(case, Paper.REQUIREMENT_SHEET)[0].status is PaperStatus.SIGNED
    assert [sheet.status for sheet in team.papers(case, Paper.FAULT_SHEET)] == [PaperStatus.VOID]


def test_a_sheet_rejected_as_not_a_requirement_is_triaged_again_as_a_fault(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING, kind=Kind.REQUIREMENT)
    team.take(HUANG, Step.REJECT_SHEET, case, reason="not a requirement")
    team.advance(case, State.ANALYSIS, kind=Kind.FAULT)
    assert team.at(case, Place.TESTERS) == {LIN}
    assert team.papers(case, Paper.REQUIREMENT_SHEET)[0].status is PaperStatus.VOID


def test_from_analysis_only_the_center_manager_reclassifies_and_the_signed_sheet_is_void(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    for person in (CHEN, WU, LIN):
        assert Step.RECLASSIFY not in team.buttons(person, case)
    assert "is not yours to do" in team.refused(WU, Step.RECLASSIFY, case)
    team.take(HUANG, Step.RECLASSIFY, case, reason="It works as designed")
    sheet = team.papers(case, Paper.FAULT_SHEET)[0]
    assert (sheet.status, sheet.signer) == (PaperStatus.VOID, HUANG)
    assert sheet.content["symptom"] == "It exits every night", "the earlier record is kept"
    assert not team.at(case, Place.TESTERS)
    team.advance(case, State.CLOSED, kind=Kind.QUESTION)


def test_a_reclassified_fault_is_signed_as_a_new_version(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    team.take(HUANG, Step.RECLASSIFY, case, reason="Another fault than we thought")
    team.advance(case, State.ANALYSIS)
    sheets = team.papers(case, Paper.FAULT_SHEET)
    assert [(sheet.version, sheet.status) for sheet in sheets] == [
        (1, PaperStatus.VOID),
        (2, PaperStatus.SIGNED),
    ]


@pytest.mark.parametrize(
    ("field", "people", "role"), [("testers", [WU], "Tester"), ("technicians", [LIN, WU], "Technician")]
)
def test_only_testers_and_technicians_are_named_as_analysts(
    team: Team, field: str, people: list[str], role: str
) -> None:
    case = team.case(State.SHEET_SIGNING)
    refused = team.attempt(HUANG, Step.SIGN_SHEET, case, **{**SIGNING[Kind.FAULT], field: people})
    assert refused.errors == {field: f"Only persons with the role {role} can be named here."}
    assert team.state(case) is State.SHEET_SIGNING


def test_a_fault_sheet_is_not_signed_without_a_tester_and_a_technician(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    form = team.open(HUANG, Step.SIGN_SHEET, case)
    assert set(form.submit().errors) == {"testers", "technicians"}
    assert team.papers(case, Paper.FAULT_SHEET)[0].signer is None


def test_a_requirement_may_be_signed_with_its_development_reference_to_follow(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING, kind=Kind.REQUIREMENT)
    told = team.told_by(lambda: team.take(HUANG, Step.SIGN_SHEET, case, dev_owner=ZHAO, dev_ref="to follow"))
    assert told == {ZHAO, CHEN}
    assert "to follow" in team.read(ZHAO)
    assert SHEETS[Kind.REQUIREMENT]["value"] in team.read(ZHAO), "the development owner reads the sheet"


def test_a_deputy_signs_as_deputy(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_DEPUTIES=f"center_manager:{ZHOU}:{ALWAYS}")
    case = team.case(State.SHEET_SIGNING)
    assert Step.SIGN_SHEET in team.inbox(ZHOU)[-1].buttons
    team.usually(ZHOU, Step.SIGN_SHEET, case)
    assert team.papers(case, Paper.FAULT_SHEET)[0].signer == ZHOU
    assert "Zhou Min 周敏 signed the task sheet." in "\n".join(team.thread(case))


def test_a_deputy_never_signs_a_sheet_that_the_deputy_drafted(make_team: MakeTeam) -> None:
    """This holds for the deputy's own version and for a later version that somebody else drafts (R4)."""
    team = make_team("en", FAULT_DEPUTIES=f"center_manager:{ZHOU}:{ALWAYS}")
    case = team.case(State.SHEET_DRAFTING)
    team.usually(ZHOU, Step.DRAFT_SHEET, case)
    assert "You drafted this sheet and cannot sign it." in team.refused(ZHOU, Step.SIGN_SHEET, case)
    team.take(HUANG, Step.RETURN_SHEET, case, reason="More, please")
    team.usually(CHEN, Step.DRAFT_SHEET, case)
    assert Step.SIGN_SHEET not in team.buttons(ZHOU, case)
    assert "so you cannot sign it as deputy" in team.refused(ZHOU, Step.SIGN_SHEET, case)
    assert "Please sign this task sheet" not in team.read(ZHOU)
    team.usually(HUANG, Step.SIGN_SHEET, case)


def test_a_deputy_outside_the_named_dates_signs_nothing(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_DEPUTIES=f"center_manager:{ZHOU}:2020-01-01:2020-12-31")
    case = team.case(State.SHEET_SIGNING)
    assert Step.SIGN_SHEET not in team.buttons(ZHOU, case)
    assert "is not yours to do" in team.refused(ZHOU, Step.SIGN_SHEET, case)


ONE = {f"FAULT_{role}": HUANG for role in ("ADMINS", "CENTER_MANAGERS", "SERVICE_MANAGERS", "TECHNICIANS", "TESTERS")}


def test_a_one_person_center_signs_its_own_sheet_with_a_reason(make_team: MakeTeam) -> None:
    team = make_team("en", **ONE, FAULT_DEPUTIES="")
    case = team.report(ANNA)
    team.take(HUANG, Step.TRIAGE, case, **KINDS[Kind.FAULT])
    team.take(HUANG, Step.DRAFT_SHEET, case, **SHEETS[Kind.FAULT])
    form = team.open(HUANG, Step.SIGN_SHEET, case)
    form.fill(testers=[HUANG], technicians=[HUANG])
    assert set(form.submit().errors) == {"reason"}
    form.fill(reason="Nobody else is here")
    assert form.submit().closed
    assert team.state(case) is State.ANALYSIS
    assert team.history(case)[-1].data["reason"] == "Nobody else is here"
    assert "Nobody else is here" in "\n".join(team.thread(case))


def test_the_drafter_cannot_sign_where_the_center_has_a_second_person(make_team: MakeTeam) -> None:
    team = make_team("en", **{**ONE, "FAULT_TESTERS": f"{HUANG},{HE}"}, FAULT_DEPUTIES="")
    case = team.report(ANNA)
    team.take(HUANG, Step.TRIAGE, case, **KINDS[Kind.FAULT])
    team.take(HUANG, Step.DRAFT_SHEET, case, **SHEETS[Kind.FAULT])
    assert "You drafted this sheet and cannot sign it." in team.refused(HUANG, Step.SIGN_SHEET, case)


def test_a_one_person_center_never_tests_its_own_modification(make_team: MakeTeam) -> None:
    team = make_team("en", **ONE, FAULT_DEPUTIES="")
    case = team.report(ANNA)
    team.take(HUANG, Step.TRIAGE, case, **KINDS[Kind.FAULT])
    team.take(HUANG, Step.DRAFT_SHEET, case, **SHEETS[Kind.FAULT])
    team.take(HUANG, Step.SIGN_SHEET, case, testers=[HUANG], technicians=[HUANG], reason="Nobody else")
    team.usually(HUANG, Step.PUBLISH_ANALYSIS, case, analysts=[HUANG])
    team.usually(HUANG, Step.DECIDE_MODIFICATION, case, modifier=HUANG)
    team.usually(HUANG, Step.SUBMIT_MODIFICATION, case)
    assert not {Step.PASS_TEST, Step.FAIL_TEST} & team.buttons(HUANG, case)
    assert "another tester must judge it" in team.refused(HUANG, Step.PASS_TEST, case)
