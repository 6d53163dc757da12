"""Steps on a database of the test's own, at a time that the test sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_settings import CompanySettings
from storage.database import Database
from tests.support.case_builder import CaseBuilder
from tests.support.team import DESK


@dataclass
class ManualClock:
    """A clock that only the test moves."""

    now: datetime = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def builder(fresh_url: str, clock: ManualClock) -> Iterator[CaseBuilder]:
    database = Database(fresh_url)
    made = CaseBuilder(database, CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai")), clock)
    made.seed()
    yield made
    database.close()
