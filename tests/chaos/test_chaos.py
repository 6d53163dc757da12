"""While everything fails that can fail, nothing is lost, nothing happens twice, and nothing is stuck unnoticed.

This is the short form; `make chaos` is the long one. The seed is printed with the figures. `--seed N` of the long form
makes the same random choices, although threads and processes never interleave twice in the same way. `plans.py` lists
what fails.

Each of these changes alone made one run of 20 cases on PostgreSQL fail:

- `deliveries.first` always true: 70 steps and reports were written twice, or refused to the person who took them;
- `claims.claim` without row locks (`with_for_update`): 39 messages were posted twice although no process died;
- `cases.hold` without its lock (`with_for_update`): "something broke" 43 times, two entries at one place of a history;
- `already_there` finding nothing: 34 messages were posted twice whose response was lost, and 7 whose sender died.
"""

import shutil
from pathlib import Path
from random import SystemRandom

import pytest

from tests.chaos.chaos_run import ChaosRun
from tests.chaos.plans import IN_SHORT, ONE_PROCESS, SEVERAL_PROCESSES, ChaosPlan
from tests.chaos.server_pair import server_pair
from tests.chaos.small_disk import small_disk
from tests.support.postgresql_server import Missing

SEED = SystemRandom().randrange(10**6)
#: Longer than the late effects of the short form after the slowest call.
LATE_EFFECT = 8.0
#: The size of the disk of the SQLite file, in megabytes.
DISK_MEGABYTES = 64


@pytest.mark.database("postgresql")
def test_several_processes_on_postgresql_neither_lose_nor_double_anything(tmp_path: Path) -> None:
    plan = ChaosPlan(SEVERAL_PROCESSES, SEED, IN_SHORT, steps=150, walk_seconds=40, late_effect=LATE_EFFECT)
    try:
        with server_pair() as servers:
            assert_nothing_wrong(ChaosRun(servers.url, tmp_path, plan, servers))
    except Missing as missing:
        pytest.skip(str(missing))


def test_one_process_on_sqlite_neither_loses_nor_doubles_anything(migrated: Path, tmp_path: Path) -> None:
    plan = ChaosPlan(ONE_PROCESS, SEED, IN_SHORT, steps=60, drivers=4, walk_seconds=14, late_effect=LATE_EFFECT)
    data = tmp_path / "data"
    data.mkdir()
    with small_disk(data, DISK_MEGABYTES) as disk:
        url = f"sqlite:///{shutil.copy(migrated, data / 'faultdesk.db')}"
        assert_nothing_wrong(ChaosRun(url, tmp_path, plan, disk=disk))


def assert_nothing_wrong(run: ChaosRun) -> None:
    result = run.do()
    print(result.table())
    assert not result.wrong, result.table()
    assert result.figures["steps acknowledged"], "nothing was tried"
