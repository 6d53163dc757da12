"""Writes whom cases wait for (process.md rule 2.7), in the transaction of whatever changes it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load
from bot.casework.steps.notify import fresh_card, vacancies, vacancy
from bot.casework.steps.plan_reminders import plan_waiting
from bot.workflow.context import CaseContext, Center, PersonContext
from bot.workflow.deadlines import WAITING_RULES, waiting_rule
from bot.workflow.lateness import clock_stopped
from bot.workflow.situation import Position, Who
from bot.workflow.steps import WAITS_FOR
from bot.workflow.waiting import Addressee, addressees, in_order, is_vacant
from storage import cases, outbox, reminders
from storage import waits as stored
from storage.tables import Case
from storage.vocabulary import OPEN_STATES, Place, Role, Severity, Urgency
from storage.waits import Waiting

#: The most cases whose rows are written in one transaction of the background job.
BATCH_SIZE = 200


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Whom a case waited for before, and whom it waits for now."""

    before: tuple[Addressee, ...]
    now: tuple[Addressee, ...]

    @property
    def is_newly_vacant(self) -> bool:
        """Whether nobody may act any more, and somebody could before."""
        return is_vacant(self.now) and not is_vacant(self.before)


class Change(NamedTuple):
    """A case that waits for others than before."""

    case: CaseContext
    waits_for: Refreshed


def refresh(
    session: Session, row: Case, case: CaseContext, center: Center, company: CompanySettings, now: datetime
) -> Refreshed:
    """Write whom the case waits for after a change. Its reminders are planned already. `now` is aware UTC."""
    return refresh_all(session, [row], [case], center, company, now)[0]


def begin(
    session: Session,
    row: Case,
    case: CaseContext,
    center: Center,
    due: datetime | None,
    company: CompanySettings,
    now: datetime,
) -> tuple[Addressee, ...]:
    """Write whom a new case waits for, and return it. Its target ends at `due`. Moments are aware UTC."""
    others = _without_role(session, [case], center, company, now)
    wanted = _waiting(row, addressees(case, center, others, company.policy, now), due)
    stored.replace(session, case.id, (), wanted)
    return _addressees(wanted)


def refresh_all(
    session: Session,
    rows: Sequence[Case],
    contexts: Sequence[CaseContext],
    center: Center,
    company: CompanySettings,
    now: datetime,
) -> list[Refreshed]:
    """Write whom these cases wait for, and return it in the same order. Unchanged rows are left as they are."""
    there = stored.of_cases(session, map(load.id_of, rows))
    wanted = computed(session, rows, contexts, center, company, now)
    for case_id, fresh in wanted.items():
        before = there.get(case_id, frozenset())
        if fresh != before:
            stored.replace(session, case_id, before, fresh)
    return [Refreshed(_addressees(there.get(one.id, ())), _addressees(wanted[one.id])) for one in contexts]


def computed(
    session: Session,
    rows: Sequence[Case],
    contexts: Sequence[CaseContext],
    center: Center,
    company: CompanySettings,
    now: datetime,
) -> dict[int, frozenset[Waiting]]:
    """Return what must be stored of these cases. Nothing is written."""
    others = _without_role(session, contexts, center, company, now)
    return {
        case.id: _waiting(row, addressees(case, center, others, company.policy, now), _due(session, case, company))
        for row, case in zip(rows, contexts, strict=True)
    }


def _waiting(row: Case, waits_for: Iterable[Addressee], due: datetime | None) -> frozenset[Waiting]:
    """Return what must be stored of a case that waits for these until `due`."""
    urgent = _is_urgent(row)
    return frozenset(
        Waiting(one.bucket, one.person, one.role, one.not_person, row.entered_at, due, urgent) for one in waits_for
    )


def _without_role(
    session: Session, contexts: Iterable[CaseContext], center: Center, company: CompanySettings, now: datetime
) -> dict[str, PersonContext]:
    """Return the people whom these cases may wait for although they hold no role."""
    named = {person for case in contexts for who in WAITS_FOR.get(case.state, ()) for person in _named(who, case)}
    strangers = named - center.people().keys()
    found = load.person_contexts(session, strangers, company, now) if strangers else ()
    return {one.id: one for one in found}


def _named(who: Who, case: CaseContext) -> Collection[str]:
    match who:
        case Place():
            return case.at(who)
        case Position.CARETAKER:
            return case.at(Place.SERVICE_MANAGER)
        case Position.INSIDE_REPORTER:
            return (case.reporter,)
    return ()


def _due(session: Session, case: CaseContext, company: CompanySettings) -> datetime | None:
    """Return the deadline in force while its clock runs, or else the end of the state's target."""
    if case.deadline_at is not None and case.resolved_at is None and not clock_stopped(case, company.policy):
        return case.deadline_at
    rule = WAITING_RULES.get(case.state)
    if rule is None or case.waiting_since is None:
        return None
    return reminders.first_of(session, case.id, rule, case.waiting_since)


def _is_urgent(row: Case) -> bool:
    """Return whether a case goes first: a very severe fault, or a report marked urgent that nobody has judged yet."""
    suspected = row.severity is None and row.suspected_urgency is Urgency.HIGH
    return suspected or row.severity is Severity.VERY_SEVERE


def _addressees(rows: Iterable[Waiting]) -> tuple[Addressee, ...]:
    return in_order(Addressee(row.bucket, row.person_id, row.role, row.not_person) for row in rows)


def addressees_of(session: Session, case_ids: Iterable[int]) -> dict[int, tuple[Addressee, ...]]:
    """Return whom these cases wait for, as it is stored; a case that waits for nobody is left out."""
    return {case_id: _addressees(rows) for case_id, rows in stored.of_cases(session, case_ids).items()}


def refresh_cases(session: Session, case_ids: Iterable[int], company: CompanySettings, now: datetime) -> int:
    """Write whom these cases wait for by the present roles and accounts, and tell where nobody is left (rule 2.7).

    Returns how many cases wait for others than before.
    """
    center = load.center(session, company, now)
    changes = _refresh_held(session, case_ids, center, company, now)
    tell_vacancies(session, changes, center, now)
    return len(changes)


def _refresh_held(
    session: Session, case_ids: Iterable[int], center: Center, company: CompanySettings, now: datetime
) -> list[Change]:
    """Lock these cases, and write whom they wait for and their cards. Return those that wait for others than before.

    A case of an earlier version begins its target now.
    """
    rows = [row for row in cases.hold_all(session, case_ids) if row.state in OPEN_STATES]
    contexts = load.case_contexts(session, rows, company)
    for case in contexts:
        _begin_target(session, case, company, now)
    refreshed = refresh_all(session, rows, contexts, center, company, now)
    changes = [Change(case, one) for case, one in zip(contexts, refreshed, strict=True) if one.before != one.now]
    outbox.put_all(session, [fresh_card(case.id, company, now) for case, one in changes if one.before])
    return changes


def newly_vacant(changes: Iterable[Change]) -> frozenset[int]:
    """Return the cases on which nobody may act any more."""
    return frozenset(case.id for case, one in changes if one.is_newly_vacant)


def tell_vacancies(
    session: Session, changes: Sequence[Change], center: Center, now: datetime, besides: Collection[int] = ()
) -> None:
    """Tell whoever can change it of the cases on which nobody may act any more, `besides` those that were told.

    A single case has the buttons that appoint somebody; several are one list.
    """
    stuck = [one for one in changes if one.waits_for.is_newly_vacant and one.case.id not in besides]
    rows = vacancies(center, now) if len(stuck) > 1 else (row for one in stuck for row in _vacancy(one, center, now))
    outbox.put_all(session, list(rows))


def _vacancy(change: Change, center: Center, now: datetime) -> Iterator[outbox.Row]:
    return vacancy(change.case, change.waits_for.now, center, now)


def _begin_target(session: Session, case: CaseContext, company: CompanySettings, now: datetime) -> None:
    """Plan the reminder of a state that had none in an earlier version (§3.8)."""
    rule = waiting_rule(case)
    if rule is not None and case.waiting_since and not reminders.first_of(session, case.id, rule, case.waiting_since):
        plan_waiting(session, case, company.policy, now)


def people_changed(
    session: Session, before: Center, after: Center, accounts: Iterable[str], company: CompanySettings, now: datetime
) -> list[Change]:
    """Write anew whom cases wait for after people changed in this transaction; return what changed.

    `before` and `after` are the holders of the roles, `accounts` those who belong to us otherwise than before. Steps
    that began with the people of before are waited for.
    """
    roles = {role for role in Role if before.holders.get(role) != after.holders.get(role)}
    old, new = before.people(), after.people()
    persons = {*accounts, *(one for one in {*old, *new} if old.get(one) != new.get(one))}
    if not roles and not persons:
        return []
    cases.change_people(session)
    affected = stored.affected(session, persons, roles)
    return _refresh_held(session, affected, after, company, now) if affected else []
