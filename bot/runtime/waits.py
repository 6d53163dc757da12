"""Writes whom open cases wait for where neither a step nor a change of people does: at the start and on another day."""

from datetime import datetime

import structlog

from bot.casework import people_changes
from bot.casework.company_settings import CompanySettings
from bot.casework.steps import waits
from bot.clock import Clock
from storage import cases
from storage.database import Database, Unavailable
from storage.vocabulary import OPEN_STATES

log = structlog.get_logger(__name__)


def renew(database: Database, company: CompanySettings, clock: Clock) -> int:
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
            changed += waits.refresh_cases(session, batch, company, clock.now())
    return changed


class DailyRenewal:
    """Follows the days of the company, on which the time of deputies begins and ends."""

    def __init__(self, database: Database, company: CompanySettings, clock: Clock) -> None:
        self._database = database
        self._company = company
        self._clock = clock
        self._written_at: datetime | None = None

    def begin(self) -> None:
        """Write whom all open cases wait for. Raises `Unavailable`."""
        now = self._clock.now()
        renew(self._database, self._company, self._clock)
        self._written_at = now

    def follow(self) -> int:
        """Write what another day changes; return how many cases wait for others than before."""
        now, before = self._clock.now(), self._written_at
        if before is None or self._company.today(before) == self._company.today(now):
            return 0
        try:
            with self._database.write() as session:
                changed = people_changes.follow_day(session, before, self._company, now)
        except Unavailable:
            log.warning("waits.database_unavailable")  # retried in the next minute
            return 0
        self._written_at = now
        return changed
