"""What all kinds of injected failures have in common: each acts again and again while its context is entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar

from bot.sandbox import Workspace
from storage.database import Database
from tests.chaos.background_thread import BackgroundThread
from tests.chaos.bot_processes import BotProcesses
from tests.chaos.intents import IntentLog, RequestSender
from tests.chaos.message_recorder import MessageRecorder
from tests.chaos.server_pair import ServerPair
from tests.chaos.slack_calls import CountedFailures
from tests.chaos.socket_relay import SocketRelay

#: The least and the most of something, in seconds.
Span = tuple[float, float]


@dataclass(frozen=True)
class Targets:
    """What failures are injected into.

    `servers` is None on SQLite. `disk` is the small file system that an SQLite file lies on, if there is one.
    """

    processes: BotProcesses
    database: Database
    workspace: Workspace
    slack: CountedFailures
    recorder: MessageRecorder
    relay: SocketRelay
    sender: RequestSender
    log: IntentLog
    servers: ServerPair | None = None
    disk: Path | None = None


class Injector(BackgroundThread):
    """Injects one kind of failure while the context is entered. Nothing of it remains afterwards."""

    #: The kind of failure, in the figures.
    name: ClassVar[str]

    def __init__(self, targets: Targets, random: Random, every: Span, lasting: Span) -> None:
        """`every` is the time between the end of one failure and the next, `lasting` that for which one lasts."""
        super().__init__()
        self._targets = targets
        self._random = random
        self._every = every
        self._lasting = lasting
        self.met = 0

    def inject(self) -> None:
        """Let the failure happen once, and repair what it broke."""
        raise NotImplementedError

    def times_met(self) -> int:
        """How often the failure was met."""
        return self.met

    @property
    def is_possible(self) -> bool:
        """Whether this run has what the failure needs."""
        return True

    def last(self) -> None:
        """Wait as long as the failure lasts, or until the context is left."""
        self._stop_event.wait(self._random.uniform(*self._lasting))

    def _run(self) -> None:
        while self.is_possible and not self._stop_event.wait(self._random.uniform(*self._every)):
            try:
                self.inject()
            except Exception as error:  # noqa: BLE001 - reported in the result
                self._targets.log.errors.append(f"{self.name}: {error!r}")
                return


@dataclass(frozen=True)
class Injected:
    """One row of a table of failures: what is injected, how often, and for how long."""

    kind: type[Injector]
    every: Span
    lasting: Span = (0, 0)

    def into(self, targets: Targets, random: Random) -> Injector:
        """The context in which this failure happens."""
        return self.kind(targets, Random(random.random()), self.every, self.lasting)


def figures(injectors: Sequence[Injector]) -> dict[str, int]:
    """How often each kind of failure was met."""
    counted: dict[str, int] = {}
    for one in injectors:
        counted[one.name] = counted.get(one.name, 0) + one.times_met()
    return counted
