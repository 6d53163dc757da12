"""How long a document and a chart take once the first one was made.

python -m tests.bench.documents
"""

import statistics as figures
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.casework.company_settings import Office
from bot.casework.records.export_orders import Order, What
from bot.documents.context import Stationery, Workshop
from bot.documents.produce import produce
from bot.i18n.translator import translator
from storage import migrations
from storage.database import Database
from storage.vocabulary import Paper, State
from tests.support.case_builder import Doing
from tests.support.team import DESK

TIMES = 15
_NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
_LATER = datetime(2026, 12, 1, tzinfo=UTC)


def measure() -> None:
    """Print the median of some, each with reading the database."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'documents.db'}")
        migrations.upgrade(database.engine)
        doing = Doing(database, Office(DESK, zone=ZoneInfo("Asia/Shanghai")), lambda: _NOW)
        doing.seed()
        case = doing.fault(State.CLOSED)
        sheet = Order(what=What.PAPER, asker="", form="docx", language="zh-CN", case_id=case, paper=Paper.FAULT_SHEET)
        first, last = date(2026, 11, 1), date(2026, 11, 30)
        charts = Order(what=What.CHARTS, asker="", form="png", language="zh-CN", first=first, last=last)
        made = [_made(doing, sheet), _made(doing, charts)]
        document, pictures = (_median(make) for make in made)
        print(f"a document: {document * 1000:.0f} ms (≤ 100); a chart: {pictures / made[1]() * 1000:.0f} ms (≤ 300)")
        database.close()


def _made(doing: Doing, order: Order) -> Callable[[], int]:
    def make() -> int:
        with doing.database.read() as session:
            shop = Workshop(session, doing.office, Stationery(), translator("zh-CN", "Asia/Shanghai"), _LATER)
            return len(produce(order, shop))

    return make


def _median(make: Callable[[], int]) -> float:
    """Seconds, the first time left out."""
    times = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        make()
        times.append(time.perf_counter() - started)
    return figures.median(times[1:])


if __name__ == "__main__":
    measure()
