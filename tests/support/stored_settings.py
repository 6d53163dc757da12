"""Stores settings of the company as `faultdesk migrate` does."""

from datetime import datetime

from bot.casework import change_settings
from bot.casework.company_source import CompanySource
from storage.database import Database
from tests.support import world


def store(url: str, now: datetime | None = None, **given: str) -> None:
    """Store the settings that an environment sets, and no others; `now` is when the test begins, if not said."""
    database = Database(url)
    with database.write() as session:
        change_settings.fix(session, CompanySource(), given, now or world.begins())
    database.close()
