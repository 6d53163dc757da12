"""While processes are killed, Slack fails and requests are repeated, nothing is lost and nothing happens twice.

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

from tests.chaos.chaos_run import ONE_PROCESS, SEVERAL_PROCESSES, ChaosPlan, run_chaos

SEED = SystemRandom().randrange(10**6)


def test_several_processes_on_postgresql_neither_lose_nor_double_anything(postgresql_url: str, tmp_path: Path) -> None:
    assert_nothing_lost_or_doubled(
        postgresql_url, tmp_path, ChaosPlan(SEVERAL_PROCESSES, SEED, cases=16, walk_seconds=28)
    )


def test_one_process_on_sqlite_neither_loses_nor_doubles_anything(sqlite_url: str, tmp_path: Path) -> None:
    assert_nothing_lost_or_doubled(
        sqlite_url,
        tmp_path,
        ChaosPlan(ONE_PROCESS, SEED, cases=6, drivers=4, walk_seconds=16, kill_interval=(2.0, 5.0)),
    )


def assert_nothing_lost_or_doubled(url: str, folder: Path, plan: ChaosPlan) -> None:
    result = run_chaos(url, folder, plan)
    print(result.table())
    assert not result.wrong, result.table()
    assert result.figures["steps acknowledged"], "nothing was tried"
