"""The buttons of a reminder: acknowledge it, or ask for help (process.md §3.6)."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from bot.casework import limits
from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load
from bot.casework.steps.notify import MessageKind, edit_reminder
from bot.casework.steps.reminder_entries import record_acknowledged, record_help_asked, told_of_call
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from bot.workflow.waiting import ON_VACANCY
from storage import acknowledgements, cases, deliveries, outbox, people, posted_messages, turns
from storage.vocabulary import Role

log = structlog.get_logger(__name__)
#: Besides those named on the case, holders of these roles may respond to any reminder.
_SUPERIORS = {Role.CENTER_MANAGER, Role.SERVICE_MANAGER}


@dataclass(frozen=True, slots=True)
class CallForHelp:
    """A call for help: the role of those who hear it, None if nobody does, and whether it told anything new."""

    told: Role | None
    is_new: bool


def acknowledge(session: Session, reminder_id: int, person: str, company: CompanySettings, now: datetime) -> None:
    """Acknowledge a reminder: its copies show who did, and it is not escalated.

    The first acknowledgement counts; a repeated press changes nothing. Raises `Refused` if the reminder does not
    concern this person.
    """
    case = acknowledgements.hold_case(session, reminder_id)
    if case is None or case.id is None:
        raise Refused(Problem(no.NotOffered()))
    turns.caused_by(session, person)
    noted = acknowledgements.acknowledge(session, reminder_id, person, now, only_if_named=True)
    if noted is None:
        _check_concerns(session, case.id, person, company, now)
        noted = acknowledgements.acknowledge(session, reminder_id, person, now, only_if_named=False)
    if noted is None:
        return
    record_acknowledged(session, case, noted, now)
    for copy_id, channel in posted_messages.copies(session, case.id, MessageKind.REMINDER, reminder_id):
        edit_reminder(session, case.id, copy_id, channel, now)


def need_help(
    session: Session, reminder_id: int, person: str, delivery: str, company: CompanySettings, now: datetime
) -> CallForHelp:
    """Tell the center managers, without one the admins, that somebody needs help with a reminded fault.

    Each is told once for each reminder and person. A call that reached nobody, or admins alone, can be made again once
    there is somebody else. Raises `Refused` if the reminder does not concern this person, or if they have asked for
    help too often within an hour.
    """
    case = acknowledgements.hold_case(session, reminder_id)
    if case is None or case.id is None:
        raise Refused(Problem(no.NotOffered()))
    _check_concerns(session, case.id, person, company, now)
    center, arguments = load.center(session, company, now), {"reminder": reminder_id, "asker": person}
    told = center.first_held(ON_VACANCY)
    hearing = center.holders[told] if told else frozenset[str]()
    if not deliveries.first(session, delivery, now):
        return CallForHelp(told, is_new=True)
    reminder = acknowledgements.get(session, reminder_id)
    earlier = told_of_call(session, reminder, person)
    if earlier is not None and hearing <= earlier:
        return CallForHelp(told, is_new=False)
    limits.check(session, limits.HELP, load.person_context(session, person, company, now), company, now)
    fresh = hearing - (earlier or frozenset())
    record_help_asked(session, case, reminder, person, fresh, now)
    turns.caused_by(session, person)
    for one in sorted(fresh):
        outbox.put(session, MessageKind.HELP_WANTED, one, now, case_id=case.id, arguments=arguments, urgent=True)
    if told is None:
        log.error("help.nobody_to_tell", case=case.id)
    return CallForHelp(told, is_new=True)


def _check_concerns(session: Session, case_id: int, person: str, company: CompanySettings, now: datetime) -> None:
    """Raise `Refused` unless this person is named on the case or is a superior."""
    own, acting = people.roles(session, person, company.today(now))
    named = any(person in there for there in cases.places(session, case_id).values())
    if not named and not (own | acting) & _SUPERIORS:
        raise Refused(Problem(no.NotOffered()))
