"""Measures what it costs a step to store whom its case waits for, and how long a queue takes among many cases.

python -m tests.bench.waits
"""

import statistics
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.casework.company_settings import CompanySettings
from bot.casework.reading import cases
from bot.casework.steps import waits
from storage import migrations
from storage.database import Database
from storage.tables import METADATA
from storage.vocabulary import State
from tests.bench.each_database import on_each
from tests.support.case_builder import FAULT_PATH, CaseBuilder
from tests.support.team import CHEN, DESK, LIN, WU

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
#: Whole faults that are written each way, in turn.
FAULTS = 20
CASES, OPEN, QUEUES = 100_000, 2_000, 200

_SERIES = {
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM s WHERE n < :last) SELECT n FROM s)",
    "postgresql": "(SELECT generate_series(CAST(:first AS int), CAST(:last AS int)) AS n)",
}
_COPY = "INSERT INTO {table} ({columns}) SELECT {values} FROM {table}, {series} AS copies WHERE {table}.{key} = :origin"


def measure() -> None:
    """Print both figures on each database."""
    on_each("waits", "waits", _measure)


def _measure(url: str, kind: str) -> None:
    database = Database(url)
    migrations.upgrade(database.engine)
    builder = CaseBuilder(database, COMPANY, lambda: NOW)
    builder.seed()
    _print_step(builder, kind)
    _fill(builder)
    _print_queues(builder, kind)
    database.close()


def _print_step(builder: CaseBuilder, kind: str) -> None:
    """Alternate between faults with and without what is stored, so that both meet the same machine."""
    nothing = patch.object(waits, "refresh", lambda *_arguments: waits.Refreshed((), ()))
    stored, left_out = list[float](), list[float]()
    for number in range(FAULTS + 1):
        for way, times in ((nullcontext(), stored), (nothing, left_out)):
            with way:
                began = time.perf_counter()
                _fault(builder)
                if number:  # statements are compiled at their first use
                    times.append(time.perf_counter() - began)
    with_, without = (1000 * statistics.median(times) / (1 + len(FAULT_PATH)) for times in (stored, left_out))
    print(f"a step on {kind}: {with_:.2f} ms, {with_ / without:.2f} × one that stores no waits (≤ 1.15)")


def _fault(builder: CaseBuilder) -> None:
    case = builder.report()
    for _state, step, _person in FAULT_PATH:
        builder.usual(step, case)


def _fill(builder: CaseBuilder) -> None:
    """Copy an ended case and an open one of each kind of state with what they wait for."""
    ended = builder.fault(State.CLOSED)
    opened = [builder.fault(state) for state in (State.TRIAGE, State.SHEET_DRAFTING, State.ANALYSIS, State.TESTING)]
    first, each = max(opened) + 1, OPEN // len(opened)
    with builder.database.engine.execution_options(writes=True).begin() as connection:
        for origin in (ended, *opened):
            count = CASES - OPEN if origin == ended else each
            for table, key in (("cases", "id"), ("case_places", "case_id"), ("waits", "case_id")):
                columns = [one.name for one in METADATA.tables[table].columns if (table, one.name) != ("waits", "id")]
                values = ["n" if one == key else f"{table}.{one}" for one in columns]
                statement = _COPY.format(
                    table=table,
                    columns=", ".join(columns),
                    values=", ".join(values),
                    series=_SERIES[connection.dialect.name],
                    key=key,
                )
                connection.execute(text(statement), {"first": first, "last": first + count - 1, "origin": origin})
            first += count
        connection.execute(text("ANALYZE"))


def _print_queues(builder: CaseBuilder, kind: str) -> None:
    times = []
    for number in range(QUEUES):
        person = (CHEN, WU, LIN)[number % 3]
        began = time.perf_counter()
        with builder.database.read() as session:
            found = cases.queue(session, person, COMPANY, NOW + timedelta(hours=1))
        times.append(time.perf_counter() - began)
        assert found.more > 0
    p95 = 1000 * sorted(times)[int(0.95 * QUEUES)]
    print(f"a queue among {CASES} cases, {OPEN} open, on {kind}: p95 {p95:.1f} ms (≤ 50)")


if __name__ == "__main__":
    measure()
