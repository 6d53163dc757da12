"""Measures how long a document and a chart take after the first one: `python -m tests.bench.documents`."""

import statistics as figures
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.casework.company_settings import CompanySettings
from bot.casework.records.export_orders import ExportKind, ExportOrder
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.produce import produce
from bot.i18n.translator import translator
from storage import migrations
from storage.database import Database
from storage.vocabulary import Paper, State
from tests.support.case_builder import CaseBuilder
from tests.support.team import DESK

TIMES = 15
_NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
_LATER = datetime(2026, 12, 1, tzinfo=UTC)


def measure() -> None:
    """Print the median time of documents and charts, each with reading its data from the database."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'documents.db'}")
        migrations.upgrade(database.engine)
        builder = CaseBuilder(database, CompanySettings(DESK, zone=ZoneInfo("Asia/Shanghai")), lambda: _NOW)
        builder.seed()
        case = builder.fault(State.CLOSED)
        sheet = ExportOrder(
            what=ExportKind.PAPER, asker="", form="docx", language="zh-CN", case_id=case, paper=Paper.FAULT_SHEET
        )
        first, last = date(2026, 11, 1), date(2026, 11, 30)
        charts = ExportOrder(what=ExportKind.CHARTS, asker="", form="png", language="zh-CN", first=first, last=last)
        made = [_made(builder, sheet), _made(builder, charts)]
        document, pictures = (_median(make) for make in made)
        print(f"a document: {document * 1000:.0f} ms (≤ 100); a chart: {pictures / made[1]() * 1000:.0f} ms (≤ 300)")
        database.close()


def _made(builder: CaseBuilder, order: ExportOrder) -> Callable[[], int]:
    def make() -> int:
        with builder.database.read() as session:
            context = DocumentContext(
                session, builder.company, DocumentSettings(), translator("zh-CN", "Asia/Shanghai"), _LATER
            )
            return len(produce(order, context))

    return make


def _median(make: Callable[[], int]) -> float:
    """Return the median seconds of several calls without the first one."""
    times = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        make()
        times.append(time.perf_counter() - started)
    return figures.median(times[1:])


if __name__ == "__main__":
    measure()
