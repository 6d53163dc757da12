"""Measures how fast several workers claim reminders that are due at once, and the cost of a sweep that finds none.

python -m tests.bench.reminders WORKER URL   (one worker, started by the benchmark)
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import remind
from storage import migrations
from storage.database import Database
from storage.tables import METADATA
from storage.vocabulary import State
from tests.bench.workers import measured, work_together
from tests.support import postgresql_server
from tests.support.case_builder import CaseBuilder
from tests.support.team import DESK

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=9)
COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
CASES, DUE, WORKERS, SIZES = 100_000, 10_000, (1, 2, 4), (1_000, 100_000, 1_000_000)
#: The number of idle sweeps that are timed.
IDLE_SWEEPS = 200

#: Copies of the first case with its places and history, as far as reminders read them.
_COPIES = (
    "INSERT INTO cases ({cases}) SELECT {numbered} FROM cases, {series} WHERE cases.id = 1",
    "INSERT INTO case_places (case_id, place, person_id) SELECT n, place, person_id FROM case_places, {series} "
    "WHERE case_id = 1",
)
_REMINDERS = (
    "INSERT INTO reminders (case_id, rule, occurrence, share, due_at, state) "
    "SELECT n, 'deadline_share', {occurrence}, 50, :due, 'waiting' FROM {series}"
)


def measure() -> None:
    """Print claims per second with several workers, and the cost of idle sweeps."""
    try:
        with postgresql_server.server() as server:
            _claims(server)
            _idle("PostgreSQL", [server.make(f"idle_{size}") for size in SIZES])
    except postgresql_server.Missing as missing:
        print(f"{missing}: nothing measured on it")
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / f'{size}.db'}" for size in SIZES]
        for url in urls:
            with _opened(url) as database:
                migrations.upgrade(database.engine)
        _idle("SQLite", urls)


def _claims(server: postgresql_server.Server) -> None:
    url = server.make("full")
    with _opened(url) as database:
        _fill(database, CASES)
        _remind(database, 2, CASES, LATER + timedelta(days=1))
    first = 0.0
    for workers in WORKERS:
        name = f"due_{workers}"
        with _opened(server.make(name, "full")) as database:
            _remind(database, 2, DUE, LATER - timedelta(minutes=1), occurrence=1000)
        swept = work_together("tests.bench.reminders", workers, server.url(name))
        first = first or swept.seconds
        print(
            f"{DUE} reminders due among {CASES} cases, {workers} worker(s): {DUE / swept.seconds:.0f}/s, "
            f"{first / swept.seconds:.2f} × one worker, all within {swept.seconds:.1f} s (≤ 60); each takes "
            f"{1000 * swept.processor / DUE:.2f} ms of their processor time"
        )
        server.drop(name)


def work(url: str) -> None:
    """Be one worker: sweep until nothing is due."""
    with _opened(url) as database:
        with database.read() as session:
            remind.anything_due(session, LATER)
        with measured():
            while _due(database):
                with database.write() as session:
                    remind.sweep(session, COMPANY, LATER, 60)


def _due(database: Database) -> bool:
    with database.read() as session:
        return remind.anything_due(session, LATER)


def _idle(kind: str, urls: list[str]) -> None:
    costs = []
    for size, url in zip(SIZES, urls, strict=True):
        with _opened(url) as database:
            _fill(database, 1)
            _remind(database, 1, size, LATER + timedelta(days=1), many=True)
            costs.append(_look(database))
    told = ", ".join(f"{size}: {cost * 1000:.2f} ms" for size, cost in zip(SIZES, costs, strict=True))
    print(f"idle sweep on {kind}, rows: {told}; {max(costs) / min(costs):.2f} × (≤ 2)")


def _look(database: Database) -> float:
    times = []
    for _ in range(IDLE_SWEEPS):
        started = time.perf_counter()
        assert not _due(database)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _fill(database: Database, cases: int) -> None:
    """Write one case through `casework`, with its deadline ahead, and copies of it."""
    builder = CaseBuilder(database, COMPANY, lambda: NOW)
    builder.seed()
    builder.fault(State.DECISION)
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DELETE FROM reminders"))
        columns = [column.name for column in METADATA.tables["cases"].columns]
        numbered = ["n" if name == "id" else name for name in columns]
        series = _series(database, 2, cases)
        for statement in _COPIES if cases > 1 else ():
            filled = statement.format(cases=", ".join(columns), numbered=", ".join(numbered), series=series)
            connection.execute(text(filled))


def _remind(
    database: Database, first: int, last: int, due: datetime, *, occurrence: int = 900, many: bool = False
) -> None:
    """Write a waiting reminder for each of these cases, or `many` reminders for the first case alone."""
    case, count = ("1 AS n, n AS o", "o") if many else ("n, 0 AS o", str(occurrence))
    series = f"(SELECT {case} FROM {_series(database, first, last)}) AS s"
    moment = due.replace(tzinfo=None) if database.is_sqlite else due
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(_REMINDERS.format(occurrence=count, series=series)), {"due": str(moment)})
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _series(database: Database, first: int, last: int) -> str:
    if not database.is_sqlite:
        return f"generate_series({first}, {last}) AS n"
    return (
        f"(WITH RECURSIVE r(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM r WHERE n < {last}) SELECT n FROM r) AS q"
    )


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


if __name__ == "__main__":
    work(sys.argv[2]) if sys.argv[1:2] == ["WORKER"] else measure()
