"""May this person take this step on this case now, with these answers? The one place that decides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.workflow import refusals as no
from bot.workflow.answers import clean
from bot.workflow.field import Form
from bot.workflow.fields import FORMS
from bot.workflow.refusal import Problem, Refusal, Refused
from bot.workflow.situation import Outcome, Row, Situation, facts
from bot.workflow.steps import row_of
from storage.vocabulary import Step


@dataclass(frozen=True, slots=True)
class Decision:
    """An allowed step: its line of the table, the clean answers and what it does."""

    row: Row
    answers: Mapping[str, Any]
    outcome: Outcome


def permission(step: Step, situation: Situation) -> Row | Refusal:
    """The line of the table that lets this person take this step now, or the reason against it.

    Looks at the case and the person alone, so it serves buttons as well as presses. Forbids by default:
    a line that names nobody is open to nobody.
    """
    row = row_of(step, situation.case.state)
    if row is None:
        return no.NotNow(step, situation.case.state)
    if not situation.is_any(*row.who):
        return no.NotYours(step, row.who)
    refusals = (guard(situation) for guard in row.guards)
    return next((refusal for refusal in refusals if refusal is not None), row)


def available(situation: Situation) -> tuple[Step, ...]:
    """The steps that this person may press now, in the table's order."""
    return tuple(step for step in Step if isinstance(permission(step, situation), Row))


def decide(step: Step, situation: Situation, raw: Mapping[str, Any]) -> Decision:
    """Judge one step. Raises `Refused` with every problem found; nothing is changed here.

    `raw` are the answers as the person gave them; `clean` tells their forms.
    """
    row = permission(step, situation)
    if isinstance(row, Refusal):
        raise Refused(Problem(row))
    known = facts(situation)
    judged = clean(FORMS[step], raw, known, situation.now)
    if judged.problems:
        raise Refused(*judged.problems)
    answered = replace(situation, answers=judged.answers)
    problems = tuple(problem for check in row.checks if (problem := check(answered)))
    if problems:
        raise Refused(*problems)
    return Decision(row, judged.answers, row.effect(answered))


def shown_fields(form: Form, known: Mapping[str, Any]) -> Form:
    """The questions that a form asks, given the facts of the case and the answers so far."""
    return tuple(field for field in form if field.shown(known))
