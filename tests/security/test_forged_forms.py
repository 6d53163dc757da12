"""Forms that were never drawn for their sender, through signed HTTP: they change nothing and let Slack ask nothing."""

import json
from typing import Any

import pytest

from bot.workflow.field import MAX_PEOPLE
from storage.vocabulary import State, Step
from tests.conftest import MakeTeam
from tests.support.raw_requests import payload, send
from tests.support.team import ANNA, HUANG, LIN, SUNLI, WU, ZHAO, Team

CROWD = [f"U0UNKNOWN{number}" for number in range(MAX_PEOPLE + 1)]


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """The demo team, speaking English."""
    return make_team("en")


def submit(team: Team, user: str, step: Step, case: str, version: int | None = None, **people: list[str]) -> Any:
    """Submit the form of a step with these people in its fields. Returns the errors."""
    card = team.card(case)
    view = {
        "id": "V0FORGED",
        "type": "modal",
        "app_id": "A0SANDBOX",
        "callback_id": step,
        "private_metadata": json.dumps({"case": card.id, "version": version or card.version}),
        "blocks": [{"type": "input", "block_id": code} for code in people],
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
