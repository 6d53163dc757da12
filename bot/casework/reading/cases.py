"""What people look at: a case with the steps they may take, and lists of cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.reading.read_models import CaseCard, ListLine, card_of, overdue
from bot.casework.steps import load
from bot.casework.steps.perform import moved_on
from bot.workflow import refusals as no
from bot.workflow.decide import available, permission
from bot.workflow.people import persons
from bot.workflow.refusal import Problem, Refusal, Refused
from bot.workflow.situation import Position, Situation, facts
from bot.workflow.steps import WAITS_FOR
from storage import cases
from storage.tables import Case
from storage.vocabulary import CENTER_ROLES, OPEN_STATES, Role, State, Step

#: The most lines that a list shows.
PAGE_SIZE = 20
#: The most open cases examined for one person's queue.
MAX_SCANNED = 500


@dataclass(frozen=True, slots=True)
class CaseForPerson:
    """A case and the steps that its reader may take now."""

    card: CaseCard
    steps: tuple[Step, ...]
    facts: Mapping[str, Any]
    #: The reader works on cases and may read what customers never see.
    inside: bool


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A press of a button: step, case, the case version that the button carries, and the person."""

    step: Step
    case_id: int
    version: int | None
    person: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The first lines of a list, and how many more there are."""

    lines: tuple[ListLine, ...]
    more: int


def may_see(situation: Situation) -> bool:
    """Return whether the person may see the case: those involved, the center, and viewers and admins, who only read."""
    return situation.is_any(Position.PARTICIPANT, Role.VIEWER, Role.ADMIN)


def show(session: Session, case_id: int, person: str, company: CompanySettings, now: datetime) -> CaseForPerson:
    """Return the case as this person may see it. Raises `Refused`."""
    row = cases.find(session, case_id)
    if row is None:
        raise Refused(Problem(no.NoSuchCase(f"F-{case_id}")))
    situation = load.situation(session, row, person, company, now)
    if not may_see(situation):
        raise Refused(Problem(no.NotForYourEyes(f"F-{case_id}")))
    return _shown(session, row, situation, available(situation))


def ready(session: Session, press: ButtonPress, company: CompanySettings, now: datetime) -> CaseForPerson:
    """Return the case for a step that this person is about to fill in. Raises `Refused` before anything is typed."""
    row = cases.find(session, press.case_id)
    if row is None:
        raise Refused(Problem(no.NoSuchCase(f"F-{press.case_id}")))
    situation = load.situation(session, row, press.person, company, now)
    if press.version is not None and press.version != row.version:
        raise Refused(Problem(moved_on(session, row)))
    allowed = permission(press.step, situation)
    if isinstance(allowed, Refusal):
        raise Refused(Problem(allowed))
    return _shown(session, row, situation, (press.step,))


def _shown(session: Session, row: Case, situation: Situation, steps: tuple[Step, ...]) -> CaseForPerson:
    inside = situation.is_any(*CENTER_ROLES, Role.VIEWER, Position.ASSIGNEE)
    card = card_of(session, row, situation.now)
    return CaseForPerson(card if inside else replace(card, unconfirmed=()), steps, facts(situation), inside)


def listed(session: Session, states: frozenset[State], person: str, company: CompanySettings, now: datetime) -> Listing:
    """Return the cases in these states: all of them for holders of a role, otherwise those that involve the person."""
    seer = load.person_context(session, person, company, now)
    if seer.roles | seer.acting:
        rows = cases.listed(session, states, PAGE_SIZE)
        return Listing(lines_of(rows, now), cases.count(session, states) - len(rows))
    return _involving(session, states, person, now)


def mine(session: Session, person: str, now: datetime) -> Listing:
    """Return the open cases that the person reported or has a place on."""
    return _involving(session, OPEN_STATES, person, now)


def reported(session: Session, person: str, now: datetime) -> Listing:
    """Return the open cases that the person reported."""
    return _of_ids(session, OPEN_STATES, cases.reported_by(session, person), now)


def _involving(session: Session, states: frozenset[State], person: str, now: datetime) -> Listing:
    return _of_ids(session, states, cases.involving(session, person), now)


def _of_ids(session: Session, states: frozenset[State], ids: Sequence[int], now: datetime) -> Listing:
    rows = cases.listed(session, states, len(ids), ids) if ids else []
    return Listing(lines_of(rows[:PAGE_SIZE], now), max(0, len(rows) - PAGE_SIZE))


def queue(session: Session, person: str, company: CompanySettings, now: datetime) -> Listing:
    """Return the open cases that wait for this person."""
    holders, rows = load.center(session, company, now), cases.listed(session, OPEN_STATES, MAX_SCANNED)
    seen = load.case_contexts(session, rows, company)
    waiting = [
        row for row, case in zip(rows, seen, strict=True) if person in persons(WAITS_FOR[case.state], case, holders)
    ]
    return Listing(lines_of(waiting[:PAGE_SIZE], now), max(0, len(waiting) - PAGE_SIZE))


def lines_of(rows: Sequence[Case], now: datetime) -> tuple[ListLine, ...]:
    """Return cases as lines of a list. `now` is aware UTC."""
    return tuple(
        ListLine(
            f"F-{row.id}",
            row.state,
            row.summary,
            row.severity,
            row.deadline_at,
            overdue(row, now),
        )
        for row in rows
    )
