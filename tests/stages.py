"""Runs the stages of a test run one after the other and prints a table of their times: `python -m tests.stages test`.

`test` gates every commit, `long` runs what takes longer. `calendar` runs with each beginning of the world in turn.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from xml.etree import ElementTree

from tests.support import postgresql_server
from tests.support.world import CALENDAR

#: Tests that play the process from end to end.
WHOLE = tuple(
    f"tests/scenarios/test_{name}.py"
    for name in ("acceptance", "acceptance_faults", "files", "leavers", "unreached_customers")
)
ROOMS = ("tests/workflow", "tests/casework")
#: Tests that must reach every line of the rules and of casework. Measuring coverage doubles their time, so this is also
#: their run on PostgreSQL.
COVERING = (*ROOMS, *WHOLE)
#: Two processes more than processors, because tests also wait. Each process takes neighboring tests, which share
#: fixtures.
WORKERS = ("--numprocesses", str((cpu_count() or 1) + 2), "--dist", "worksteal")
#: Tests of the page, its tour, what documents look like, requests and the code itself show nothing of the database.
ON_SQLITE_ONLY = tuple(
    f"tests/{folder}"
    for folder in (
        *("architecture", "browser", "playground", "security"),
        *("documents/case", "documents/charts", "documents/report", "documents/word"),
    )
)
#: What a machine may lack, by the reason for which the tests that need it are skipped.
OPTIONAL = {"no Chromium on this machine": "Chromium", "PostgreSQL is not installed": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of pytest."""

    name: str
    arguments: Sequence[str]


def _without(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"--ignore={path}" for path in paths)


#: Coverage is measured on a machine without PostgreSQL too, where the other tests that need it are skipped.
_AT_HAND = "postgresql" if postgresql_server.is_at_hand() else "sqlite"
STAGES: dict[str, tuple[Stage, ...]] = {
    "test": (Stage("everything that is quick", ("-m", "not long")),),
    "long": (
        Stage("rules and casework, with coverage", (*COVERING, "--database", _AT_HAND, "--cov")),
        Stage(
            "everything else that is stored, on PostgreSQL",
            ("--database", "postgresql", "-m", "stored", *_without((*COVERING, *ON_SQLITE_ONLY))),
        ),
        Stage("properties with many examples", ("-m", "tried", "--examples", "15")),
        Stage("whatever else takes long, chaos among it", ("-m", "long", *_without(ROOMS))),
    ),
    "calendar": tuple(
        Stage(
            f"{world.name} ({world.begins:%a %d %b %Y %H:%M} {world.zone.key})",
            ("-m", "calendar", "--world", world.name),
        )
        for world in CALENDAR
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a stage. `seconds` is its elapsed time."""

    stage: Stage
    seconds: float
    passed: int
    failed: int
    skipped: int
    missing: int
    exit_code: int


def main(kind: str, *more: str) -> int:
    """Run the stages of a kind, with further arguments for pytest. Returns the exit code of the first stage that
    failed, or 0.
    """
    outcomes = [_run(stage, more) for stage in STAGES[kind]]
    print(f"\n{'stage':56} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
    for one in outcomes:
        print(f"{one.stage.name:56} {one.passed:7} {one.failed:7} {one.skipped:8} {one.seconds:8.0f}")
    print(
        f"{sum(one.missing for one in outcomes)} tests were skipped because {' or '.join(OPTIONAL.values())} is missing"
    )
    return next((one.exit_code for one in outcomes if one.exit_code), 0)


def _run(stage: Stage, more: Sequence[str]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        report, began = Path(folder) / "report.xml", time.monotonic()
        print(f"\n{stage.name}", flush=True)
        command = [sys.executable, "-m", "pytest", *WORKERS, f"--junitxml={report}", *stage.arguments, *more]
        code = subprocess.run(command, check=False).returncode
        seconds = time.monotonic() - began
        suites = list(ElementTree.parse(report).iter("testsuite")) if report.exists() else []
    total, failed, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites for name in names)
        for names in (("tests",), ("failures", "errors"), ("skipped",))
    )
    reasons = [skip.get("message", "") for suite in suites for skip in suite.iter("skipped")]
    missing = sum(any(name in reason for name in OPTIONAL) for reason in reasons)
    return Outcome(stage, seconds, total - failed - skipped, failed, skipped, missing, code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
