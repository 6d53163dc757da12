"""How long the statistics of a year and of a month take, on SQLite.

python -m tests.bench.statistics [cases]    10,000 if not said; the aim is for 100,000
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from bot.casework.office import Office
from bot.casework.periods import parse
from bot.casework.statistics import Asked, statistics
from storage import migrations
from storage.database import Database
from storage.tables import METADATA
from storage.vocabulary import State, Step
from tests.casework.doing import FAULT_PATH, GENERAL, SEVERE, Doing
from tests.team import CHEN, DESK, HUANG, LIN

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OFFICE = Office(DESK, zone=ZoneInfo("Asia/Shanghai"))
CASES, YEARS, LOOKS = 10_000, 3, 20
#: Minutes between two steps of a model case: a fault takes six days.
PACE = 12 * 60

_MOMENTS = {
    "cases": {"entered_at", "reported_at", "deadline_at", "first_deadline_at", "resolved_at", "closed_at"},
    "audit_entries": {"at"},
    "documents": set[str](),
}
_SHIFTED = "strftime('%Y-%m-%d %H:%M:%f000', {name}, '+' || (n * {apart}) || ' minutes')"
#: Nth copy of each model case, each so many minutes after the one before; ids go on from the models'.
COPY = (
    "INSERT INTO {table} ({names}) SELECT {values} FROM {table}, (WITH RECURSIVE r(n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {copies}) SELECT n FROM r) AS q WHERE {chosen}"
)


def measure(cases: int = CASES) -> None:
    """Print how long the statistics take among so many cases, spread over three years."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'statistics.db'}")
        migrations.upgrade(database.engine)
        _fill(database, cases)
        for words in ("2026", "2026-06"):
            looks = [_look(database, words) for _ in range(LOOKS)]
            times, processor = (sorted(each) for each in zip(*looks, strict=True))
            median, p95 = times[LOOKS // 2], times[LOOKS * 95 // 100 - 1]
            print(
                f"statistics of {words} among {cases} cases over {YEARS} years on SQLite: "
                f"median {median:.2f} s, p95 {p95:.2f} s (≤ 1 for a year of 100000); "
                f"processor time {processor[LOOKS // 2]:.2f} s"
            )
        database.close()


def _look(database: Database, words: str) -> tuple[float, float]:
    """Seconds on the clock, and of the processor: on a busy machine only the latter tells."""
    now = NOW + timedelta(days=5000)
    started, worked = time.perf_counter(), time.process_time()
    period = parse(words, OFFICE, now)
    assert period is not None
    with database.read() as session:
        statistics(session, Asked(period), now)
    return time.perf_counter() - started, time.process_time() - worked


def _fill(database: Database, cases: int) -> None:
    """Model cases in the usual way, and copies of them evenly over the years."""
    models = _models(database)
    copies = cases // models
    apart = YEARS * 365 * 24 * 60 // copies
    with database.engine.execution_options(writes=True).begin() as connection:
        for trigger in ("audit_entries_replace_refused", "documents_replace_refused"):  # they look at each copy
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        for table in _MOMENTS:
            _copy(connection, table, models, copies, apart)
        connection.execute(text("ANALYZE"))


def _copy(connection: Connection, table: str, models: int, copies: int, apart: int) -> None:
    columns = [column.name for column in METADATA.tables[table].columns if table == "cases" or column.name != "id"]
    shifted = {name: _SHIFTED.format(name=name, apart=apart) for name in _MOMENTS[table]}
    numbered = dict.fromkeys(("id",) if table == "cases" else ("case_id",), f"{{}} + n * {models}")
    values = [shifted.get(name) or numbered.get(name, "{}").format(name) for name in columns]
    chosen = "paper = 'T02'" if table == "documents" else "TRUE"  # no other record is read
    copy = COPY.format(
        table=table, names=", ".join(columns), values=", ".join(values), copies=copies - 1, chosen=chosen
    )
    connection.execute(text(copy))


def _models(database: Database) -> int:
    """Faults closed, open and reopened, questions and a requirement; returns how many."""
    moments = iter(NOW - timedelta(days=365) + timedelta(minutes=PACE * step) for step in range(10_000))
    hand = [next(moments)]
    doing = Doing(database, OFFICE, lambda: hand[0], deadline=timedelta(days=4))
    doing.seed()

    def at_leisure(case: int, states: Sequence[State], **published: object) -> int:
        for state in states:
            hand[0] += timedelta(minutes=PACE)
            doing.onward(case, state, **published)
        return case

    ways = [state for state, _step, _person in FAULT_PATH[1:]] + [State.CLOSED]
    made = 0
    for published in ({}, SEVERE, GENERAL, SEVERE):
        hand[0] = NOW - timedelta(days=365)
        at_leisure(doing.report(), ways, **published)
        at_leisure(doing.report(), ways[:-1], **published) if made == 0 else None
        made += 2 if made == 0 else 1
    return made + _beside(doing, hand)


def _beside(doing: Doing, hand: list[datetime]) -> int:
    hand[0] = NOW - timedelta(days=365)
    for rounds in (1, 2, 1):
        case = doing.report()
        doing.take(Step.TRIAGE, LIN, case, is_requirement="no", is_fault="no")
        for number in range(rounds, 0, -1):
            hand[0] += timedelta(minutes=PACE)
            doing.take(Step.ANSWER, CHEN, case, answer="So", category="usage", effort_hours="1")
            verdict = {"satisfied": "yes", "score": "5"} if number == 1 else {"satisfied": "no"}
            doing.take(Step.RECORD_VERDICT, CHEN, case, evidence="Mail", dissatisfied_reason="Unclear", **verdict)
    wanted = doing.report()
    doing.take(Step.TRIAGE, LIN, wanted, is_requirement="yes", new_business="OFD")
    doing.take(Step.DRAFT_SHEET, CHEN, wanted, new_business="OFD", current_gap="None")
    doing.take(Step.RETURN_SHEET, HUANG, wanted, reason="No value")
    doing.take(Step.DRAFT_SHEET, CHEN, wanted, new_business="OFD", current_gap="None", value="High")
    doing.take(Step.SIGN_SHEET, HUANG, wanted, dev_owner=LIN, dev_ref="DEV-1")
    return 4


if __name__ == "__main__":
    measure(*map(int, sys.argv[1:]))
