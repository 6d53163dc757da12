"""The tables of steps, states and forms are complete: every state is reachable and waits for somebody, every step has a
form.
"""

import pytest

from bot.workflow.decide import permission, shown_fields
from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS, field_of
from bot.workflow.people import persons
from bot.workflow.reasons import every_refusal
from bot.workflow.refusal import Refusal
from bot.workflow.refusals import NotYours
from bot.workflow.steps import TABLE, WAITS_FOR, row_of, rows_of
from storage.vocabulary import END_STATES, OPEN_STATES, Kind, State, Step
from tests.support.workflow_cases import CENTER, CHEN_JING, a_case, a_fault, situation


def _reached(start: State) -> set[State]:
    reached, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        new = {to for row in TABLE if state in row.sources for to in row.to} - reached
        reached |= new
        waiting += new
    return reached


def test_every_state_is_reached_from_triage_without_undoing_a_merge() -> None:
    assert _reached(State.TRIAGE) == set(State)
    forward = {to for row in TABLE if row.step is not Step.UNDO_MERGE for to in row.to}
    assert forward == set(State)


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_every_open_state_waits_for_somebody_and_leads_on(state: State) -> None:
    case = a_fault(state)
    assert persons(WAITS_FOR[state], case, CENTER)
    assert END_STATES & _reached(state)
    onward = {to for row in TABLE if state in row.sources for to in row.to} - {state}
    assert onward - {State.DUPLICATE, State.WITHDRAWN}


def test_a_case_just_reported_waits_for_somebody() -> None:
    assert persons(WAITS_FOR[State.TRIAGE], a_case(), CENTER)
    assert persons(WAITS_FOR[State.ANSWERING], a_case(State.ANSWERING), CENTER)


def test_only_open_states_wait_for_somebody() -> None:
    assert set(WAITS_FOR) == OPEN_STATES


@pytest.mark.parametrize("state", sorted(END_STATES))
def test_end_states_have_no_other_way_out_than_reopening_and_undoing_a_merge(state: State) -> None:
    ways = {row.step for row in TABLE if state in row.sources and row.to}
    assert ways == {State.CLOSED: {Step.REOPEN}, State.DUPLICATE: {Step.UNDO_MERGE}}.get(state, set())


@pytest.mark.parametrize("step", Step)
def test_every_step_has_a_row_and_a_form_of_distinct_fields(step: Step) -> None:
    assert rows_of(step)
    codes = [field.code for field in FORMS[step]]
    assert len(codes) == len(set(codes))


def test_a_step_has_at_most_one_row_in_a_state() -> None:
    lines = [(row.step, state) for row in TABLE for state in row.sources]
    assert len(lines) == len(set(lines))


def test_a_row_that_names_nobody_is_open_to_nobody() -> None:
    assert [row.step for row in TABLE if not row.who] == [Step.REPORT]
    for state in State:
        assert permission(Step.REPORT, situation(CHEN_JING, a_case(state))) == NotYours(Step.REPORT, ())


def test_only_choices_have_options_and_only_lookups_a_register() -> None:
    for form in FORMS.values():
        for field in form:
            assert (field.options is not None) is (field.kind is FieldKind.CHOICE)
            assert (field.register is not None) is (field.kind is FieldKind.LOOKUP)
            assert field.steers <= (field.kind in (FieldKind.CHOICE, FieldKind.LOOKUP))


def test_a_form_with_a_dependent_field_has_one_that_steers() -> None:
    """Without one, the modal would never be redrawn."""
    for step in (
        Step.TRIAGE,
        Step.RECORD_VERDICT,
        Step.PUBLISH_ANALYSIS,
        Step.UPDATE_MANUAL,
        Step.RECORD_RELEASE,
    ):
        assert any(field.steers for field in FORMS[step])


def test_the_task_sheet_asks_for_the_fields_of_its_kind() -> None:
    asked = {
        kind: {field.code for field in shown_fields(FORMS[Step.DRAFT_SHEET], {"case:kind": kind})} for kind in Kind
    }
    assert {"symptom", "impact"} <= asked[Kind.FAULT]
    assert {"new_business", "current_gap"} <= asked[Kind.REQUIREMENT]
    assert not asked[Kind.FAULT] & asked[Kind.REQUIREMENT]
    assert not asked[Kind.QUESTION]


def test_rows_and_fields_are_found_by_name() -> None:
    assert row_of(Step.ANSWER, State.TESTING) is None
    assert field_of(Step.ANSWER, "category").kind is FieldKind.CHOICE
    with pytest.raises(KeyError):
        field_of(Step.ANSWER, "severity")


@pytest.mark.parametrize("refusal", every_refusal(), ids=lambda refusal: refusal.__name__)
def test_every_refusal_is_a_sentence_that_names_each_of_its_fields(refusal: type[Refusal]) -> None:
    names = list(refusal.__dataclass_fields__)
    assert "%(" not in refusal.sentence() % dict.fromkeys(names, "x")
    assert all(f"%({name})s" in refusal.sentence() for name in names)
    assert refusal.sentence().endswith(".")
