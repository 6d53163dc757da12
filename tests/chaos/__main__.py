"""The long form of the chaos test: `python -m tests.chaos [--cases 200] [--seed N]`, or `make chaos`."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from storage import migrations
from storage.database import Database
from tests.chaos.chaos_run import ONE_PROCESS, SEVERAL_PROCESSES, ChaosPlan, run_chaos
from tests.support import postgresql_server

#: SQLite gets one case for this many on PostgreSQL.
ON_SQLITE = 5


def main() -> int:
    """Do a chaos run on each database. Return 1 if anything was wrong, otherwise 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="cases on PostgreSQL; a fifth of that on SQLite")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = _on_postgresql(Path(folder), given.cases, given.seed)
        wrong += _on_sqlite(Path(folder), max(1, given.cases // ON_SQLITE), given.seed)
    return min(wrong, 1)


def _on_postgresql(folder: Path, cases: int, seed: int) -> int:
    with postgresql_server.server() as server:
        return _run(
            "PostgreSQL",
            server.make("chaos"),
            folder,
            ChaosPlan(SEVERAL_PROCESSES, seed, cases, 10, 30 + cases * 3.0, quiet_seconds=120),
        )


def _on_sqlite(folder: Path, cases: int, seed: int) -> int:
    url = f"sqlite:///{folder / 'faultdesk.db'}"
    database = Database(url)
    migrations.upgrade(database.engine)
    database.close()
    return _run(
        "SQLite",
        url,
        folder,
        ChaosPlan(ONE_PROCESS, seed, cases, 6, 30 + cases * 3.0, kill_interval=(3.0, 8.0), quiet_seconds=120),
    )


def _run(name: str, url: str, folder: Path, plan: ChaosPlan) -> int:
    began = time.monotonic()
    logs = folder / name
    logs.mkdir()
    result = run_chaos(url, logs, plan)
    print(f"\n{name}: {len(plan.commands)} processes, {time.monotonic() - began:.0f} s\n{result.table()}", flush=True)
    return len(result.wrong)


if __name__ == "__main__":
    sys.exit(main())
