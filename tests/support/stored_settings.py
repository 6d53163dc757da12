"""Stores settings of the company as `faultdesk migrate` does."""

from bot.casework import change_settings
from bot.casework.company_source import CompanySource
from storage.database import Database
from tests.support import world


def store(url: str, **given: str) -> None:
    """Store the settings that an environment sets, and no others."""
    database = Database(url)
    with database.write() as session:
        change_settings.fix(session, CompanySource(), given, world.begins())
    database.close()
