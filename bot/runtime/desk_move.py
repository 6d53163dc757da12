"""Moves the cards of open cases at the start of a process whose settings name another service-desk channel."""

import structlog

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import desk_channel
from bot.clock import Clock
from storage.database import Database

log = structlog.get_logger(__name__)


def follow_desk(database: Database, company: CompanySettings, clock: Clock) -> int:
    """Let the cards of open cases follow into the service-desk channel, and return their number.

    Raises `Unavailable`.
    """
    moved, batch = 0, desk_channel.BATCH_SIZE
    while batch == desk_channel.BATCH_SIZE:
        with database.write() as session:
            batch = desk_channel.follow(session, company, clock.now())
        moved += batch
    if moved:
        log.info("desk.moved", channel=company.desk_channel, cases=moved)
    return moved
