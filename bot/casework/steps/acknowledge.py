"""The buttons of a reminder: acknowledge it, or ask for help (process.md §3.6)."""

from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps.notify import MessageKind, edit_reminder
from bot.casework.steps.reminder_entries import record_acknowledged
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage import acknowledgements, cases, deliveries, outbox, people
from storage.vocabulary import Role

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
) -> None:
    """Tell the center managers that somebody needs help with a reminded fault.

    Raises `Refused` if the reminder does not concern this person.
    """
    if not deliveries.first(session, delivery, now):
        return
    case_id = acknowledgements.case_of(session, reminder_id)
    if case_id is None:
        raise Refused(Problem(no.NotOffered()))
    _check_concerns(session, case_id, person, company, now)
    arguments = {"reminder": reminder_id, "asker": person}
    for manager in sorted(people.holding(session, Role.CENTER_MANAGER, company.today(now))):
        outbox.put(session, MessageKind.HELP_WANTED, manager, now, case_id=case_id, arguments=arguments, urgent=True)


def _check_concerns(session: Session, case_id: int, person: str, company: CompanySettings, now: datetime) -> None:
    """Raise `Refused` unless this person is named on the case or is a superior."""
    own, acting = people.roles(session, person, company.today(now))
    named = any(person in there for there in cases.places(session, case_id).values())
    if not named and not (own | acting) & _SUPERIORS:
        raise Refused(Problem(no.NotOffered()))
