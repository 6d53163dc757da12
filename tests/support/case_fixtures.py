"""Fixtures for steps on a database of the test's own, at a time that the test sets. A conftest imports them."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import pytest

from bot.casework.company_settings import CompanySettings
from storage.database import Database
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import DESK

__all__ = ["builder", "clock"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def builder(fresh_url: str, clock: ManualClock) -> Iterator[CaseBuilder]:
    with open_builder(fresh_url, clock) as made:
        yield made


@contextmanager
def open_builder(url: str, clock: ManualClock) -> Iterator[CaseBuilder]:
    """Steps on the empty database at `url`."""
    database = Database(url)
    made = CaseBuilder(database, CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai")), clock.now)
    made.seed()
    yield made
    database.close()
