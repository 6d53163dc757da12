"""Measures what reading the version of the settings adds to a step: `python -m tests.bench.settings`."""

import statistics
import time
from collections.abc import Callable

from sqlalchemy import text

from bot.casework import change_settings
from bot.casework.company_source import CompanySource
from bot.casework.steps.perform import Request, perform
from storage import migrations
from storage.database import Database
from storage.vocabulary import State, Step
from tests.bench.each_database import on_each
from tests.bench.statistics import COMPANY, NOW
from tests.support.answers import CHEN
from tests.support.case_builder import CaseBuilder

STEPS = 300
#: The least that a statement takes.
_LEAST = text("SELECT 1")


def measure() -> None:
    """Print the time for which each step reads its settings, and its share of the step."""
    on_each("settings", "settings", _measure)


def _measure(url: str, called: str) -> None:
    database, source = Database(url), CompanySource()
    migrations.upgrade(database.engine)
    builder = CaseBuilder(database, COMPANY, lambda: NOW)
    builder.seed()
    with database.write() as session:
        change_settings.fix(session, source, {"FAULT_CHANNEL": COMPANY.desk_channel}, NOW)
    builder.seed()  # the environment names nobody
    case, least, reading, steps = builder.fault(State.ANALYSIS), list[float](), list[float](), list[float]()
    for number in range(STEPS):
        request = Request(Step.COMMENT, case, CHEN, {"text": "Noted"}, f"comment {number}")
        began = time.perf_counter()
        with database.write() as session:
            session.connection().exec_driver_sql("SELECT 1")  # begins the transaction
            least.append(_seconds(lambda: session.connection().execute(_LEAST)))
            reading.append(_seconds(lambda: source.of(session)))
            company = source.latest
            perform(session, request, company, NOW)
        steps.append(time.perf_counter() - began)
    database.close()
    floor, read, step = (statistics.median(seconds) for seconds in (least, reading, steps))
    print(
        f"settings on {called}: each step of {step * 1000:.1f} ms reads them in {read * 1000:.3f} ms (≤ 0.1), "
        f"{read / step:.3f} × the step, {read / floor:.2f} × SELECT 1"
    )


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    measure()
