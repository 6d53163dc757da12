"""Measures the time of the product fault record table, and shows that its memory does not grow with its rows.

python -m tests.bench.record_table
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from bot.casework.company_settings import CompanySettings
from bot.documents.context import DocumentContext, DocumentSettings
from bot.documents.tables.record_table import record_table
from bot.i18n.translator import translator
from storage import migrations
from storage.database import Database
from storage.record_rows import RecordFilter
from storage.tables import METADATA
from storage.vocabulary import State
from tests.bench.statistics import COPY
from tests.support.team import DESK

NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: Rows of a small and of a large table; a closed fault has two.
FEW, MANY, PER_FAULT = 10_000, 100_000, 2


def measure(forms: Sequence[str] = ("xlsx", "csv")) -> None:
    """Print the time and the peak memory of the tables in these formats."""
    with tempfile.TemporaryDirectory() as folder:
        for form in forms:
            few, many = (_made(Path(folder), rows, form) for rows in (FEW, MANY))
            print(
                f"record table, {MANY:,} rows as {form}: {many[0]:.1f} s, {many[1]:.0f} MiB; "
                f"{many[1] / few[1]:.2f} × the memory of {FEW:,} rows (≤ 1.1)"
            )


def _made(folder: Path, rows: int, form: str) -> tuple[float, float]:
    """Return the seconds and the peak MiB of a process that makes the table."""
    file = folder / f"{rows}.db"
    if not file.exists():
        fill(f"sqlite:///{file}", rows // PER_FAULT)
    command = [sys.executable, "-m", "tests.bench.record_table", str(file), form, str(folder / f"{rows}.{form}")]
    seconds, kibibytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(seconds), int(kibibytes) / 1024


def fill(url: str, faults: int) -> None:
    """Fill an empty SQLite database with a closed fault and copies of it."""
    from bot.casework.company_settings import (
        CompanySettings,
    )  # imported here, so that the measured process does not load it
    from tests.support.case_builder import CaseBuilder
    from tests.support.team import DESK

    database = Database(url)
    migrations.upgrade(database.engine)
    builder = CaseBuilder(database, CompanySettings(DESK), lambda: NOW)
    builder.seed()
    builder.fault(State.CLOSED)
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TRIGGER documents_replace_refused"))  # its triggers would run for each copy
        for table, key in (("cases", "id"), ("documents", "case_id")):
            columns = [
                column.name for column in METADATA.tables[table].columns if column.name == key or column.name != "id"
            ]
            values = ", ".join(f"{name} + n" if name == key else name for name in columns)
            chosen = "paper = 'T05'" if table == "documents" else "TRUE"
            copy = COPY.format(table=table, names=", ".join(columns), values=values, copies=faults - 1, chosen=chosen)
            connection.execute(text(copy))
    database.close()


def _make(file: str, form: str, path: str) -> None:
    """Make the table in this process and print its figures."""
    database = Database(f"sqlite:///{file}")
    t = translator("zh-CN", "Asia/Shanghai")
    started = time.perf_counter()
    with database.read() as session:
        context = DocumentContext(session, CompanySettings(DESK), DocumentSettings(), t, NOW)
        record_table(context, RecordFilter(), t, "csv" if form == "csv" else "xlsx", Path(path))
    print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    database.close()


if __name__ == "__main__":
    _make(*sys.argv[1:]) if sys.argv[1:] else measure()
