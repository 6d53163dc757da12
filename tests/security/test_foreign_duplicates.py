"""People assigned to a case read nothing of other customers' cases that were merged with it (process.md §6 R9)."""

import json

from storage.vocabulary import Severity, State, Step
from tests.conftest import MakeTeam
from tests.scenarios.test_merging import ALPHA, BETA, learns
from tests.support.team import ANNA, CHEN, HUANG, ZHAO

WHY = "Betabank waits for it"


def test_the_assigned_of_a_master_read_neither_number_nor_reason_of_a_foreign_duplicate(make_team: MakeTeam) -> None:
    team = make_team("en")
    assert team.report(ANNA, ALPHA) == "F-1"
    assert team.report("U0GUEST", BETA) == "F-2"
    team.advance("F-1", State.MODIFICATION, severity=Severity.GENERAL)
    team.advance("F-2", State.DECISION, severity=Severity.SEVERE)
    team.take(HUANG, Step.MERGE_DUPLICATE, "F-2", master="F-1", reason=WHY)
    assert team.card("F-1").deadline_at is not None
    found = learns(team, ZHAO, "F-1")
    assert "F-1" in found
    for word in ("F-2", WHY):
        assert word not in found, word


def test_the_assigned_of_a_duplicate_do_not_read_why_another_customer_withdrew_the_master(
    make_team: MakeTeam,
) -> None:
    team = make_team("en")
    assert team.report("U0GUEST", ALPHA) == "F-1"
    assert team.report(ANNA, BETA) == "F-2"
    team.advance("F-2", State.MODIFICATION)
    team.take(CHEN, Step.MERGE_DUPLICATE, "F-2", master="F-1", reason="Both jam")
    team.take("U0GUEST", Step.WITHDRAW, "F-1", reason=WHY)
    found = learns(team, ZHAO, "F-2")
    for word in (WHY, "Guest Ge"):
        assert word not in found, word
    assert "Guest Ge" in learns(team, CHEN, "F-2"), "the center reads who it was"
    value = json.dumps({"case": 2, "version": 1})
    refused = team.press_copy(ZHAO, team.forged(CHEN, Step.SUBMIT_MODIFICATION, "F-2", value), Step.SUBMIT_MODIFICATION)
    assert "moved on" in refused
    assert "Guest Ge" not in refused
