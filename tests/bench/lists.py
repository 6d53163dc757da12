"""Measures the lists of cases among a thousand cases and among many, on SQLite and on PostgreSQL.

python -m tests.bench.lists [cases]    100,000 by default, a million with LARGE=1
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from sqlmodel import Session

from bot.casework.reading import cases
from bot.casework.reading.cases import Listing
from storage import migrations
from storage.database import Database
from storage.vocabulary import END_STATES, OPEN_STATES, State
from tests.bench.each_database import on_each
from tests.bench.statistics import COMPANY, NOW, fill
from tests.support.processes import inherited
from tests.support.team import ANNA, CHEN, HUANG, WU

FEW, MANY, LARGE = 1_000, 100_000, 1_000_000
QUERIES = 30
#: What the lists read of a case beside its row.
_PARTS = ("case_places", "case_assigned", "waits")
LISTS: dict[str, Callable[[Session], Listing]] = {
    "list": lambda session: cases.listed(session, OPEN_STATES, HUANG, COMPANY, NOW),
    "list ended": lambda session: cases.listed(session, END_STATES, HUANG, COMPANY, NOW),
    "list closed": lambda session: cases.listed(session, frozenset({State.CLOSED}), HUANG, COMPANY, NOW),
    "list all": lambda session: cases.listed(session, frozenset(State), HUANG, COMPANY, NOW),
    "list of a person without a role": lambda session: cases.listed(session, frozenset(State), ANNA, COMPANY, NOW),
    "mine, of the reporter": lambda session: cases.mine(session, CHEN, COMPANY, NOW),
    "mine, of a technician": lambda session: cases.mine(session, WU, COMPANY, NOW),
    "queue": lambda session: cases.queue(session, WU, COMPANY, NOW),
}


def measure(many: int = MANY) -> None:
    """Print the time of each list among many cases, and its ratio to the time among a thousand."""
    few: dict[str, dict[str, float]] = {}
    for number in (FEW, many):
        on_each("lists", "lists", partial(_measure, number=number, few=few))


def _measure(url: str, called: str, number: int, few: dict[str, dict[str, float]]) -> None:
    database = Database(url)
    migrations.upgrade(database.engine)
    made = fill(database, number, _PARTS)
    times = {name: _median(database, look) for name, look in LISTS.items()}
    database.close()
    before = few.setdefault(called, times)
    if before is times:
        return
    for name, seconds in times.items():
        print(
            f"{name} among {made:,} cases on {called}: {seconds * 1000:.1f} ms, "
            f"{seconds / before[name]:.1f} × as among {FEW:,} (≤ 2)"
        )


def _median(database: Database, look: Callable[[Session], Listing]) -> float:
    seconds = []
    for _ in range(QUERIES):
        started = time.perf_counter()
        with database.read() as session:
            look(session)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    asked = [int(text) for text in sys.argv[1:]]
    measure(*(asked or [LARGE if inherited().get("LARGE") else MANY]))
