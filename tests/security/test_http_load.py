"""Slow, huge and false requests beside real presses, to a real process: presses are answered, memory stays bounded."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import urllib3

from bot.sandbox import StandIn
from bot.slack.manifest import manifest
from tests.chaos.bot_processes import BotProcesses
from tests.support import world
from tests.support.free_ports import free_port
from tests.support.team import CHEN

#: How long the flood lasts: longer than a request may take, so that each limit is reached.
FLOOD_SECONDS = 20.0
#: How long Slack waits for an answer.
SLACK_SECONDS = 3.0
#: By how much the flood may raise the memory of the process: 64 MB of large bodies, twice that with their copies, small
#: ones, and what the allocator keeps. What the flood sends is gigabytes.
MAX_GROWTH_MB = 400


@contextmanager
def flood(port: int, now: datetime) -> Iterator[None]:
    """The flood, in a process of its own."""
    given = str(port), str(int(now.timestamp()))
    with subprocess.Popen([sys.executable, "-m", "tests.support.http_flood", *given]) as process:
        try:
            yield
        finally:
            process.kill()


def peak_memory(pid: int) -> float:
    """The most memory that the process ever had, in megabytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1000


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process from /proc")
@pytest.mark.database("sqlite")
def test_presses_are_answered_beside_a_flood_and_memory_is_bounded(fresh_url: str, tmp_path: Path) -> None:
    workspace = world.workspace(manifest=manifest("http://127.0.0.1/slack/events"))
    health = free_port()
    with StandIn(workspace) as standin:
        own = {"DATABASE_URL": fresh_url, "SLACK_API_URL": standin.url, "FAULT_HEALTH_PORT": str(health)}
        with BotProcesses(tmp_path, {**world.environment(workspace), **own}, ("run",)) as processes:
            [slot] = processes.slots
            assert slot.process is not None
            standin.connect(f"http://127.0.0.1:{slot.port}/slack/events")
            chen = standin.person(CHEN)
            chen.command("/fault help")
            before = peak_memory(slot.process.pid)
            presses, checks = [], []
            with flood(slot.port, workspace.state.now()):
                until = time.monotonic() + FLOOD_SECONDS
                while time.monotonic() < until:
                    presses.append(chen.command("/fault help"))
                    asked_at = time.monotonic()
                    checks.append(urllib3.request("GET", f"http://127.0.0.1:{health}/health", retries=False).status)
                    assert time.monotonic() - asked_at < SLACK_SECONDS
                    time.sleep(0.1)
            metrics = urllib3.request("GET", f"http://127.0.0.1:{health}/metrics", retries=False).data.decode()
            growth = peak_memory(slot.process.pid) - before
    slowest = max(one.seconds for one in presses)
    print(f"{len(presses)} presses, the slowest took {slowest:.2f} s; memory grew by {growth:.0f} MB")
    assert {one.status for one in presses} == {200}
    assert slowest < SLACK_SECONDS
    assert growth < MAX_GROWTH_MB
    assert set(checks) <= {200, 503}
    for reason in ("bad_signature", "malformed", "too_large", "crowded"):
        assert re.search(rf'refused_total{{reason="{reason}"}} [1-9]', metrics), reason
