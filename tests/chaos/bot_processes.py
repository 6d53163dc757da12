"""The processes of the bot: started, killed at random without warning, and started again."""

import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chaos.background_thread import BackgroundThread
from tests.support.free_ports import free_port
from tests.support.processes import inherited

#: Seconds that a process may take to become healthy.
MAX_WAIT_SECONDS = 120.0
CHECK_SECONDS = 0.05
ROOT = Path(__file__).parents[2]


def wait_until(condition: Callable[[], bool], timeout: float = MAX_WAIT_SECONDS) -> None:
    """Wait until the condition is met. Raises TimeoutError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not so after {timeout} s")
        time.sleep(CHECK_SECONDS)


@dataclass
class ProcessSlot:
    """The place of one process, with its port and its log. Another process may take it over."""

    command: str
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False

    @property
    def takes_requests(self) -> bool:
        """Whether this process takes requests of Slack."""
        return self.command != "worker"


class BotProcesses:
    """Several processes on one database. `commands` are `run`, `web` and `worker`. Leaves no process behind."""

    def __init__(self, folder: Path, environ: Mapping[str, str], commands: Sequence[str]) -> None:
        self._folder = folder
        served = {"HOST": "127.0.0.1", "FAULT_LOG_FORMAT": "json", "PYTHONPATH": str(ROOT), "PATH": inherited()["PATH"]}
        self._environ = {**served, **environ}
        self._lock = threading.Lock()
        self.slots = [
            ProcessSlot(command, free_port(), folder / f"{n}-{command}.log") for n, command in enumerate(commands)
        ]
        self.kills = 0

    def __enter__(self) -> "BotProcesses":
        for slot in self.slots:
            self._start(slot)
        for slot in self.slots:
            self._wait_until_healthy(slot)
        return self

    def __exit__(self, *details: object) -> None:
        with self._lock:
            for slot in self.slots:
                _kill(slot)

    def ports(self) -> list[int]:
        """The ports that take requests of Slack. Waits while there is none."""
        with suppress(TimeoutError):
            wait_until(lambda: any(slot.takes_requests and slot.ready for slot in self.slots))
        return [slot.port for slot in self.slots if slot.takes_requests and slot.ready]

    def kill(self, slot: ProcessSlot) -> None:
        """Kill the process with SIGKILL."""
        _kill(slot)
        self.kills += 1

    def restart(self, slot: ProcessSlot) -> None:
        """Start a process in the place of a dead one, and return when it is healthy."""
        with self._lock:
            self._start(slot)
        self._wait_until_healthy(slot)

    def logged(self) -> Iterator[str]:
        """Every line that any process logged."""
        for slot in self.slots:
            yield from slot.log.read_text(encoding="utf-8", errors="replace").splitlines()

    def _start(self, slot: ProcessSlot) -> None:
        with slot.log.open("ab") as log:
            slot.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.without_pauses", slot.command],
                cwd=self._folder,
                env={**self._environ, "PORT": str(slot.port)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def _wait_until_healthy(self, slot: ProcessSlot) -> None:
        wait_until(lambda: _is_healthy(slot))
        slot.ready = True


class ProcessKiller(BackgroundThread):
    """Kills one of `slots` every few seconds while the context is entered, and starts it again."""

    def __init__(
        self,
        processes: BotProcesses,
        slots: Sequence[ProcessSlot],
        arrived: threading.Event,
        between: tuple[float, float],
        seed: int,
    ) -> None:
        """`arrived` is set when Slack has received a message, which is the worst moment for its sender to die."""
        super().__init__()
        self._processes = processes
        self._slots = slots
        self._arrived = arrived
        self._between = between
        self._random = Random(seed)

    def _run(self) -> None:
        while self._slots and not self._stop_event.wait(self._random.uniform(*self._between)):
            slot = self._random.choice(self._slots)
            if self._random.random() < 0.5:
                self._arrived.clear()
                self._arrived.wait(1)
            self._processes.kill(slot)
            self._stop_event.wait(self._random.uniform(0, 0.5))
            self._processes.restart(slot)


def _kill(slot: ProcessSlot) -> None:
    slot.ready = False
    if slot.process is not None:
        slot.process.kill()
        slot.process.communicate()


def _is_healthy(slot: ProcessSlot) -> bool:
    if slot.process is not None and slot.process.poll() is not None:
        raise RuntimeError(f"{slot.command} ended by itself: {slot.log.read_text(encoding='utf-8')[-2000:]}")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{slot.port}/health/own", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
