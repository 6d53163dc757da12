"""What a chaos run does: its size, and the failures that are injected meanwhile, each named in one table."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.delivery.late_effects import LATE_EFFECT
from tests.chaos.bot_processes import SOCKET
from tests.chaos.database_failures import (
    Failovers,
    FullDisks,
    FullServerDisks,
    HeldCases,
    HeldClaims,
    HeldFiles,
    ServerCrashes,
)
from tests.chaos.injector import Injected
from tests.chaos.process_failures import ClockJumps, Kills, Suspensions
from tests.chaos.slack_failures import (
    CutAnswers,
    LateEffects,
    LostAnswers,
    Outages,
    ProxyPages,
    RateLimits,
    Resets,
    SlowCalls,
)
from tests.chaos.traffic_failures import Floods, SilentSockets

#: The commands of several processes on one database, and of a single process.
SEVERAL_PROCESSES = ("web", "web", SOCKET, "worker", "worker")
ONE_PROCESS = ("run",)

#: Every failure, the seconds between two of them, and how many seconds each lasts. What a run lacks is left out: a
#: server on SQLite, a file on PostgreSQL, a disk of its own where nobody may mount one.
AT_LENGTH = (
    Injected(RateLimits, every=(2, 8)),
    Injected(Outages, every=(1, 4)),
    Injected(ProxyPages, every=(1, 4)),
    Injected(Resets, every=(1, 4)),
    Injected(LostAnswers, every=(0.5, 2)),
    Injected(CutAnswers, every=(1, 4)),
    Injected(LateEffects, every=(2, 8), lasting=(12, 30)),
    Injected(SlowCalls, every=(2, 8), lasting=(0.5, 4)),
    Injected(Kills, every=(1, 6), lasting=(0, 0.5)),
    Injected(Kills, every=(1, 6), lasting=(0, 0.5)),
    Injected(Suspensions, every=(10, 40), lasting=(5, 100)),
    Injected(ClockJumps, every=(5, 20), lasting=(5, 30)),
    Injected(HeldCases, every=(30, 90), lasting=(1, 40)),
    Injected(HeldClaims, every=(60, 180), lasting=(1, 40)),
    Injected(HeldFiles, every=(20, 60), lasting=(1, 40)),
    Injected(ServerCrashes, every=(60, 180), lasting=(0, 5)),
    Injected(Failovers, every=(60, 180), lasting=(0, 5)),
    Injected(FullServerDisks, every=(60, 180), lasting=(2, 20)),
    Injected(FullDisks, every=(20, 60), lasting=(2, 20)),
    Injected(SilentSockets, every=(30, 90)),
    Injected(Floods, every=(20, 60), lasting=(2, 6)),
)
#: The same failures, sooner and shorter.
IN_SHORT = (
    Injected(RateLimits, every=(0.5, 4)),
    Injected(Outages, every=(0.3, 2)),
    Injected(ProxyPages, every=(0.3, 2)),
    Injected(Resets, every=(0.3, 3)),
    Injected(LostAnswers, every=(0.1, 1)),
    Injected(CutAnswers, every=(0.3, 2)),
    Injected(LateEffects, every=(1, 4), lasting=(1.2, 3)),
    Injected(SlowCalls, every=(1, 4), lasting=(0.5, 1)),
    Injected(Kills, every=(2, 6), lasting=(0, 0.5)),
    Injected(Suspensions, every=(3, 8), lasting=(0.5, 2)),
    Injected(ClockJumps, every=(1, 4), lasting=(1, 3)),
    Injected(HeldCases, every=(2, 6), lasting=(0.5, 3)),
    Injected(HeldClaims, every=(3, 8), lasting=(0.5, 3)),
    Injected(HeldFiles, every=(4, 8), lasting=(0.5, 2.5)),
    Injected(ServerCrashes, every=(8, 16), lasting=(0, 1)),
    Injected(Failovers, every=(6, 12), lasting=(0, 1)),
    Injected(FullServerDisks, every=(8, 16), lasting=(1, 3)),
    Injected(FullDisks, every=(4, 8), lasting=(0.5, 2)),
    Injected(SilentSockets, every=(5, 10)),
    Injected(Floods, every=(3, 8), lasting=(0.5, 1)),
)


@dataclass(frozen=True)
class ChaosPlan:
    """The size of a chaos run. All times are in seconds.

    `drivers` take one case after the other through its steps, with pauses of at most `pause`, until there were so many
    `steps` and `kills`, and at most for `walk_seconds`. `quiet_seconds` is the longest wait at the end. The bot waits
    for `late_effect` before it posts anew what nobody answered, and reminds again of very severe faults after
    `repeat_seconds`, of triage and signing after half of that.
    """

    commands: Sequence[str]
    seed: int
    failures: Sequence[Injected] = AT_LENGTH
    steps: int = 200
    kills: int = 0
    drivers: int = 8
    walk_seconds: float = 35.0
    pause: float = 1.8
    repeat_seconds: float = 3.6
    late_effect: float = LATE_EFFECT.total_seconds()
    quiet_seconds: float = 150.0  # a message that failed six times waits up to 72 s
