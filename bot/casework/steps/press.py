"""Judges whether a person may take a step now, before anything is typed, asked of Slack or written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.company_source import CompanySource
from bot.casework.steps import load, names
from bot.workflow import refusals as no
from bot.workflow.answers import check_answers
from bot.workflow.decide import admission, permission, refused
from bot.workflow.fields import FORMS, everybody_named
from bot.workflow.reading_levels import Level, doer_visibility
from bot.workflow.refusal import Problem, Refusal, Refused
from bot.workflow.situation import Situation, facts
from storage import cases, deliveries, people
from storage.tables import Case
from storage.vocabulary import Step


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A press of a button: step, case, the case version that the button carries, and the person."""

    step: Step
    case_id: int
    version: int | None
    person: str


def check_allowed(
    session: Session, press: ButtonPress, company: CompanySettings, now: datetime
) -> tuple[Case, Situation]:
    """Return the case and the situation of a person who may take this step now. Raises `Refused`."""
    row, situation = load.found_situation(session, press.case_id, press.person, company, now)
    check_press(session, row, situation, press.step, press.version)
    allowed = permission(press.step, situation)
    if isinstance(allowed, Refusal):
        raise Refused(refused(allowed, situation))
    return row, situation


def people_to_ask_about(
    session: Session, press: ButtonPress, raw: Mapping[str, Any], delivery: str, company: CompanySource, now: datetime
) -> frozenset[str]:
    """Return the people in the answers whom Slack has not reported yet; nobody if the submission took effect already.

    `raw` are the unclean answers. Raises `Refused` if there are any and the person may not take the step: nobody makes
    Slack be asked by a form that is forged or out of date. `company` is asked only if there are any.
    """
    unknown = people.unreported(session, everybody_named(press.step, raw))
    if not unknown or deliveries.is_known(session, delivery):
        return frozenset()
    _row, situation = check_allowed(session, press, company.of(session), now)
    clean = check_answers(FORMS[press.step], raw, facts(situation), now).answers
    return unknown & everybody_named(press.step, clean)


def check_press(session: Session, row: Case, situation: Situation, step: Step, seen_version: int | None) -> None:
    """Check a press in the order of process.md: may the person see the case, may they act, did they see its present.

    `seen_version` is the case version that the pressed button carries; None stands for the present one. The state is
    judged by `decide`. Raises `Refused`.
    """
    refused = admission(step, situation)
    if refused is not None:
        raise Refused(Problem(refused))
    if seen_version is not None and seen_version != row.version:
        raise Refused(Problem(_moved_on(session, row, situation.level)))


def _moved_on(session: Session, row: Case, level: Level) -> Refusal:
    """Return the refusal that names the case's present state and, to readers of its history, who moved it there."""
    assert row.id is not None
    move = cases.last_move(session, row.id)
    if move is None or not level.may_read(doer_visibility(Step(move.step))):
        return no.MovedOn(row.state)
    return no.MovedOnBy(row.state, Step(move.step), names.called(session, move.person_id), move.at)
