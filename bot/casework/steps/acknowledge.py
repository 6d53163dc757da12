"""What people do with a reminder: take note of it, or ask for help. A press costs a handful of statements."""

from datetime import datetime

from sqlmodel import Session

from bot.casework.company_settings import Office
from bot.casework.steps.notify import View, edit_reminder
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage import cases, deliveries, outbox, people, reminders
from storage.vocabulary import Role

#: Beside those named on the case: who may answer for any reminder.
_SUPERIORS = {Role.CENTER_MANAGER, Role.SERVICE_MANAGER}


def acknowledge(session: Session, reminder_id: int, person: str, office: Office, now: datetime) -> None:
    """Somebody has taken note of a reminder: its copies say so and it is not escalated. Raises `Refused`.

    The first to acknowledge counts; a repeated press changes nothing.
    """
    case_id = reminders.acknowledge(session, reminder_id, person, now, only_if_named=True)
    if case_id is None:
        _concerns(session, reminder_id, person, office, now)
        case_id = reminders.acknowledge(session, reminder_id, person, now, only_if_named=False)
    if case_id is None:
        return
    for copy_id, channel in outbox.copies(session, case_id, View.REMINDER, reminder_id):
        edit_reminder(session, case_id, copy_id, channel, now)


def need_help(session: Session, reminder_id: int, person: str, delivery: str, office: Office, now: datetime) -> None:
    """Somebody needs help with a reminded fault: the center manager is told. Raises `Refused`."""
    if not deliveries.first(session, delivery, now):
        return
    case_id = _concerns(session, reminder_id, person, office, now)
    arguments = {"reminder": reminder_id, "asker": person}
    for manager in sorted(people.holders(session, office.today(now)).get(Role.CENTER_MANAGER, ())):
        outbox.put(session, View.HELP_WANTED, manager, now, case_id=case_id, arguments=arguments, urgent=True)


def _concerns(session: Session, reminder_id: int, person: str, office: Office, now: datetime) -> int:
    """The case of the reminder, if this person is named on it or above those who are."""
    case_id = reminders.case_of(session, reminder_id)
    if case_id is None:
        raise Refused(Problem(no.NotOffered()))
    own, acting = people.roles(session, person, office.today(now))
    named = any(person in there for there in cases.places(session, case_id).values())
    if not named and not (own | acting) & _SUPERIORS:
        raise Refused(Problem(no.NotForYourEyes(f"F-{case_id}")))
    return case_id
