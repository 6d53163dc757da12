"""Decides whether a person may take a step on a case now, with given answers. All such decisions are made here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.workflow import refusals as no
from bot.workflow.answers import check_answers
from bot.workflow.field import Form
from bot.workflow.fields import FORMS
from bot.workflow.membership import people_are_ours
from bot.workflow.reading_levels import may_see
from bot.workflow.refusal import Problem, Refusal, Refused, Remedy
from bot.workflow.situation import Outcome, Row, Situation, facts
from bot.workflow.steps import row_of, rows_of
from storage.vocabulary import Step

#: The step that helps whoever is refused for this reason, and may take it.
_REMEDIES: dict[type[Refusal], Step] = {no.TakenAlready: Step.REASSIGN}


@dataclass(frozen=True, slots=True)
class Decision:
    """An allowed step: its row of the table, the cleaned answers and the outcome."""

    row: Row
    answers: Mapping[str, Any]
    outcome: Outcome


def admission(step: Step, situation: Situation) -> Refusal | None:
    """Return why this person may not take this step in any state of the case; None if they may in some.

    This is judged before the version that the person saw and before the state, so that somebody who may not see the
    case does not learn that it exists, and somebody who may not act does not learn who moved it (process.md §2).
    """
    if not may_see(situation.level):
        return no.NoSuchCase(situation.case.number)
    who = tuple(dict.fromkeys(one for row in rows_of(step) for one in row.who))
    return None if situation.is_any(*who) else no.NotYours(step, who)


def permission(step: Step, situation: Situation) -> Row | Refusal:
    """Return the row of the table that allows this person to take this step now, or the refusal.

    Only the case and the person count, so the result serves to draw buttons as well as to check presses. A row that
    names nobody is open to nobody.
    """
    refused = admission(step, situation)
    if refused is not None:
        return refused
    row = row_of(step, situation.case.state)
    if row is None:
        return no.NotNow(step, situation.case.state)
    if not situation.is_any(*row.who):
        return no.NotYours(step, row.who)
    refusals = (guard(situation) for guard in row.guards)
    return next((refusal for refusal in refusals if refusal is not None), row)


def is_permitted(step: Step, situation: Situation) -> bool:
    """Return whether this person may take this step now."""
    return isinstance(permission(step, situation), Row)


def refused(refusal: Refusal, situation: Situation) -> Problem:
    """Return the problem of a press that is refused, with the step that helps against it if the person may take it."""
    step, case = _REMEDIES.get(type(refusal)), situation.case
    helps = step is not None and is_permitted(step, situation)
    return Problem(refusal, remedy=Remedy(step, case.id, case.version) if step and helps else None)


def available(situation: Situation) -> tuple[Step, ...]:
    """Return the steps that this person may take now, in the order of `Step`."""
    return tuple(step for step in Step if is_permitted(step, situation))


def decide(step: Step, situation: Situation, raw: Mapping[str, Any]) -> Decision:
    """Judge one step and return the decision. Nothing is changed here.

    `raw` are the answers as the person gave them; `check_answers` describes their forms.
    Raises `Refused` with the problems found.
    """
    row = permission(step, situation)
    if isinstance(row, Refusal):
        raise Refused(refused(row, situation))
    known = facts(situation)
    judged = check_answers(FORMS[step], raw, known, situation.now)
    strangers = people_are_ours(FORMS[step], judged.answers, situation.chosen)
    if judged.problems or strangers:
        raise Refused(*judged.problems, *strangers)
    answered = replace(situation, answers=judged.answers)
    problems = tuple(problem for check in row.checks if (problem := check(answered)))
    if problems:
        raise Refused(*problems)
    return Decision(row, judged.answers, row.effect(answered))


def shown_fields(form: Form, known: Mapping[str, Any]) -> Form:
    """Return the fields that a form shows, given the facts of the case and the answers so far."""
    return tuple(field for field in form if field.shown(known))
