"""Stores the settings of the company that the environment sets, and compares them with what is stored."""

from collections.abc import Mapping

import structlog
from sqlmodel import Session

from bot.casework import change_settings
from bot.casework.company_source import CompanySource, values_of
from bot.clock import Clock
from bot.health import OK
from bot.settings.company_values import CompanyValues, differing
from storage import settings
from storage.database import Database
from storage.settings import Value

log = structlog.get_logger(__name__)


def is_stored(database: Database, given: Mapping[str, str]) -> bool:
    """Return whether the settings that the environment sets, as texts by name, are stored and no others are fixed."""
    with database.read() as session:
        return change_settings.is_fixed(session, given)


def was_stored(database: Database, given: Mapping[str, str]) -> bool:
    """Return whether any settings were ever stored. An environment that sets none needs none."""
    with database.read() as session:
        return not given or bool(settings.version(session))


def store(database: Database, source: CompanySource, given: Mapping[str, str], clock: Clock) -> None:
    """Store the settings that the environment sets, so that all processes have them. Raises `Unavailable`."""
    if is_stored(database, given):
        return
    with database.write() as session:
        changed = change_settings.fix(session, source, given, clock.now())
    log.info("settings.stored", names=changed)


def state(session: Session, given: Mapping[str, str]) -> str:
    """Return what health says of the settings that the environment sets: which of them have another value here."""
    names = not_as_stored(settings.stored(session), given)
    return f"not as stored: {', '.join(names)}" if names else OK


def not_as_stored(stored: Mapping[str, Value], given: Mapping[str, str]) -> list[str]:
    """Return the names of the settings that the environment sets to another value than the stored one."""
    return differing(CompanyValues.read(given), values_of(stored), given)
