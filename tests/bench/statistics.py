"""Measures the time of the statistics of a year and of a month, on SQLite and on PostgreSQL.

python -m tests.bench.statistics [cases]    10,000 by default; the targets are for 100,000 and 1,000,000
"""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text
from sqlmodel import col, func, select

from bot.casework.company_settings import CompanySettings
from bot.casework.statistics.measures import StatisticsQuery, statistics
from bot.casework.statistics.periods import parse
from storage import migrations, settled_facts
from storage.database import Database
from storage.statistics import settle
from storage.statistics.daily_sums import sum_up
from storage.tables import METADATA, Case, ChangedDay
from storage.vocabulary import END_STATES, State, Step
from tests.bench.each_database import on_each
from tests.support.case_builder import FAULT_PATH, GENERAL, SEVERE, CaseBuilder
from tests.support.team import CHEN, DESK, HUANG, LIN

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMPANY = CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai"))
CASES, YEARS, QUERIES = 10_000, 3, 20
#: The number of cases that are settled to measure the time.
SETTLED_AGAIN = 100
#: Minutes between two steps of a model case: a fault takes six days.
PACE = 12 * 60
#: Only one in this number of open model cases is copied, and only the newest: no company keeps cases open for years.
OPEN = 10

_MOMENTS = {
    "cases": {"entered_at", "reported_at", "deadline_at", "first_deadline_at", "resolved_at", "closed_at"},
    "audit_entries": {"at"},
    "documents": set[str](),
    "facts": {"reported_at", "ended_at"},
}
_SHIFTED = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {name}, '+' || (n * {apart}) || ' minutes')",
    "postgresql": "{name} + n * INTERVAL '{apart} minutes'",
}
#: Facts store moments as microseconds.
_SHIFTED_FACT = "{name} + CAST(n AS BIGINT) * {apart} * 60000000"
#: The nth copy of each model case, a fixed time after the previous one. Its ids follow those of the models.
COPY = (
    "INSERT INTO {table} ({names}) SELECT {values} FROM {table}, (WITH RECURSIVE r(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {copies}) SELECT n FROM r) AS q WHERE {chosen}"
)


def measure(cases: int = CASES) -> None:
    """Print how long the statistics take with this number of cases, spread over three years."""
    on_each("statistics", "statistics", partial(_measure, cases=cases))


def _measure(url: str, called: str, cases: int) -> None:
    database = Database(url)
    migrations.upgrade(database.engine)
    cases = fill(database, cases)
    print(f"settling on {called}: {_settling(database):.2f} ms for each ended case")
    print(f"summing up on {called}: {_summing_up(database):.2f} ms for each day")
    for words in ("2026", "2026-06"):
        looks = [_look(database, words) for _ in range(QUERIES)]
        times, processor = (sorted(each) for each in zip(*looks, strict=True))
        median, p95 = times[QUERIES // 2], times[QUERIES * 95 // 100 - 1]
        print(
            f"statistics of {words} among {cases:,} cases over {YEARS} years on {called}: "
            f"median {median:.2f} s, p95 {p95:.2f} s (a year: ≤ 1 of 100,000, ≤ 3 of 1,000,000); "
            f"processor time {processor[QUERIES // 2]:.2f} s"
        )
    database.close()


def _settling(database: Database) -> float:
    """Return the milliseconds that settling one ended case takes."""
    with database.write() as session:
        for case in session.exec(select(Case).where(col(Case.settled)).limit(2 * SETTLED_AGAIN)):
            settled_facts.forget(session, case)
    started = 0.0
    for _warm in range(2):
        started = time.perf_counter()
        with database.write() as session:
            assert settle(session, SETTLED_AGAIN).count == SETTLED_AGAIN
    return 1000 * (time.perf_counter() - started) / SETTLED_AGAIN


def _summing_up(database: Database) -> float:
    """Mark every day as changed, because the copies of facts are not marked. Return the milliseconds that one takes."""
    first, number = settled_facts.day_of(NOW) - 366, YEARS * 365 + 10
    with database.write() as session:
        session.add_all(ChangedDay(day=first + day) for day in range(number))
    started, left = time.perf_counter(), True
    while left:
        with database.write() as session:
            left = sum_up(session)
    return 1000 * (time.perf_counter() - started) / number


def _look(database: Database, words: str) -> tuple[float, float]:
    """Return the elapsed and the processor seconds. On a busy machine only the processor time is meaningful."""
    now = NOW + timedelta(days=5000)
    started, worked = time.perf_counter(), time.process_time()
    period = parse(words, COMPANY, now)
    assert period is not None
    with database.read() as session:
        statistics(session, StatisticsQuery(period), COMPANY, now)
    return time.perf_counter() - started, time.process_time() - worked


def fill(database: Database, cases: int, parts: Sequence[str] = ()) -> int:
    """Write model cases through `casework` and about this number of copies, evenly over the years. Return the number of
    cases.

    `parts` are tables that are copied with the cases, though the statistics do not read them.
    """
    models = _models(database)
    with database.write() as session:
        settle(session, models)
    with database.read() as session:
        ended = session.exec(select(func.count()).where(col(Case.state).in_(END_STATES))).one()
    copies = int(cases / (ended + (models - ended) / OPEN))
    apart = YEARS * 365 * 24 * 60 // copies
    with database.engine.execution_options(writes=True).begin() as connection:
        if database.is_sqlite:  # these triggers would run for each copy
            for trigger in ("audit_entries_replace_refused", "documents_replace_refused"):
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        for table in (*_MOMENTS, *parts):
            _copy(connection, table, models, copies, apart)
        made = int(connection.execute(text("SELECT count(*) FROM cases")).scalar_one())
    with database.engine.execution_options(writes=True, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(
            text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
        )  # PostgreSQL does this by itself
    return made


def _copy(connection: Connection, table: str, models: int, copies: int, apart: int) -> None:
    columns = [column.name for column in METADATA.tables[table].columns if table == "cases" or column.name != "id"]
    shift = _SHIFTED_FACT if table == "facts" else _SHIFTED[connection.dialect.name]
    case = "id" if table == "cases" else "case_id"
    shifted = {name: shift.format(name=name, apart=apart) for name in _MOMENTS.get(table, ())}
    values = [shifted.get(name) or (f"{name} + n * {models}" if name == case else name) for name in columns]
    ended = ", ".join(f"'{state}'" for state in END_STATES)
    chosen = [f"(n > {copies - copies // OPEN} OR {case} IN (SELECT id FROM cases WHERE state IN ({ended})))"]
    chosen += ["paper = 'T02'"] if table == "documents" else []  # the statistics read no other record
    copy = COPY.format(
        table=table,
        names=", ".join(columns),
        values=", ".join(values),
        copies=copies - 1,
        chosen=" AND ".join([*chosen, f"{case} <= {models}"]),
    )
    connection.execute(text(copy))


def _models(database: Database) -> int:
    """Write faults that are closed, open and reopened, questions and a requirement. Return their number."""
    moments = iter(NOW - timedelta(days=365) + timedelta(minutes=PACE * step) for step in range(10_000))
    clock = [next(moments)]
    builder = CaseBuilder(database, COMPANY, lambda: clock[0], deadline=timedelta(days=4))
    builder.seed()

    def at_leisure(case: int, states: Sequence[State], **published: object) -> int:
        for state in states:
            clock[0] += timedelta(minutes=PACE)
            builder.onward(case, state, **published)
        return case

    ways = [state for state, _step, _person in FAULT_PATH[1:]] + [State.CLOSED]
    made = 0
    for published in ({}, SEVERE, GENERAL, SEVERE):
        clock[0] = NOW - timedelta(days=365)
        at_leisure(builder.report(), ways, **published)
        at_leisure(builder.report(), ways[:-1], **published) if made == 0 else None
        made += 2 if made == 0 else 1
    return made + _beside(builder, clock)


def _beside(builder: CaseBuilder, clock: list[datetime]) -> int:
    clock[0] = NOW - timedelta(days=365)
    for rounds in (1, 2, 1):
        case = builder.report()
        builder.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
        for number in range(rounds, 0, -1):
            clock[0] += timedelta(minutes=PACE)
            builder.take(Step.ANSWER, CHEN, case, answer="So", category="usage", effort_hours="1")
            verdict = {"satisfied": "yes", "score": "5"} if number == 1 else {"satisfied": "no"}
            builder.take(Step.RECORD_VERDICT, CHEN, case, evidence="Mail", dissatisfied_reason="Unclear", **verdict)
    wanted = builder.report()
    builder.take(Step.TRIAGE, LIN, wanted, is_requirement="yes", new_business="OFD")
    builder.take(Step.DRAFT_SHEET, CHEN, wanted, new_business="OFD", current_gap="None")
    builder.take(Step.RETURN_SHEET, HUANG, wanted, reason="No value")
    builder.take(Step.DRAFT_SHEET, CHEN, wanted, new_business="OFD", current_gap="None", value="High")
    builder.take(Step.SIGN_SHEET, HUANG, wanted, dev_owner=LIN, dev_ref="DEV-1")
    return 4


if __name__ == "__main__":
    measure(*map(int, sys.argv[1:]))
