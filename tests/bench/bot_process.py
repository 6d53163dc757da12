"""A server in a process of its own, and what it has used."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.sandbox.workspace.demo import environment as demo_environment
from bot.sandbox.workspace.workspace import Workspace
from tests.support import world
from tests.support.processes import inherited


def environment(workspace: Workspace, url: str, port: int) -> dict[str, str]:
    """What a bot needs in its environment for a workspace, a database and a port. Nobody's reports are limited."""
    more = {"DATABASE_URL": url, "PORT": str(port), "HOST": "127.0.0.1", "FAULT_LOG_FORMAT": "json"}
    return {**inherited(), **demo_environment(workspace), **world.UNLIMITED, **more}


@contextmanager
def running(command: list[str], environ: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server on a port, which is healthy when the block begins."""
    if command[0] == "faultdesk":
        command = [str(Path(sys.executable).parent / "faultdesk"), *command[1:]]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_healthy(port)
            yield process
        finally:
            process.terminate()


def _wait_until_healthy(port: int) -> None:
    for _ in range(1000):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError("the server did not become healthy")


def resident(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ValueError(pid)


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
