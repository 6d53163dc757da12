"""The long form of the chaos run: `python -m tests.chaos [--steps N] [--kills N] [--seed N]`, or `make chaos`."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from storage import migrations
from storage.database import Database
from tests.chaos.audit import AuditResult
from tests.chaos.chaos_run import ChaosRun
from tests.chaos.plans import ONE_PROCESS, SEVERAL_PROCESSES, ChaosPlan
from tests.chaos.server_pair import server_pair
from tests.chaos.small_disk import small_disk

#: SQLite gets one step and one kill for so many on PostgreSQL.
ON_SQLITE = 10
#: Seconds between two reminders of an open case. There are more open cases than in the short form.
REPEAT_SECONDS = 300.0
#: The longest wait for the messages that are left at the end, on whatever machine.
QUIET_SECONDS = 600.0
#: The size of the disk of the SQLite file, in megabytes.
DISK_MEGABYTES = 256


def main() -> int:
    """Do a chaos run on each database. Return 1 if anything was wrong, otherwise 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="at least so many steps on PostgreSQL")
    parser.add_argument("--kills", type=int, default=200, help="at least so many kills on PostgreSQL")
    parser.add_argument("--minutes", type=float, default=20, help="at most so long on PostgreSQL; a fifth on SQLite")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--folder", help="an empty folder in which the logs stay")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or temporary
        wrong = _on_postgresql(Path(folder) / "postgresql", given)
        wrong += _on_sqlite(Path(folder) / "sqlite", given)
    return min(wrong, 1)


def _on_postgresql(folder: Path, given: argparse.Namespace) -> int:
    folder.mkdir()
    plan = ChaosPlan(
        SEVERAL_PROCESSES,
        given.seed,
        steps=given.steps,
        kills=given.kills,
        drivers=20,
        walk_seconds=given.minutes * 60,
        pause=1.2,
        repeat_seconds=REPEAT_SECONDS,
        quiet_seconds=QUIET_SECONDS,
    )
    with server_pair() as servers:
        return _reported("PostgreSQL", plan, ChaosRun(servers.url, folder, plan, servers))


def _on_sqlite(folder: Path, given: argparse.Namespace) -> int:
    folder.mkdir()
    plan = ChaosPlan(
        ONE_PROCESS,
        given.seed,
        steps=given.steps // ON_SQLITE,
        kills=given.kills // ON_SQLITE,
        drivers=10,
        walk_seconds=given.minutes * 60 / ON_SQLITE * 2,
        pause=0.8,
        repeat_seconds=REPEAT_SECONDS,
    )
    data = folder / "data"
    data.mkdir()
    with small_disk(data, DISK_MEGABYTES) as disk:
        url = f"sqlite:///{data / 'faultdesk.db'}"
        database = Database(url)
        migrations.upgrade(database.engine)
        database.close()
        return _reported("SQLite", plan, ChaosRun(url, folder, plan, disk=disk))


def _reported(name: str, plan: ChaosPlan, run: ChaosRun) -> int:
    """Do a run and print its figures. Returns how many things were wrong."""
    began = time.monotonic()
    result = run.do()
    wrong = result.wrong + _missing(plan, result)
    table = AuditResult(result.figures, wrong).table()
    print(f"\n{name}: {len(plan.commands)} processes, {time.monotonic() - began:.0f} s\n{table}", flush=True)
    return len(wrong)


def _missing(plan: ChaosPlan, result: AuditResult) -> list[str]:
    reached = {"steps acknowledged": plan.steps, "kills": plan.kills}
    return [f"{name}: only {result.figures[name]} of {n}" for name, n in reached.items() if result.figures[name] < n]


if __name__ == "__main__":
    sys.exit(main())
