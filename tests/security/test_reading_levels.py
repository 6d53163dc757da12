"""What each reading level gets to read of a case, over everything that it can open and receive (process.md §6 R9).

Every text of a whole fault and a whole question is a word of its own. A person reads all messages, screens and
documents that they can get, and the words found must be those of their level.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS
from storage.vocabulary import Kind, Severity, State, Step
from tests.conftest import MakeTeam
from tests.slack.listeners.test_export import content, files
from tests.support.answers import FAILED, HANDLE, deadline, usual
from tests.support.sample_reports import RATING
from tests.support.team import ADMIN, ANNA, CHEN, DESK, HE, HUANG, LIN, SUNLI, VIEWER, WU, ZHAO, Team
from tests.support.word_reader import read
from tests.workflow.test_reading_levels import READ_BY_REPORTERS

TYPED = {FieldKind.LINE, FieldKind.TEXT}
#: Answers that must be real: names that select cases, and the build that is tested.
REAL = {"build", "version", "product_version"}


@dataclass
class Words:
    """A word for each typed answer of each step."""

    said: dict[str, tuple[Step, str]] = field(default_factory=dict)

    def answers(self, step: Step, known: dict[str, Any]) -> dict[str, Any]:
        """The known answers, with a new word for each typed text among them."""
        typed = {one.code for one in FORMS[step] if one.kind in TYPED} - REAL
        return known | {code: self._new(step, code) for code in typed & known.keys()}

    def _new(self, step: Step, code: str) -> str:
        word = f"qx{len(self.said):03}{code.replace('_', '')}"
        self.said[word] = (step, code)
        return word

    def found(self, text: str) -> set[tuple[Step, str]]:
        return {named for word, named in self.said.items() if word in text}


class Walk:
    """Takes a case through steps in which every typed text is a word of its own."""

    def __init__(self, team: Team) -> None:
        self.team, self.words = team, Words()

    def report(self, by: str, **more: Any) -> str:
        told = RATING.told(self.team.now)
        given = self.words.answers(Step.REPORT, {name: value for name, value in told.items() if value is not None})
        return self.team.report(by, RATING, **{**given, **more})

    def take(self, by: str, step: Step, case: str, **special: Any) -> None:
        known = {**usual(step, self.team.now, self.team.card(case).kind or Kind.FAULT), **special}
        given = {name: value for name, value in known.items() if value is not None}
        self.team.take(by, step, case, **self.words.answers(step, given))

    def fault(self, by: str) -> str:
        """A very severe fault with every side path, up to the customer's confirmation."""
        case = self.report(by)
        promised = deadline(Severity.VERY_SEVERE, self.team.now)
        stays: dict[str, Any] = {"severity": Severity.VERY_SEVERE, "deadline_basis": None}
        for person, step, special in (
            (LIN, Step.TRIAGE, {}),
            (CHEN, Step.DRAFT_SHEET, {"environment": "x", "steps": "x"}),
            (HUANG, Step.RETURN_SHEET, {}),
            (CHEN, Step.DRAFT_SHEET, {}),
            (HUANG, Step.SIGN_SHEET, {}),
            (WU, Step.CALL_DISCUSSION, {"invitees": [HE]}),
            (WU, Step.CLOSE_DISCUSSION, {}),
            (WU, Step.PUBLISH_ANALYSIS, {"other_customers": "x", "workaround": "x", **promised}),
            (CHEN, Step.HOLD, {}),
            (CHEN, Step.RESUME, {}),
            (WU, Step.DECIDE_MODIFICATION, {}),
            (ZHAO, Step.SUBMIT_MODIFICATION, {"risk": "x"}),
            (HE, Step.FAIL_TEST, FAILED),
            (ZHAO, Step.SUBMIT_MODIFICATION, {}),
            (HE, Step.PASS_TEST, {}),
            (LIN, Step.UPDATE_MANUAL, MANUAL),
            (WU, Step.RECORD_RELEASE, {}),
            (CHEN, Step.REPLY_CUSTOMER, {}),
            (CHEN, Step.REJECT_FIX, {}),
            (WU, Step.PUBLISH_ANALYSIS, stays),
            (WU, Step.REANALYZE, {}),
            (WU, Step.PUBLISH_ANALYSIS, stays),
            (WU, Step.DECIDE_MODIFICATION, {"modifier": None, "target_version": None, **HANDLE}),
            (WU, Step.COMPLETE_HANDLING, {}),
            (CHEN, Step.REPLY_CUSTOMER, {}),
            (LIN, Step.COMMENT, {"text": "x", "reason": None}),
        ):
            self.take(person, step, case, **special)
        return case

    def question(self, by: str) -> str:
        """A question with a dissatisfied round, closed."""
        case = self.report(by)
        unhappy = {"satisfied": "no", "dissatisfied_reason": "x"}
        for person, step, special in (
            (LIN, Step.TRIAGE, {"is_requirement": "no", "is_fault": "no", "symptom_kind": None}),
            (CHEN, Step.ANSWER, {"consulted": WU}),
            (CHEN, Step.RECORD_VERDICT, unhappy),
            (CHEN, Step.ANSWER, {}),
            (CHEN, Step.RECORD_VERDICT, {}),
        ):
            self.take(person, step, case, **special)
        return case


MANUAL = {
    "needed": "yes",
    "no_reason": None,
    "chapter": "4.2",
    "change_type": "M",
    "before": "x",
    "after": "x",
    "product_version": "V3.2.1",
    "reviewed_by": WU,
}
PAPERS = ("T01", "T02", "T03", "T04", "T06", "T07")


def everything(team: Team, user: str, *numbers: str) -> str:
    """All that a person can read: their messages with hidden values, and every answer to their commands."""
    person = team.person(user)
    told: list[str] = []
    asked = ["list all", "list open", "mine", "queue", "help"]
    for number in numbers:
        asked += [number, f"verify {number}", f"export {number}"]
        asked += [f"export {number} {paper} docx" for paper in PAPERS]
    for words in asked:
        answer = team.ask(user, words)
        told.append(json.dumps(answer.blocks, ensure_ascii=False))
        told += _in_full(team, user, answer)
    heard = len(person.ephemerals())
    person.command("/fault stats", channel=DESK)
    team.workspace.wait_until(lambda: len(person.ephemerals()) > heard)
    person.open_home()
    team.workspace.wait_until(lambda: team.workspace.views.home(user) is not None)
    team.settle()
    for message in (*person.inbox(), *person.ephemerals()):
        told.append(json.dumps([message.text, message.blocks], ensure_ascii=False))
    home = team.workspace.views.home(user)
    told.append(json.dumps(home.body if home else {}, ensure_ascii=False))
    told += [read(content(team, file)).text for file in files(person.inbox()) if file["name"].endswith("docx")]
    return "\n".join(told)


def _in_full(team: Team, user: str, card: Any) -> Iterator[str]:
    """The modal with everything, if the card offers it."""
    if card is None or "read_all" not in card.buttons:
        return
    person = team.person(user)
    before = {view.id for view in person.views}
    person.press("read_all", message=card)
    team.workspace.wait_until(lambda: {view.id for view in person.views} - before)
    yield json.dumps(person.view.blocks if person.view else [], ensure_ascii=False)
    person.close_view()


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    return make_team("en")


def _readable(words: Words) -> set[tuple[Step, str]]:
    """What a reporter reads of these words, which hold no comment of their own."""
    read = {(step, code) for step, codes in READ_BY_REPORTERS.items() for code in codes.split()}
    return {named for named in words.said.values() if named in read and named[0] is not Step.COMMENT}


@pytest.mark.long
def test_a_reporter_reads_what_was_written_for_them_and_nothing_internal(team: Team) -> None:
    walk = Walk(team)
    fault, question = walk.fault(ANNA), walk.question(ANNA)
    team.take(ANNA, Step.COMMENT, fault, text="my own words")
    found = everything(team, ANNA, fault, question)
    assert walk.words.found(found) == _readable(walk.words)
    assert "my own words" in found
    for stranger in (WU, LIN, HE, ZHAO, HUANG):
        assert stranger not in found, "no person but the service manager"
    assert CHEN in found


def test_a_stranger_learns_nothing_not_even_that_the_number_exists(team: Team) -> None:
    walk = Walk(team)
    case = walk.report(ANNA)
    walk.take(LIN, Step.TRIAGE, case)
    found = everything(team, ZHAO, case)
    assert walk.words.found(found) == set()
    refused = {team.sees(ZHAO, number).replace(number, "F-n") for number in (case, "F-99")}
    assert len(refused) == 1


def test_an_administrator_reads_number_and_state_and_what_is_missing(team: Team) -> None:
    walk = Walk(team)
    case = walk.report(ANNA)
    walk.take(LIN, Step.TRIAGE, case)
    found = everything(team, ADMIN, case)
    assert walk.words.found(found) == set()
    assert ANNA not in found
    shown = team.sees(ADMIN, case)
    assert case in shown
    assert "Drafting task sheet" in shown
    assert team.buttons(ADMIN, case) == set()


def test_what_is_missing_is_named_to_administrators(make_team: MakeTeam) -> None:
    team = make_team("en", FAULT_CENTER_MANAGERS="", FAULT_DEPUTIES="")
    case = team.case(State.SHEET_SIGNING)
    assert "Nobody has this role" in team.sees(ADMIN, case)
    assert "Center manager" in team.sees(ADMIN, case)


def test_the_assigned_read_the_case_without_other_customers(team: Team) -> None:
    walk = Walk(team)
    case = walk.report(ANNA)
    for person, step, special in (
        (LIN, Step.TRIAGE, {}),
        (CHEN, Step.DRAFT_SHEET, {}),
        (HUANG, Step.SIGN_SHEET, {}),
        (WU, Step.PUBLISH_ANALYSIS, {"severity": "general", "other_customers": "x"}),
        (WU, Step.DECIDE_MODIFICATION, {}),
    ):
        walk.take(person, step, case, **special)
    found = walk.words.found(everything(team, ZHAO, case))
    assert (Step.PUBLISH_ANALYSIS, "other_customers") not in found
    assert (Step.PUBLISH_ANALYSIS, "direct_cause") in found
    assert (Step.PUBLISH_ANALYSIS, "other_customers") in walk.words.found(everything(team, VIEWER, case))


@pytest.mark.parametrize("user", [ZHAO, SUNLI])
def test_a_forged_press_of_a_stranger_learns_neither_state_nor_people(team: Team, user: str) -> None:
    case = team.case(State.SHEET_SIGNING, kind=Kind.FAULT)
    real, missing = team.card(case).id, 99
    for step in (Step.SIGN_SHEET, Step.COMMENT, Step.HOLD, Step.WITHDRAW, "open_case", "read_all", "export"):
        answers = set()
        for case_id, version in ((real, 1), (real, 3), (missing, 1)):
            copy = team.forged(CHEN, step, case, json.dumps({"case": case_id, "version": version}))
            answers.add(team.press_copy(user, copy, step).replace(str(case_id), "n"))
        assert len(answers) == 1, step
