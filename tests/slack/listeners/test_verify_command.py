"""The answer to `/fault verify F-n` as people read it."""

import pytest

from storage.vocabulary import State
from tests.support.case_builder import CaseBuilder
from tests.support.tampering import tamper
from tests.support.team import ANNA, CHEN, DESK, HUANG, VIEWER, WU, Team


def verified(team: Team, user: str, words: str = "verify F-1") -> str:
    return team.ask(user, words).plain


def test_files_are_read_after_the_acknowledgement(team: Team, builder: CaseBuilder) -> None:
    builder.report()
    answer = team.person(WU).command("/fault verify F-1", channel=DESK)
    assert (answer.status, answer.body) == (200, ""), "acknowledged at once"


def test_an_unchanged_case_verifies_for_those_who_may_see_it(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    assert "nothing was tampered with" in verified(team, WU)
    assert "F-1" in verified(team, VIEWER, "核验 1")
    assert "not yours to read" in verified(team, ANNA)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE documents SET content = replace(content, 'bills', 'x') WHERE paper = 'T02'", ["T02 v1"]),
        (f"UPDATE documents SET signer_id = '{CHEN}' WHERE paper = 'T02'", ["signature", "T02 v1"]),
        ("UPDATE audit_entries SET person_id = 'U0X' WHERE seq = 2", ["Entry 2"]),
        ("DELETE FROM audit_entries WHERE seq = 5", ["cut"]),
    ],
)
def test_tampering_is_named_in_the_readers_language(
    team: Team, builder: CaseBuilder, statement: str, named: list[str]
) -> None:
    builder.fault()
    team.settle()
    tamper(team.database, statement)
    said = verified(team, WU)
    assert "nothing was tampered with" not in said
    for word in named:
        assert word in said
    assert verified(team, HUANG) != said, "the answer is in the reader's language"


def test_a_case_whose_row_is_damaged_can_be_verified(team: Team, builder: CaseBuilder) -> None:
    builder.fault()
    team.settle()
    tamper(team.database, "UPDATE cases SET severity = 'unheard-of'")
    assert "severity" in verified(team, WU)
    assert "unheard-of" not in verified(team, WU)


def test_a_case_that_does_not_exist_cannot_be_verified(team: Team) -> None:
    assert "F-77" in verified(team, WU, "verify F-77")


def test_many_findings_fit_into_one_answer(team: Team, builder: CaseBuilder) -> None:
    builder.fault(State.CLOSED)
    team.settle()
    tamper(team.database, "UPDATE audit_entries SET person_id = 'U0X'", "UPDATE documents SET content = '{}'")
    assert "more findings" in verified(team, WU)
    assert not team.workspace.app_bugs
