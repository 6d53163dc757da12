"""Writes whom open cases wait for where neither a step nor a change of people does: at the start and on another day."""

import structlog

from bot.casework import people_changes
from bot.casework.company_source import CompanySource
from bot.casework.steps import waits
from bot.clock import Clock
from storage import cases
from storage.database import Database, Unavailable
from storage.vocabulary import OPEN_STATES

log = structlog.get_logger(__name__)


def renew(database: Database, company: CompanySource, clock: Clock) -> int:
    """Write anew whom all open cases wait for, and return how many wait for others than before.

    An earlier version may have written nothing, and the settings may be others. Raises `Unavailable`.
    """
    changed = 0
    with database.read() as session:
        every = cases.in_states(session, OPEN_STATES)
    for first in range(0, len(every), waits.BATCH_SIZE):
        with database.write() as session:
            cases.keep_people(session)
            batch = every[first : first + waits.BATCH_SIZE]
            changed += waits.refresh_cases(session, batch, company.of(session), clock.now())
    return changed


def follow_day(database: Database, company: CompanySource, clock: Clock) -> int:
    """Follow the days of the company, on which the time of deputies begins and ends.

    Returns how many cases wait for others than before.
    """
    try:
        with database.read() as session:
            if not people_changes.is_another_day(session, company.of(session), clock.now()):
                return 0
        with database.write() as session:
            return people_changes.follow_day(session, company.of(session), clock.now())
    except Unavailable:
        log.warning("waits.database_unavailable")  # retried in the next minute
        return 0
