"""What people do with a reminder: take note of it, or ask for help. A press costs a handful of statements."""

from datetime import datetime

from sqlmodel import Session

from bot.casework.office import Office
from bot.casework.tell import View
from bot.workflow import refusals as no
from bot.workflow.refusal import Problem, Refused
from storage import deliveries, outbox, people, reminders
from storage.reminders import Addressed
from storage.vocabulary import Role

#: Beside those named on the case: who may answer for any reminder.
_SUPERIORS = {Role.CENTER_MANAGER, Role.SERVICE_MANAGER}


def acknowledge(session: Session, reminder_id: int, person: str, office: Office, now: datetime) -> None:
    """Somebody has taken note of a reminder: its copies say so and it is not escalated. Raises `Refused`.

    The first to acknowledge counts; a repeated press changes nothing.
    """
    reminder = _addressed(session, reminder_id, person, office, now)
    if not reminders.acknowledge(session, reminder_id, person, now):
        return
    reminders.stop_about(session, reminder_id)
    for copy_id, channel in outbox.copies(session, reminder.case_id, View.REMINDER, reminder_id):
        outbox.put(
            session,
            View.REMINDER_EDIT,
            channel,
            now,
            case_id=reminder.case_id,
            arguments={"posted": copy_id},
        )


def need_help(
    session: Session, reminder_id: int, person: str, delivery: str, office: Office, now: datetime
) -> None:
    """Somebody needs help with a reminded fault: the center manager is told. Raises `Refused`."""
    reminder = _addressed(session, reminder_id, person, office, now)
    if deliveries.seen(session, delivery):
        return
    deliveries.remember(session, delivery, now)
    arguments = {"reminder": reminder_id, "asker": person}
    for manager in sorted(people.holders(session, office.today(now)).get(Role.CENTER_MANAGER, ())):
        outbox.put(
            session,
            View.HELP_WANTED,
            manager,
            now,
            case_id=reminder.case_id,
            arguments=arguments,
            urgent=True,
        )


def _addressed(
    session: Session, reminder_id: int, person: str, office: Office, now: datetime
) -> Addressed:
    """The reminder, if this person is named on its case or above those who are."""
    reminder = reminders.addressed(session, reminder_id, person)
    if reminder is None:
        raise Refused(Problem(no.NotOffered()))
    if not reminder.named:
        own, acting = people.roles(session, person, office.today(now))
        if not (own | acting) & _SUPERIORS:
            raise Refused(Problem(no.NotForYourEyes(f"F-{reminder.case_id}")))
    return reminder
