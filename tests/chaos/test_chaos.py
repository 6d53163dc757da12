"""Processes are killed, Slack fails, requests come twice: nothing is lost, and nothing happens twice.

This is the short form; `make chaos` is the long one. The seed is printed with the figures. `--seed N` of the long form
makes the same random choices, although threads and processes never interleave twice in the same way.

Each of these changes alone made one run of 20 cases on PostgreSQL fail:

- `deliveries.first` always true: 70 steps and reports were written twice, or refused to the person who took them;
- `outbox.claim` without row locks (`with_for_update`): 39 messages were posted twice although no process died;
- `cases.hold` without its lock (`with_for_update`): "something broke" 43 times, two entries at one place of a history;
- `already_there` finding nothing: 34 messages were posted twice whose response was lost, and 7 whose sender died.
"""

from pathlib import Path
from random import SystemRandom

from tests.chaos.chaos_run import ALONE, MANY, Plan, storm

SEED = SystemRandom().randrange(10**6)


def test_several_processes_on_postgresql_lose_and_double_nothing_in_a_storm(
    postgresql_url: str, tmp_path: Path
) -> None:
    survives(postgresql_url, tmp_path, Plan(MANY, SEED, cases=16, walking=28))


def test_one_process_on_sqlite_loses_and_doubles_nothing_in_a_storm(sqlite_url: str, tmp_path: Path) -> None:
    survives(sqlite_url, tmp_path, Plan(ALONE, SEED, cases=6, walkers=4, walking=16, deaths=(2.0, 5.0)))


def survives(url: str, folder: Path, plan: Plan) -> None:
    reckoning = storm(url, folder, plan)
    print(reckoning.table())
    assert not reckoning.wrong, reckoning.table()
