"""Deletes what ended cases no longer need: their reminders, and where messages were posted that nobody edits again."""

from datetime import datetime

from sqlmodel import Session

from bot.casework.steps.notify import MessageKind
from bot.casework.steps.reminder_entries import record_pruned
from storage import pruning

#: The most reminders or posted messages by which one transaction finds cases.
BATCH_SIZE = 20


def prune(session: Session, before: datetime, now: datetime) -> int:
    """Prune a batch of cases that ended before a moment; return their number. `before` and `now` are aware.

    The history keeps what was sent, and the number of the last occurrence of each rule. The card stays.
    """
    cases = pruning.hold_ended(session, before, BATCH_SIZE, MessageKind.CARD)
    if cases:
        record_pruned(session, cases, pruning.reminders_of(session, cases), now)
        pruning.delete_of(session, cases, MessageKind.CARD)
    return len(cases)
