"""Deadlines that survive, promises that lie ahead, and holds that stop the clock (process.md 2.4, 2.5 and §3.5)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.vocabulary import Basis, Paper, Severity, State, Step
from tests.conftest import MakeTeam
from tests.support.answers import FAILED, REPORT, deadline, promised
from tests.support.team import CHEN, HUANG, LIN, WU, Team

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PUBLISH: dict[str, Any] = {**REPORT, "severity_reason": "As before"}
ASKED = {"deadline_basis", "deadline_at", "deadline_contact", "deadline_agreed_at", "deadline_evidence"}
FUTURE = {"en": "Please choose a moment in the future.", "zh-CN": "请选择一个将来的时间。"}
YEARS = {
    "en": "Please choose a moment in the years 1970 to 2199.",
    "zh-CN": "请选择 1970 年至 2199 年之间的时间。",
}


def again_in_analysis(team: Team, case: str, way: Step) -> None:
    """Bring a fault in modification back to analysis."""
    if way is Step.REANALYZE:
        team.usually(HUANG, way, case)
    else:
        team.advance(case, State.TESTING, severity=Severity.SEVERE)
        team.take(LIN, way, case, **{**FAILED, "next": "analyze"})


@pytest.mark.parametrize(("way", "state"), [(Step.REANALYZE, State.DECISION), (Step.FAIL_TEST, State.MODIFICATION)])
@pytest.mark.parametrize("late", [False, True])
def test_an_agreed_deadline_survives_a_second_analysis(team: Team, way: Step, state: State, late: bool) -> None:
    case = team.case(state, severity=Severity.SEVERE)
    before = team.card(case)
    if late:
        team.pass_time(6 * DAY)
    again_in_analysis(team, case, way)
    form = team.open(WU, Step.PUBLISH_ANALYSIS, case)
    assert not ASKED & set(form.opened().fields)
    assert "The deadline stays in force." in form.read(form.opened())
    form.fill(effort_hours="1")
    assert form.submit().closed
    after = team.card(case)
    assert (after.state, after.deadline_at, after.moved_count) == (State.DECISION, before.deadline_at, 0)
    assert (after.overdue, "Overdue" in team.sees(CHEN, case)) == (late, late)


def test_in_analysis_a_deadline_is_moved_with_a_reason_by_those_who_may(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    assert Step.CHANGE_DEADLINE not in team.buttons(CHEN, case), "there is none yet"
    assert "No deadline is in force." in team.refused(CHEN, Step.CHANGE_DEADLINE, case)
    team.advance(case, State.DECISION, severity=Severity.SEVERE)
    team.usually(HUANG, Step.REANALYZE, case)
    assert Step.CHANGE_DEADLINE not in team.buttons(WU, case)
    team.usually(CHEN, Step.CHANGE_DEADLINE, case)
    assert team.card(case).moved_count == 1


def test_a_second_report_with_a_higher_severity_asks_for_the_time_of_it(team: Team) -> None:
    case = team.case(State.DECISION, severity=Severity.SEVERE)
    team.usually(HUANG, Step.REANALYZE, case)
    form = team.open(WU, Step.PUBLISH_ANALYSIS, case)
    form.fill(severity="very_severe", **{code: PUBLISH[code] for code in ("root_cause", "prevention")})
    assert form.opened().fields.keys() >= {"deadline_basis"}
    refused = form.submit()
    assert refused.errors == {"deadline_basis": "Set the time the customer stipulated before recording this severity."}
    form.fill(**{**deadline(Severity.VERY_SEVERE, team.now), "effort_hours": "1"})
    assert form.submit().closed
    assert team.card(case).deadline_basis is Basis.CUSTOMER_STIPULATED


@pytest.mark.parametrize("way", [Step.REJECT_FIX, Step.REOPEN])
def test_a_kept_promise_that_has_passed_is_not_in_force_after_a_reopening(team: Team, way: Step) -> None:
    case = team.case(State.FIX_CONFIRMING if way is Step.REJECT_FIX else State.CLOSED, severity=Severity.SEVERE)
    team.pass_time(6 * DAY)
    team.usually(CHEN, way, case)
    card = team.card(case)
    assert (card.deadline_at, card.overdue, card.first_deadline_at is None) == (None, False, False)
    assert "Overdue" not in team.sees(CHEN, case)
    team.told()
    team.pass_time(3 * DAY)
    assert "deadline has passed" not in team.news(LIN)
    form = team.open(WU, Step.PUBLISH_ANALYSIS, case)
    values = form.opened()
    assert "deadline_basis" in values.fields
    assert "stays in force" not in form.read(values)
    assert set(form.submit().errors) >= {"deadline_basis"}, "an untouched form is refused"
    again = (team.now + 5 * DAY).replace(microsecond=0)
    form.fill(**{**deadline(Severity.SEVERE, team.now, again), "effort_hours": "1"})
    assert form.submit().closed
    assert team.card(case).deadline_at == again
    assert team.card(case).moved_count == 0, "a new promise is no change of the old one"


def test_a_deadline_that_lies_ahead_survives_a_rejected_fix(team: Team) -> None:
    case = team.case(State.FIX_CONFIRMING, severity=Severity.SEVERE)
    before = team.card(case).deadline_at
    team.usually(CHEN, Step.REJECT_FIX, case)
    assert team.card(case).deadline_at == before
    assert not ASKED & set(team.open(WU, Step.PUBLISH_ANALYSIS, case).opened().fields)


def test_a_later_change_of_the_deadline_does_not_make_a_late_reply_on_time(team: Team) -> None:
    case = team.case(State.REPLYING, severity=Severity.SEVERE)
    team.pass_time(6 * DAY)
    team.usually(CHEN, Step.REPLY_CUSTOMER, case)
    assert "Late" in team.sees(CHEN, case)
    team.usually(CHEN, Step.CHANGE_DEADLINE, case)
    assert "Late" in team.sees(CHEN, case)
    assert "On time" not in team.sees(CHEN, case)
    team.usually(CHEN, Step.CONFIRM_FIX, case)
    assert team.papers(case, Paper.FAULT_RECORD)[-1].content["on_time"] is False


FAR = datetime(2201, 1, 1, tzinfo=UTC)


def test_a_promise_does_not_lie_in_the_past_nor_outside_the_calendar(speakers: Team, language: str) -> None:
    team = speakers
    case = team.case(State.ANALYSIS)
    refused = team.attempt(
        WU, Step.PUBLISH_ANALYSIS, case, **{**PUBLISH, **deadline(Severity.SEVERE, team.now, team.now - HOUR)}
    )
    assert refused.errors == {"deadline_at": FUTURE[language]}
    team.advance(case, State.DECISION, severity=Severity.SEVERE)
    for at, why in ((team.now - HOUR, FUTURE), (FAR, YEARS)):
        raised = {**deadline(Severity.VERY_SEVERE, team.now, at), "reason": "It stands still"}
        assert team.attempt(WU, Step.CHANGE_SEVERITY, case, **raised).errors == {"deadline_at": why[language]}
        refused = team.try_usually(CHEN, Step.CHANGE_DEADLINE, case, deadline_at=at)
        assert refused.errors == {"deadline_at": why[language]}
        refused = team.try_usually(CHEN, Step.HOLD, case, until=at)
        assert refused.errors == {"until": why[language]}


@pytest.fixture
def held(make_team: MakeTeam) -> tuple[Team, str]:
    """A severe fault, due in five days, whose hold stops the clock."""
    team = make_team("en", FAULT_HOLD_STOPS_CLOCK="true")
    case = team.case(State.MODIFICATION, severity=Severity.SEVERE)
    team.usually(CHEN, Step.HOLD, case, until=team.now + 20 * DAY)
    return team, case


def test_nothing_is_overdue_nor_reminded_of_while_a_hold_stops_the_clock(held: tuple[Team, str]) -> None:
    team, case = held
    before = team.card(case)
    assert before.deadline_at is not None
    team.told()
    team.pass_time(8 * DAY)
    assert "deadline" not in team.news(LIN).lower()
    assert "Overdue" not in team.sees(CHEN, case)
    assert "Overdue" not in team.thread(case)[0]
    listed = team.person(CHEN).command("/fault list")
    assert listed.message is not None
    assert "Overdue" not in listed.message.plain
    team.usually(CHEN, Step.RESUME, case)
    after = team.card(case)
    assert after.deadline_at is not None
    assert abs(after.deadline_at - before.deadline_at - 8 * DAY) < HOUR
    team.told()
    team.pass_time(6 * DAY)
    assert "The deadline has been reached" in team.news(LIN)
    assert "Overdue" in team.sees(CHEN, case)


def test_a_deadline_agreed_during_a_hold_moves_by_the_time_since_the_agreement(held: tuple[Team, str]) -> None:
    team, case = held
    team.pass_time(3 * DAY)
    at = (team.now + 4 * DAY).replace(microsecond=0)
    team.take(CHEN, Step.CHANGE_DEADLINE, case, deadline_at=at, reason="Agreed anew", **promised(team.now))
    team.pass_time(DAY)
    team.usually(CHEN, Step.RESUME, case)
    moved = team.card(case).deadline_at
    assert moved is not None
    assert abs(moved - at - DAY) < HOUR
