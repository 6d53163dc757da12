"""Moves the cards of open cases when the settings name another service-desk channel."""

import structlog

from bot.casework.company_source import CompanySource
from bot.casework.steps import desk_channel
from bot.clock import Clock
from storage.database import Database, Unavailable

log = structlog.get_logger(__name__)


def follow_desk(database: Database, company: CompanySource, clock: Clock) -> int:
    """Let the cards of open cases follow into the service-desk channel, and return their number.

    Raises `Unavailable`.
    """
    moved, batch = 0, desk_channel.BATCH_SIZE
    while batch == desk_channel.BATCH_SIZE:
        with database.write() as session:
            batch = desk_channel.follow(session, company.of(session), clock.now())
        moved += batch
    if moved:
        log.info("desk.moved", channel=company.latest.desk_channel, cases=moved)
    return moved


def follow_change(database: Database, company: CompanySource, clock: Clock) -> int:
    """Let the cards follow if the settings have named another channel since they did last; return their number."""
    try:
        with database.read() as session:
            if desk_channel.is_followed(session, company.of(session)):
                return 0
        return follow_desk(database, company, clock)
    except Unavailable:
        log.warning("desk.database_unavailable")  # retried in the next minute
        return 0
