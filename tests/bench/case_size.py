"""Measures how much of a SQLite file a fault takes that went its whole way, and how much after pruning.

python -m tests.bench.case_size
"""

import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select, text

from bot.casework.steps import prune
from bot.casework.steps.notify import MessageKind
from storage import migrations, posted_messages, pruning
from storage.database import Database
from storage.tables import Outgoing
from storage.vocabulary import OutboxState
from tests.bench.statistics import COMPANY, NOW
from tests.support.case_builder import FAULT_PATH, CaseBuilder

FAULTS, BATCH_SIZE = 200, 500
#: The kinds of messages whose place in Slack is kept, because they are edited later. A case has one card.
_EDITED = (MessageKind.CARD, MessageKind.TASK, MessageKind.REMINDER)
_PAUSE, _LONG = timedelta(minutes=30), timedelta(days=200)


def measure() -> None:
    """Print the kilobytes and the messages of a fault."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Database(f"sqlite:///{Path(folder) / 'size.db'}")) as database,
    ):
        migrations.upgrade(database.engine)
        moments = (NOW + _PAUSE * number for number in range(FAULTS * (1 + len(FAULT_PATH))))
        clock = [NOW]
        builder = CaseBuilder(database, COMPANY, lambda: clock[0])
        builder.seed()
        empty, messages = _size(database), 0
        for _ in range(FAULTS):
            case = builder.report()
            messages += _send(database, clock[0])
            for _state, step, _person in FAULT_PATH:
                clock[0] = next(moments)
                builder.usual(step, case)
                messages += _send(database, clock[0])
        whole = _size(database) - empty
        _prune(database, clock[0] + _LONG)
        left = _size(database) - empty
    print(
        f"a fault on SQLite: {whole / FAULTS / 1000:.0f} KB with its {messages // FAULTS} messages, "
        f"{left / FAULTS / 1000:.0f} KB after pruning"
    )


def _send(database: Database, now: datetime) -> int:
    """Let Slack have all that waits, and return how many messages that were."""
    with database.write() as session:
        rows = session.exec(select(Outgoing).where(col(Outgoing.state) == OutboxState.WAITING)).all()
        for row in rows:
            row.state, row.sent_at, row.attempts, row.lease = OutboxState.SENT, now, 1, 1
            if row.view in _EDITED and not _is_posted(session, row):
                posted_messages.remember(session, row.case_id or 0, row.view, row.target, "1764500000.000100")
    return len(rows)


def _is_posted(session: Session, row: Outgoing) -> bool:
    return row.view == MessageKind.CARD and posted_messages.newest(session, row.case_id or 0, row.view) is not None


def _prune(database: Database, at: datetime) -> None:
    done = 1
    while done:
        with database.write() as session:
            done = pruning.delete_messages(session, at, BATCH_SIZE) + prune.prune(session, at, at)


def _size(database: Database) -> int:
    """Return the bytes of the file without what is free in it."""
    with database.engine.connect() as connection:
        pages, free, each = (
            int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * each


if __name__ == "__main__":
    measure()
