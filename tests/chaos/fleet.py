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

from tests.chaos.meanwhile import Meanwhile
from tests.support.free_ports import free_port
from tests.support.processes import inherited

#: Seconds that a process may take to become healthy.
PATIENCE = 120.0
LOOK = 0.05
ROOT = Path(__file__).parents[2]


def wait_until(condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
    """Wait until the condition is met. Raises TimeoutError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not so after {timeout} s")
        time.sleep(LOOK)


@dataclass
class Seat:
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


class Fleet:
    """Several processes on one database. `commands` are `run`, `web` and `worker`. Leaves no process behind."""

    def __init__(self, folder: Path, environ: Mapping[str, str], commands: Sequence[str]) -> None:
        self._folder = folder
        served = {"HOST": "127.0.0.1", "FAULT_LOG_FORMAT": "json", "PYTHONPATH": str(ROOT), "PATH": inherited()["PATH"]}
        self._environ = {**served, **environ}
        self._lock = threading.Lock()
        self.seats = [Seat(command, free_port(), folder / f"{n}-{command}.log") for n, command in enumerate(commands)]
        self.kills = 0

    def __enter__(self) -> "Fleet":
        for seat in self.seats:
            self._start(seat)
        for seat in self.seats:
            self._await(seat)
        return self

    def __exit__(self, *details: object) -> None:
        with self._lock:
            for seat in self.seats:
                _kill(seat)

    def doors(self) -> list[int]:
        """The ports that take requests of Slack. Waits while there is none."""
        with suppress(TimeoutError):
            wait_until(lambda: any(seat.takes_requests and seat.ready for seat in self.seats))
        return [seat.port for seat in self.seats if seat.takes_requests and seat.ready]

    def kill(self, seat: Seat) -> None:
        """Kill the process with SIGKILL."""
        _kill(seat)
        self.kills += 1

    def revive(self, seat: Seat) -> None:
        """Start a process in the place of a dead one, and return when it is healthy."""
        with self._lock:
            self._start(seat)
        self._await(seat)

    def logged(self) -> Iterator[str]:
        """Every line that any process logged."""
        for seat in self.seats:
            yield from seat.log.read_text(encoding="utf-8", errors="replace").splitlines()

    def _start(self, seat: Seat) -> None:
        with seat.log.open("ab") as log:
            seat.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.hasty", seat.command],
                cwd=self._folder,
                env={**self._environ, "PORT": str(seat.port)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def _await(self, seat: Seat) -> None:
        wait_until(lambda: _is_healthy(seat))
        seat.ready = True


class Reaper(Meanwhile):
    """Kills one of `seats` every few seconds while the context is entered, and starts it again."""

    def __init__(
        self, fleet: Fleet, seats: Sequence[Seat], arrived: threading.Event, between: tuple[float, float], seed: int
    ) -> None:
        """`arrived` is set when Slack has received a message, which is the worst moment for its sender to die."""
        super().__init__()
        self._fleet = fleet
        self._seats = seats
        self._arrived = arrived
        self._between = between
        self._random = Random(seed)

    def _run(self) -> None:
        while self._seats and not self._over.wait(self._random.uniform(*self._between)):
            seat = self._random.choice(self._seats)
            if self._random.random() < 0.5:
                self._arrived.clear()
                self._arrived.wait(1)
            self._fleet.kill(seat)
            self._over.wait(self._random.uniform(0, 0.5))
            self._fleet.revive(seat)


def _kill(seat: Seat) -> None:
    seat.ready = False
    if seat.process is not None:
        seat.process.kill()
        seat.process.communicate()


def _is_healthy(seat: Seat) -> bool:
    if seat.process is not None and seat.process.poll() is not None:
        raise RuntimeError(f"{seat.command} ended by itself: {seat.log.read_text(encoding='utf-8')[-2000:]}")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{seat.port}/health/own", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
