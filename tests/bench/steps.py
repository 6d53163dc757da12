"""Measures how many steps several processes write to PostgreSQL, beside processes that only INSERT and COMMIT.

python -m tests.bench.steps WORKER URL steps|inserts   (one worker, started by the benchmark)
"""

import sys

from sqlmodel import SQLModel

from storage.database import Database
from storage.vocabulary import State
from tests.bench.bare_listeners import Press
from tests.bench.statistics import COMPANY, NOW
from tests.bench.workers import Work, measured, work_together
from tests.support.case_builder import FAULT_PATH, CaseBuilder
from tests.support.postgresql_server import Missing, server

WORKERS = 4
#: What each worker writes: whole faults, from the report to the confirmation, or rows.
FAULTS, INSERTS = 10, 1000
STEPS = FAULTS * (1 + len(FAULT_PATH))


def measure() -> None:
    """Print the steps per second of several processes, their processor time, and the ratio to bare inserts."""
    try:
        with server() as postgresql:
            _measure(postgresql.make("steps"))
    except Missing:
        print("steps on PostgreSQL: not measured, there is no server")


def _measure(url: str) -> None:
    database = Database(url)
    SQLModel.metadata.tables[str(Press.__tablename__)].create(database.engine)
    CaseBuilder(database, COMPANY, lambda: NOW).seed()
    database.close()
    inserts, steps = (work_together("tests.bench.steps", WORKERS, url, what) for what in ("inserts", "steps"))
    bare, rate = _rate(inserts, INSERTS), _rate(steps, STEPS)
    print(
        f"steps by {WORKERS} processes on PostgreSQL: {rate:.0f}/s, {rate / bare:.3f} × INSERT+COMMIT; each takes "
        f"{1000 * steps.processor / (WORKERS * STEPS):.1f} ms of their processor time, "
        f"{steps.processor / STEPS / (inserts.processor / INSERTS):.1f} × INSERT+COMMIT"
    )


def _rate(work: Work, each: int) -> float:
    return WORKERS * each / work.seconds


def work(url: str, what: str) -> None:
    """Be one worker. Before it is measured it writes once, because statements are compiled at their first use."""
    database = Database(url)
    write = _insert if what == "inserts" else _steps
    write(database, 1)
    with measured():
        write(database, INSERTS if what == "inserts" else FAULTS)
    database.close()


def _insert(database: Database, count: int) -> None:
    for _ in range(count):
        with database.write() as session:
            session.add(Press(person="U0WU"))


def _steps(database: Database, faults: int) -> None:
    builder = CaseBuilder(database, COMPANY, lambda: NOW)
    for _ in range(faults):
        case = builder.report()
        for _state, step, _person in FAULT_PATH:
            builder.usual(step, case)
    assert builder.card(case).state is State.CLOSED


if __name__ == "__main__":
    work(*sys.argv[2:]) if sys.argv[1:2] == ["WORKER"] else measure()
