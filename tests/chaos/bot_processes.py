"""The processes of the bot: started, killed without warning, suspended, and started again."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path

from bot.health import BACKLOG, OK
from bot.runtime.upgrade import bring_up_to_date
from bot.settings.settings import load
from bot.slack.delivery.late_effects import LATE_EFFECT
from storage.database import Database
from tests.support.free_ports import free_port
from tests.support.processes import inherited

#: Seconds that a process may take to become healthy.
MAX_WAIT_SECONDS = 120.0
CHECK_SECONDS = 0.05
#: Seconds after which a process that did not start is started again.
START_AGAIN_SECONDS = 0.5
ROOT = Path(__file__).parents[2]
#: Seconds for which health may take to answer.
HEALTH_SECONDS = 2.0
#: Seconds for which a person waits until a process can be reached.
PORTS_SECONDS = 3.0
#: A process that receives Slack's requests through Socket Mode.
SOCKET = "web in Socket Mode"


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
    #: The size of the log when the process was started.
    logged_before: int = 0
    #: Held while something is done to the process.
    in_use: threading.Lock = field(default_factory=threading.Lock)

    @property
    def takes_requests(self) -> bool:
        """Whether Slack sends requests to this process over HTTP."""
        return self.command in ("run", "web")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, unless it has ended."""
        if self.process is not None:
            self.process.send_signal(number)

    def move_clock(self, jump: timedelta = timedelta()) -> None:
        """Let the machine's clock of this process be wrong by `jump`; without, let it be right."""
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError, ValueError):  # it has just died, and its stream is closed
                self.process.stdin.write(f"{jump.total_seconds()}\n".encode())
                self.process.stdin.flush()

    def is_healthy(self) -> bool:
        """Whether the process needs no restart."""
        return bool(self._asked("/health/own"))

    def says_ok(self) -> bool | None:
        """Whether the process says that it is healthy and nothing comes late; None if it does not answer in time."""
        parts = self._asked("/health")
        return parts if parts is None else bool(parts) and parts.get(BACKLOG, OK) == OK

    def _asked(self, path: str) -> dict[str, str] | None:
        """Return the parts of a healthy report, none of another one; None without an answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=HEALTH_SECONDS) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError:
            return {}
        except (OSError, HTTPException, ValueError):  # it may die in the middle of an answer
            return None


class BotProcesses:
    """Several processes on one database. Leaves no process behind.

    `commands` are `run`, `web`, `worker` and `SOCKET`. `socket_environ` is added for the last of them.
    `late_effect` is how many seconds they wait before they post anew what nobody answered.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        commands: Sequence[str],
        socket_environ: Mapping[str, str] | None = None,
        late_effect: float = LATE_EFFECT.total_seconds(),
    ) -> None:
        self._folder = folder
        self._late_effect = late_effect
        served = {"HOST": "127.0.0.1", "FAULT_LOG_FORMAT": "json", "PYTHONPATH": str(ROOT), "PATH": inherited()["PATH"]}
        self._environ = {**served, **environ}
        self._socket_environ = {**self._environ, **(socket_environ or {})}
        self._lock = threading.Lock()
        self.slots = [
            ProcessSlot(command, free_port(), folder / f"{n}-{command.partition(' ')[0]}.log")
            for n, command in enumerate(commands)
        ]
        #: How often a process was killed, and how often one ended by itself while it started.
        self.kills = self.refused_starts = 0

    def __enter__(self) -> "BotProcesses":
        self._migrate()
        for slot in self.slots:
            self._start(slot)
        for slot in self.slots:
            self._wait_until_healthy(slot)
        return self

    def __exit__(self, *details: object) -> None:
        with self._lock:
            for slot in self.slots:
                _kill(slot)

    def _migrate(self) -> None:
        """Do what `faultdesk migrate` does before several processes start: `web` and `worker` store no settings."""
        settings = load(self._environ, needs_slack=False)
        database = Database(self._environ["DATABASE_URL"])
        bring_up_to_date(database, settings)
        database.close()

    def ports(self) -> list[int]:
        """The ports that take requests of Slack. Waits a moment while there is none."""
        with suppress(TimeoutError):
            wait_until(lambda: any(slot.takes_requests and slot.ready for slot in self.slots), PORTS_SECONDS)
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
        arguments = slot.command.partition(" ")[0], str(self._late_effect)
        with slot.log.open("ab") as log:
            slot.logged_before = log.tell()
            slot.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.without_pauses", *arguments],
                cwd=self._folder,
                env={**(self._socket_environ if slot.command == SOCKET else self._environ), "PORT": str(slot.port)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def _wait_until_healthy(self, slot: ProcessSlot) -> None:
        def is_healthy() -> bool:
            if slot.process is not None and slot.process.poll() is not None:
                self._try_again(slot)
            return slot.is_healthy()

        wait_until(is_healthy)
        slot.ready = True

    def _try_again(self, slot: ProcessSlot) -> None:
        """Start a process again that has ended by itself, as a supervisor does. A line that says why is no error."""
        said = slot.log.read_bytes()[slot.logged_before :].decode(errors="replace")
        if "Traceback" not in said:
            os.truncate(slot.log, slot.logged_before)
        self.refused_starts += 1
        time.sleep(START_AGAIN_SECONDS)
        with self._lock:
            _kill(slot)  # closes its streams
            self._start(slot)


def _kill(slot: ProcessSlot) -> None:
    slot.ready = False
    if slot.process is not None:
        slot.process.kill()
        slot.process.communicate()
