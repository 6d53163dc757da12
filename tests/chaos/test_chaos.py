"""Processes are killed, Slack fails, requests come twice: nothing is lost, and nothing happens twice.

This is the short form; `make chaos` is the long one. The seed is printed with the figures: `--seed N` of the long form
rolls the same dice, though threads and processes never meet twice in quite the same way.

Shown to fail, with nothing else changed, in one run of 20 cases on PostgreSQL each:

- `deliveries.first` always true: 70 steps and reports written twice, or refused to whose step it was;
- `outbox.claim` without row locks (`with_for_update`): 39 messages posted twice though nobody died;
- `cases.hold` without its lock (`with_for_update`): 43 times "something broke", two entries for one place of a history;
- `already_there` finding nothing: 34 messages posted twice whose answer was lost, 7 more whose sender had died.
"""

from pathlib import Path
from random import SystemRandom

import pytest

from tests.chaos.storm import ALONE, MANY, Plan, storm

SEED = SystemRandom().randrange(10**6)


@pytest.mark.timeout(110)
def test_several_processes_on_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    survives(postgresql_url, tmp_path, Plan(MANY, SEED, cases=16, walking=28))


@pytest.mark.timeout(110)
def test_one_process_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    survives(sqlite_url, tmp_path, Plan(ALONE, SEED, cases=6, walkers=4, walking=16, deaths=(2.0, 5.0)))


def survives(url: str, folder: Path, plan: Plan) -> None:
    reckoning = storm(url, folder, plan)
    print(reckoning.table())
    assert not reckoning.wrong, reckoning.table()
