"""What happens once after a restore of the database, however it was restored (decision 0058)."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from bot.casework.steps.notify import MessageKind
from storage import checkpoints, desk_history, epochs, outbox
from storage.tables import Case, Epoch
from storage.vocabulary import DeskEvent


def begin_epoch(session: Session, desk_channel: str, now: datetime) -> Epoch:
    """Begin a new epoch, tell the service-desk channel, and write the restore to the history of the desk.

    The message waits while there is no channel. `now` is aware UTC. Returns the new epoch.
    """
    written, last = epochs.last_written(session), checkpoints.last(session)
    begun = epochs.begin(session, now)
    said = {"epoch": begun.number, "written": written.isoformat() if written else None}
    outbox.put(session, MessageKind.RESTORED, desk_channel, now, arguments=said, urgent=True)
    data = {
        "checkpoint": last.number if last else 0,
        "cases": session.exec(select(func.count()).select_from(Case)).one(),
        "last_case": begun.last_case,
        "first_case": begun.first_case,
        "epoch": begun.number,
    }
    desk_history.append(session, DeskEvent.RESTORED, "", data, now)
    return begun
