"""A test that hangs fails alone, and the other tests of the run go on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import inherited

ROOT = Path(__file__).parents[1]
WAITING = """
import time
from hypothesis import given, settings, strategies

def test_waits_for_ever():
    time.sleep(3600)

@settings(deadline=None)
@given(strategies.integers())
def test_tries_for_ever(number):
    time.sleep(3600)

def test_passes():
    pass
"""


@pytest.mark.long
def test_a_hanging_test_fails_alone(tmp_path: Path) -> None:
    file = tmp_path / "test_waiting.py"
    file.write_text(WAITING, encoding="utf-8")
    ours = ("-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "-p", "tests.conftest", "-p", "no:cacheprovider")
    run = (
        "-q",
        "-n",
        "2",
        "-o",
        "timeout=5",
        "--dist",
        "worksteal",
        "--cov=bot/workflow",
        "--cov-fail-under=0",
        f"--cov-report=xml:{tmp_path}/x",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *ours, *run, file],
        cwd=ROOT,
        env={**inherited(), "COVERAGE_FILE": str(tmp_path / "coverage")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 failed, 1 passed" in done.stdout, done.stdout
    assert "test_waits_for_ever" in done.stdout
    assert done.returncode == 1
    assert "INTERNALERROR" not in done.stdout + done.stderr
