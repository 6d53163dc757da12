"""Writes whom open cases wait for where no step does: after an upgrade, with other settings, and on another day."""

import structlog

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import waits
from bot.clock import Clock
from storage import waits as stored
from storage.database import Database, Unavailable

log = structlog.get_logger(__name__)


def begin(database: Database, company: CompanySettings, clock: Clock) -> int:
    """Write whom the open cases of an earlier version wait for, and return their number. Raises `Unavailable`."""
    written = 0
    while batch := _without(database):
        with database.write() as session:
            waits.refresh_cases(session, batch, company, clock.now())
        written += len(batch)
    return written


def _without(database: Database) -> list[int]:
    with database.read() as session:
        return stored.without(session, waits.BATCH_SIZE)


def renew(database: Database, company: CompanySettings, clock: Clock) -> int:
    """Write anew whom all open cases wait for; return how many wait for others than before."""
    changed = 0
    try:
        with database.read() as session:
            every = stored.all_cases(session)
        for first in range(0, len(every), waits.BATCH_SIZE):
            with database.write() as session:
                batch = every[first : first + waits.BATCH_SIZE]
                changed += waits.refresh_cases(session, batch, company, clock.now())
    except Unavailable:
        log.warning("waits.database_unavailable")  # retried in the next hour
    return changed
