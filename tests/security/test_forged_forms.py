"""Forms that were never drawn for their sender, through signed HTTP: they change nothing and ask Slack nothing."""

import json
from typing import Any

import pytest

from bot.workflow.field import MAX_PEOPLE
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support.raw_requests import payload, send
from tests.support.team import ADMIN, ANNA, HUANG, LIN, SUNLI, VIEWER, WU, ZHAO, Team

GUEST = "U0GUEST"
CROWD = [f"U0UNKNOWN{number}" for number in range(MAX_PEOPLE + 1)]


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team, speaking English."""
    return make_team("en")


def submit(team: Team, user: str, step: Step, case: str, version: int | None = None, **people: list[str]) -> Any:
    """Submit the form of a step with these people in its fields. Returns the errors."""
    card = team.card(case)
    return sent(team, user, step, card.id, version or card.version, **people)


def sent(team: Team, user: str, step: Step, case_id: int, version: int, **people: list[str]) -> Any:
    """Send the form of a step, filled in with these people. Returns the errors."""
    view = {
        "id": "V0FORGED",
        "type": "modal",
        "app_id": "A0SANDBOX",
        "callback_id": step,
        "private_metadata": json.dumps({"case": case_id, "version": version}),
        "blocks": [{"type": "input", "block_id": code} for code in people or ("any",)],
        "state": {"values": {code: {code: {"selected_users": ids}} for code, ids in people.items()}},
    }
    body = {"type": "view_submission", "team": {"id": "T0SANDBOX"}, "api_app_id": "A0SANDBOX", "trigger_id": "1"}
    return send(team, payload({**body, "user": {"id": user}, "view": view})).json["errors"]


def asked(team: Team) -> int:
    """How often Slack was asked about these people."""
    return sum("U0UNKNOWN" in str(call.request) for call in team.workspace.log.calls("users.info"))


@pytest.mark.parametrize("user", [ANNA, SUNLI, ZHAO, LIN])
def test_nobody_who_may_not_take_a_step_makes_the_bot_ask_slack_about_people(team: Team, user: str) -> None:
    case = team.case(State.SHEET_SIGNING)
    (error,) = submit(team, user, Step.SIGN_SHEET, case, testers=CROWD[:3]).values()
    assert "guests, bots" not in error
    assert not asked(team)


def test_an_old_form_is_refused_before_slack_is_asked(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    (error,) = submit(team, HUANG, Step.SIGN_SHEET, case, version=1, testers=CROWD[:3]).values()
    assert "moved on" in error
    assert not asked(team)


def test_a_step_that_the_state_does_not_allow_is_refused_before_slack_is_asked(team: Team) -> None:
    case = team.case(State.ANALYSIS)
    (error,) = submit(team, HUANG, Step.SIGN_SHEET, case, testers=CROWD[:3]).values()
    assert "not possible" in error
    assert not asked(team)


def test_more_people_than_a_field_takes_are_refused_before_slack_is_asked(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    errors = submit(team, HUANG, Step.SIGN_SHEET, case, testers=CROWD, technicians=[WU])
    assert errors["testers"] == f"At most {MAX_PEOPLE} people. You chose {len(CROWD)}."
    assert not asked(team)


def test_people_whom_slack_does_not_know_are_asked_about_once_who_may_sign(team: Team) -> None:
    case = team.case(State.SHEET_SIGNING)
    errors = submit(team, HUANG, Step.SIGN_SHEET, case, testers=CROWD[:2], technicians=[WU])
    assert "guests, bots" in errors["testers"]
    assert asked(team) == 2


@pytest.mark.parametrize("user", [ZHAO, SUNLI, GUEST])
def test_a_forged_form_of_a_stranger_learns_neither_state_nor_people_nor_that_the_case_exists(
    team: Team, user: str
) -> None:
    case = team.case(State.SHEET_SIGNING)
    card = team.card(case)
    for step in set(Step) - {Step.REPORT}:
        answers = {
            json.dumps(sent(team, user, step, case_id, version)).replace(f"F-{case_id}", "F-n")
            for case_id, version in ((card.id, 1), (card.id, card.version), (99, 1))
        }
        assert len(answers) == 1, step
    assert team.card(case) == card


@pytest.mark.parametrize("user", [ADMIN, VIEWER])
def test_a_forged_form_of_somebody_who_only_reads_changes_nothing_and_names_nobody(team: Team, user: str) -> None:
    case = team.case(State.SHEET_SIGNING)
    card = team.card(case)
    for step in set(Step) - {Step.REPORT}:
        answers = {json.dumps(sent(team, user, step, card.id, version)) for version in (1, card.version)}
        assert len(answers) == 1, step
        assert "is not yours to do" in answers.pop(), step
    assert team.card(case) == card
