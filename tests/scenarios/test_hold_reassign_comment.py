"""Steps that are possible at most times: hold and resume, reassign, comment; and who sees what (process.md §2)."""

from datetime import timedelta

import pytest

from storage.vocabulary import Place, Severity, State, Step
from tests.conftest import MakeTeam
from tests.support.team import ADMIN, ANNA, CHEN, HE, HUANG, LIN, VIEWER, WU, ZHAO, ZHOU, Team

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_a_case_is_put_on_hold_and_resumed(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    assert Step.HOLD not in team.buttons(HE, case), "He Qing has no place on the case"
    told = team.told_by(lambda: team.usually(ZHAO, Step.HOLD, case, reason="Waits for the vendor"))
    assert told == {HUANG}
    assert "On hold" in team.sees(WU, case)
    assert "State Being modified" in team.sees(WU, case)
    assert "The case is on hold already." in team.refused(CHEN, Step.HOLD, case)
    told = team.told_by(lambda: team.usually(CHEN, Step.RESUME, case))
    assert told == {HUANG}
    assert "On hold" not in team.sees(WU, case)
    assert "The case is not on hold." in team.refused(CHEN, Step.RESUME, case)
    assert not team.told_by(lambda: team.pass_time(3 * DAY)), "a resumed case has no reminder of the end of its hold"


def test_the_end_of_a_hold_reminds_those_who_work_on_the_case(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    team.usually(CHEN, Step.HOLD, case, until=team.now + DAY)
    assert not team.told_by(lambda: team.pass_time(DAY - HOUR)) & {WU, LIN, ZHAO, CHEN}
    assert {WU, LIN, ZHAO, CHEN} <= team.told_by(lambda: team.pass_time(HOUR + timedelta(minutes=2)))
    assert "The hold has ended." in team.read(ZHAO)


def test_a_hold_that_would_end_in_the_past_is_refused(team: Team) -> None:
    case = team.case(State.TRIAGE)
    refused = team.try_usually(CHEN, Step.HOLD, case, until=team.now - HOUR)
    assert refused.errors == {"until": "Please choose a moment in the future."}


@pytest.mark.parametrize(
    ("severity", "stops", "moved"),
    [
        (Severity.VERY_SEVERE, "true", False),
        (Severity.SEVERE, "true", True),
        (Severity.SEVERE, "false", False),
    ],
)
def test_a_hold_never_stops_a_customer_stipulated_deadline_and_others_only_by_setting(
    make_team: MakeTeam, severity: Severity, stops: str, moved: bool
) -> None:
    team = make_team("en", FAULT_HOLD_STOPS_CLOCK=stops)
    case = team.case(State.MODIFICATION, severity=severity)
    before = team.card(case)
    assert before.deadline_at is not None
    team.usually(CHEN, Step.HOLD, case)
    team.pass_time(3 * HOUR)
    team.usually(CHEN, Step.RESUME, case)
    after = team.card(case)
    assert after.deadline_at is not None
    shift = after.deadline_at - before.deadline_at
    assert (shift >= 3 * HOUR) is moved
    assert moved or not shift
    assert after.first_deadline_at == before.first_deadline_at


REASSIGNED = [
    (State.ANALYSIS, "testers", LIN, HE),
    (State.ANALYSIS, "technicians", WU, HUANG),
    (State.MODIFICATION, "modifier", ZHAO, ANNA),
    (State.HANDLING, "owner", WU, ZHAO),
    (State.SHEET_DRAFTING, "service_manager", None, ZHOU),
    (State.REPLYING, "service_manager", CHEN, ZHOU),
]


@pytest.mark.parametrize(("state", "place", "old", "new"), REASSIGNED)
def test_a_place_is_given_to_another_and_both_are_told(
    make_team: MakeTeam, state: State, place: str, old: str | None, new: str
) -> None:
    team = make_team("en", FAULT_TECHNICIANS=f"{WU},{HUANG}")
    case = team.case(state)
    told = team.told_by(lambda: team.take(HUANG, Step.REASSIGN, case, place=place, person=new))
    assert ({old, new} - {None, HUANG}) <= told
    assert team.at(case, Place(place)) == {new}
    assert team.state(case) is state


@pytest.mark.parametrize(
    ("place", "person", "role"),
    [("testers", WU, "Tester"), ("technicians", LIN, "Technician"), ("service_manager", HE, "Service manager")],
)
def test_a_place_goes_only_to_somebody_of_its_role(team: Team, place: str, person: str, role: str) -> None:
    case = team.case(State.ANALYSIS)
    refused = team.attempt(WU, Step.REASSIGN, case, place=place, person=person)
    assert refused.errors == {"person": f"Only persons with the role {role} can be named here."}


def test_a_person_who_holds_the_place_already_is_refused(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    refused = team.attempt(WU, Step.REASSIGN, case, place="testers", person=LIN)
    assert refused.errors == {"person": "This person holds that place already."}


def test_the_only_tester_of_a_case_does_not_become_its_modifier(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    refused = team.attempt(WU, Step.REASSIGN, case, place="modifier", person=LIN)
    assert set(refused.errors) == {"person"}


def test_only_managers_and_technicians_reassign(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    for person in (CHEN, LIN, ZHAO, VIEWER, ADMIN):
        assert Step.REASSIGN not in team.buttons(person, case)
    assert "is not yours to do" in team.refused(CHEN, Step.REASSIGN, case)


def test_after_reassigning_the_new_modifier_is_asked_and_the_old_one_no_longer(team: Team) -> None:
    case = team.case(State.MODIFICATION)
    asked = team.inbox(ZHAO)[-1]
    assert Step.SUBMIT_MODIFICATION in asked.buttons
    team.take(WU, Step.REASSIGN, case, place="modifier", person=ANNA)
    assert Step.SUBMIT_MODIFICATION in team.inbox(ANNA)[-1].buttons
    now = next(message for message in team.inbox(ZHAO) if message.ts == asked.ts)
    assert Step.SUBMIT_MODIFICATION not in now.buttons
    assert "is not yours to do" in team.press_copy(ZHAO, asked, Step.SUBMIT_MODIFICATION)


def test_everybody_on_the_case_may_comment_with_text_and_files(team: Team) -> None:
    case = team.case(State.MODIFICATION, reporter=ANNA)
    for person in (ANNA, CHEN, WU, LIN, ZHAO, HE, HUANG):
        team.take(person, Step.COMMENT, case, text=f"A word of {person}")
    team.take(WU, Step.COMMENT, case, text="The log", files=[("rating.log", b"ORA-01438")])
    team.take(ZHAO, Step.COMMENT, case, files=[("core.txt", b"0xdead"), ("top.txt", b"99%")])
    told = "\n".join(team.thread(case))
    for person in (ANNA, CHEN, WU, LIN, ZHAO, HE, HUANG):
        assert f"A word of {person}" in told
    assert "rating.log" in told
    assert "core.txt" in told
    assert team.state(case) is State.MODIFICATION
    assert [file["name"] for file in team.history(case)[-1].data["files"]] == ["core.txt", "top.txt"]


def test_an_empty_comment_is_refused(team: Team) -> None:
    case = team.case()
    form = team.open(CHEN, Step.COMMENT, case)
    assert set(form.submit().errors) == {"text"}


def test_a_comment_on_a_closed_case_is_possible(team: Team) -> None:
    case = team.case(State.CLOSED)
    team.take(WU, Step.COMMENT, case, text="Seen at another customer, too")
    assert "Seen at another customer, too" in "\n".join(team.thread(case))
    assert team.state(case) is State.CLOSED


def test_people_who_are_not_involved_do_not_see_a_case_and_viewers_only_read(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    assert f"There is no case {case}, or it is not yours to read." in team.sees(ANNA, case)
    assert f"There is no case {case}, or it is not yours to read." in team.sees(ZHAO, case)
    for reader in (VIEWER, ADMIN):
        assert "State Fault analysis" in team.sees(reader, case)
        assert team.buttons(reader, case) <= {"read_all", "export"}
    assert "not yours to read" in team.refused(ANNA, Step.COMMENT, case)
    for person in (VIEWER, ADMIN):
        assert "is not yours to do" in team.refused(person, Step.COMMENT, case)
    assert len(team.history(case)) == 4


def test_a_comment_leaves_the_buttons_of_everybody_else_unchanged(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    asked = team.inbox(HUANG)[-1]
    team.take(CHEN, Step.COMMENT, case, text="It is urgent")
    team.person(HUANG).press(Step.SIGN_SHEET, message=asked)
    team.person(HUANG).opened(Step.SIGN_SHEET)
    team.person(HUANG).fill(testers=[LIN], technicians=[WU])
    assert team.person(HUANG).submit().closed


def with_two_testers(make_team: MakeTeam, language: str, state: State = State.ANALYSIS) -> tuple[Team, str]:
    """A fault that Lin and He test, in a center with Huang as a third tester."""
    team = make_team(language, FAULT_TESTERS=f"{LIN},{HE},{HUANG}")
    case = team.case(State.SHEET_SIGNING)
    team.take(HUANG, Step.SIGN_SHEET, case, testers=[LIN, HE], technicians=[WU])
    return team, team.advance(case, state)


def test_one_of_several_is_replaced_added_or_taken_off(make_team: MakeTeam, language: str) -> None:
    team, case = with_two_testers(make_team, language)
    form = team.open(WU, Step.REASSIGN, case)
    assert "from_person" not in form.opened().fields
    form.fill(place="technicians")
    assert "from_person" not in form.opened().fields, "one person holds it"
    form.fill(place="testers")
    assert {"from_person", "person"} <= form.opened().fields.keys()
    written = form.read(form.opened())
    assert {"en": "Person who leaves", "zh-CN": "移出人员"}[language] in written
    assert {"en": "Leave this empty to add somebody.", "zh-CN": "留空表示增加一人。"}[language] in written
    assert set(form.submit().errors) == {"person"}, "nobody is named"
    form.close_view()

    told = team.told_by(lambda: team.take(WU, Step.REASSIGN, case, place="testers", person=HUANG))
    assert team.at(case, Place.TESTERS) == {LIN, HE, HUANG}
    assert HUANG in told
    told = team.told_by(lambda: team.take(WU, Step.REASSIGN, case, place="testers", from_person=HE))
    assert team.at(case, Place.TESTERS) == {LIN, HUANG}
    assert HE in told
    told = team.told_by(lambda: team.take(WU, Step.REASSIGN, case, place="testers", from_person=HUANG, person=HE))
    assert team.at(case, Place.TESTERS) == {LIN, HE}
    assert {HE, HUANG} <= told
    team.take(WU, Step.REASSIGN, case, place="testers", from_person=LIN)
    assert team.at(case, Place.TESTERS) == {HE}


def test_only_somebody_who_holds_the_place_leaves_it(make_team: MakeTeam) -> None:
    team, case = with_two_testers(make_team, "en")
    refused = team.attempt(WU, Step.REASSIGN, case, place="testers", from_person=ZHAO, person=HUANG)
    assert refused.errors == {"from_person": "This person does not hold that place."}
    refused = team.attempt(WU, Step.REASSIGN, case, place="testers", from_person=LIN, person=HE)
    assert refused.errors == {"person": "This person holds that place already."}


def test_a_tester_who_is_not_the_modifier_remains(make_team: MakeTeam) -> None:
    team, case = with_two_testers(make_team, "en", State.MODIFICATION)
    team.take(WU, Step.REASSIGN, case, place="modifier", person=HE)
    refused = team.attempt(WU, Step.REASSIGN, case, place="testers", from_person=LIN)
    assert refused.errors == {"from_person": "Only the modifier of this build would remain as its tester."}
    assert team.at(case, Place.TESTERS) == {LIN, HE}
