"""`docs/process.md` is what the generator prints from the tables."""

from pathlib import Path

import pytest

from bot.documents.case.conditions import FormSpace
from bot.documents.process_page import process_page, refusals_of
from bot.i18n.translator import translator
from bot.workflow.fields import FORMS, field_of
from bot.workflow.refusals import LoweringNeedsManager, NotAnAnalyst, NotOfRole
from bot.workflow.steps import TABLE, rows_of
from storage.vocabulary import Basis, State, Step

PAGE = Path(__file__).parents[2] / "docs" / "process.md"
EN = translator("en", "UTC")


def space(step: Step) -> FormSpace:
    return FormSpace(step, EN)


def test_the_page_is_what_the_generator_prints() -> None:
    written = PAGE.read_text("utf-8")
    assert written == process_page(), "regenerate it: faultdesk process-page > docs/process.md"


def test_the_page_names_every_state_step_and_field() -> None:
    page = process_page()
    codes = {*State, *Step, *(field.code for form in FORMS.values() for field in form)}
    assert not {code for code in codes if f"`{code}`" not in page}


def test_every_rule_of_the_table_names_its_refusals() -> None:
    rules = {rule for row in TABLE for rule in (*row.guards, *row.checks)}
    assert not {rule.__qualname__ for rule in rules if not refusals_of(rule)}


def test_refusals_are_read_from_the_rules() -> None:
    (row,) = rows_of(Step.PUBLISH_ANALYSIS)
    named = {refusal for rule in row.checks for refusal in refusals_of(rule)}
    assert {LoweringNeedsManager, NotAnAnalyst} <= named
    assert NotOfRole not in named


@pytest.mark.parametrize(
    ("step", "code", "asked", "required"),
    [
        (Step.REPORT, "summary", "", "yes"),
        (Step.REPORT, "suspected_urgency", "", "no"),
        (Step.REPORT, "customer", "", "“Who found the problem” is *Customer*"),
        (Step.TRIAGE, "symptom_kind", "“Is it a fault?” is *Yes*", "yes"),
        (Step.PUBLISH_ANALYSIS, "root_cause", "", "“Severity” is *Very severe*"),
        (Step.WITHDRAW, "evidence", "somebody else than the reporter asks for it", "yes"),
        (Step.COMMENT, "text", "", "“Files” is *left empty*"),
        (Step.CHANGE_DEADLINE, "deadline_at", "", "yes"),
    ],
)
def test_the_page_says_when_a_field_is_asked_and_required(step: Step, code: str, asked: str, required: str) -> None:
    field = field_of(step, code)
    assert (space(step).asked_when(field), space(step).required_when(field)) == (asked, required)


def test_a_condition_on_two_fields_is_written_in_full() -> None:
    field = field_of(Step.CHANGE_SEVERITY, "deadline_basis")
    assert space(Step.CHANGE_SEVERITY).asked_when(field) == (
        "the severity so far is *Severe* and “New severity” is *Very severe*; "
        "or the severity so far is *General* and “New severity” is *Very severe* or *Severe*"
    )


def test_the_page_says_when_an_option_is_offered() -> None:
    form, basis = space(Step.PUBLISH_ANALYSIS), field_of(Step.PUBLISH_ANALYSIS, "deadline_basis")
    assert form.offered_when(basis, Basis.NONE) == "“Severity” is *General*"
    raised, again = space(Step.CHANGE_SEVERITY), field_of(Step.CHANGE_SEVERITY, "deadline_basis")
    assert raised.offered_when(again, Basis.NEGOTIATING) is None
