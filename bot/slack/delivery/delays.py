"""Since when a message was due, for the metric of how late messages reach Slack."""

import json
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from bot.casework.steps.customer_words import is_receipt
from bot.casework.steps.notify import MessageKind
from bot.metrics import Delayed
from storage.tables import Outgoing, Reminder


class Due(NamedTuple):
    """What is measured, and since when (aware UTC)."""

    message: Delayed
    since: datetime


def due(session: Session, row: Outgoing) -> Due | None:
    """Return since when the message of this row was due; None if it is not measured.

    Each copy of a reminder is measured once, when Slack has it, however often it was tried. One that stands for several
    was due with the first of them. The first messages are the card of a report and the receipt of its reporter; later
    updates of the card are not measured.
    """
    if row.view == MessageKind.REMINDER:
        reminder = session.get(Reminder, json.loads(row.arguments)["reminder"])
        return Due(Delayed.REMINDER, reminder.first_due_at or reminder.due_at) if reminder else None
    is_first = row.view == MessageKind.CARD and "first" in json.loads(row.arguments)
    return Due(Delayed.FIRST_MESSAGE, row.created_at) if is_first or is_receipt(row) else None
