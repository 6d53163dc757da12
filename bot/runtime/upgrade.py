"""Brings a database to the schema of this code and to the settings that the environment sets."""

from bot.casework.company_source import CompanySource
from bot.runtime import environment, process, waits
from bot.settings.settings import Settings
from storage import migrations
from storage.database import Database


def is_up_to_date(database: Database, settings: Settings) -> bool:
    """Return whether nothing is left to do."""
    return migrations.is_current(database.engine) and environment.is_stored(database, settings.company)


def bring_up_to_date(database: Database, settings: Settings) -> None:
    """Change the schema if it is an earlier one, store the settings, and write anew whom open cases wait for."""
    source, clock = CompanySource(), process.clock(settings)
    migrations.upgrade(database.engine)
    environment.store(database, source, settings.company, clock)
    waits.renew(database, source, clock)
