"""Processes are killed, Slack fails, requests come twice: nothing is lost, and nothing happens twice.

The short form; `make chaos` is the long one. Its seed is printed: `python -m tests.chaos --seed N` rolls the same
dice, though threads and processes never meet twice in quite the same way.
"""

from pathlib import Path
from random import SystemRandom

import pytest

from tests.chaos.storm import ALONE, MANY, Plan, storm

SEED = SystemRandom().randrange(10**6)


@pytest.mark.timeout(85)
def test_several_processes_on_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    survives(postgresql_url, tmp_path, Plan(MANY, SEED, cases=16, walking=28))


@pytest.mark.timeout(85)
def test_one_process_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    survives(sqlite_url, tmp_path, Plan(ALONE, SEED, cases=6, walkers=4, walking=16, deaths=(2.0, 5.0)))


def survives(url: str, folder: Path, plan: Plan) -> None:
    reckoning = storm(url, folder, plan)
    print(reckoning.table())
    assert not reckoning.wrong, "\n".join(reckoning.wrong)
