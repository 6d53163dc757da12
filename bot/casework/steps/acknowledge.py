"""The buttons of a reminder: acknowledge it, or ask for help (process.md §3.6)."""

from datetime import datetime

import structlog
from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load
from bot.casework.steps.notify import MessageKind, edit_reminder
from bot.casework.steps.reminder_entries import record_acknowledged
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from bot.workflow.waiting import ON_VACANCY
from storage import acknowledgements, cases, deliveries, outbox, people
from storage.vocabulary import Role

log = structlog.get_logger(__name__)
#: Besides those named on the case, holders of these roles may respond to any reminder.
_SUPERIORS = {Role.CENTER_MANAGER, Role.SERVICE_MANAGER}


def acknowledge(session: Session, reminder_id: int, person: str, company: CompanySettings, now: datetime) -> None:
    """Acknowledge a reminder: its copies show who did, and it is not escalated.

    The first acknowledgement counts; a repeated press changes nothing. Raises `Refused` if the reminder does not
    concern this person.
    """
    case = acknowledgements.hold_case(session, reminder_id)
    if case is None or case.id is None:
        raise Refused(Problem(no.NotOffered()))
    noted = acknowledgements.acknowledge(session, reminder_id, person, now, only_if_named=True)
    if noted is None:
        _check_concerns(session, case.id, person, company, now)
        noted = acknowledgements.acknowledge(session, reminder_id, person, now, only_if_named=False)
    if noted is None:
        return
    record_acknowledged(session, case, noted, now)
    for copy_id, channel in outbox.copies(session, case.id, MessageKind.REMINDER, reminder_id):
        edit_reminder(session, case.id, copy_id, channel, now)


def need_help(
    session: Session, reminder_id: int, person: str, delivery: str, company: CompanySettings, now: datetime
) -> Role | None:
    """Tell the center managers, without one the admins, that somebody needs help with a reminded fault.

    Returns the role of those who are told; None if nobody holds either. Raises `Refused` if the reminder does not
    concern this person.
    """
    case_id = acknowledgements.case_of(session, reminder_id)
    if case_id is None:
        raise Refused(Problem(no.NotOffered()))
    _check_concerns(session, case_id, person, company, now)
    center, arguments = load.center(session, company, now), {"reminder": reminder_id, "asker": person}
    told = center.first_held(ON_VACANCY)
    if deliveries.first(session, delivery, now):
        for one in sorted(center.holders[told] if told else ()):
            outbox.put(session, MessageKind.HELP_WANTED, one, now, case_id=case_id, arguments=arguments, urgent=True)
    if told is None:
        log.error("help.nobody_to_tell", case=case_id)
    return told


def _check_concerns(session: Session, case_id: int, person: str, company: CompanySettings, now: datetime) -> None:
    """Raise `Refused` unless this person is named on the case or is a superior."""
    own, acting = people.roles(session, person, company.today(now))
    named = any(person in there for there in cases.places(session, case_id).values())
    if not named and not (own | acting) & _SUPERIORS:
        raise Refused(Problem(no.NotOffered()))
