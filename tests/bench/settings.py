"""Measures what reading the version of the settings adds to a step: `python -m tests.bench.settings`."""

import statistics
import time
from collections.abc import Callable

from sqlmodel import Session

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


def measure() -> None:
    """Print how much longer a step takes to begin because it reads its settings, and its share of the step."""
    on_each("settings", "settings", _measure)


def _measure(url: str, called: str) -> None:
    database, source = Database(url), CompanySource()
    migrations.upgrade(database.engine)
    builder = CaseBuilder(database, COMPANY, lambda: NOW)
    builder.seed()
    with database.write() as session:
        change_settings.fix(session, source, {"FAULT_CHANNEL": COMPANY.desk_channel}, NOW)
    builder.seed()  # the environment names nobody
    case, bare, reading, steps = builder.fault(State.ANALYSIS), list[float](), list[float](), list[float]()
    for number in range(STEPS):
        request = Request(Step.COMMENT, case, CHEN, {"text": "Noted"}, f"comment {number}")
        began = time.perf_counter()
        with database.write() as session:
            perform(session, request, source.of(session), NOW)
        steps.append(time.perf_counter() - began)
    for _ in range(10 * STEPS):  # in turn and apart from the steps, so that both meet the same machine
        with Session(database.engine) as session:
            bare.append(_seconds(session.connection))
            session.commit()
        with database.write() as session:
            reading.append(_seconds(lambda: source.of(session)))
    database.close()
    begin, begin_and_read, step = (statistics.median(seconds) for seconds in (bare, reading, steps))
    added = begin_and_read - begin
    print(
        f"settings on {called}: each step of {step * 1000:.1f} ms begins {added * 1000:.3f} ms later (≤ 0.1) "
        f"because it reads them, {added / step:.3f} × the step; {begin_and_read / begin:.2f} × beginning a transaction"
    )


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    measure()
