"""What tests of statistics share."""

from collections.abc import Iterator

import pytest

from bot.casework.company_settings import CompanySettings
from storage.database import Database
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import DESK
from tests.support.world import SHANGHAI


@pytest.fixture
def shared(postgresql_url: str, clock: ManualClock) -> Iterator[CaseBuilder]:
    """A company on PostgreSQL, where several processes write at once."""
    database = Database(postgresql_url)
    builder = CaseBuilder(database, CompanySettings(DESK, zone=SHANGHAI), clock.now)
    builder.seed()
    yield builder
    database.close()
