"""One chaos run on one database: people act while Slack fails and processes are killed."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from sqlmodel import col, func, select

from bot.casework.imports.demo import add_demo_registers
from bot.sandbox import StandIn
from bot.slack.manifest import manifest
from storage.database import Database
from storage.outbox import PENDING
from storage.tables import Outgoing
from tests.chaos.audit import Audit, AuditResult
from tests.chaos.bot_processes import BotProcesses, ProcessKiller, wait_until
from tests.chaos.case_drivers import CaseDriver, IntentLog, ReminderAnswerer, World, drive_all
from tests.chaos.intents import RequestSender
from tests.chaos.message_recorder import MessageRecorder
from tests.chaos.slack_failures import CountedFailures, RandomFailures
from tests.support import world

#: Deadlines and targets of a few seconds, so that reminders of every kind fall due while people work.
SHORT_DEADLINES = {
    "FAULT_SWEEP_SECONDS": "1",
    "FAULT_REPEAT_VERY_SEVERE_HOURS": "0.001",
    "FAULT_REPEAT_SEVERE_HOURS": "0.002",
    "FAULT_ACKNOWLEDGE_MINUTES": "0.05",
    "FAULT_TRIAGE_TARGET_HOURS": "0.0005",
    "FAULT_SIGNING_TARGET_HOURS": "0.0005",
}
#: The commands of several processes on one database, and of a single process.
SEVERAL_PROCESSES = ("web", "web", "worker", "worker")
ONE_PROCESS = ("run",)


@dataclass(frozen=True)
class ChaosPlan:
    """The size of a chaos run. All times are in seconds.

    `drivers` take cases through their steps for at most `walk_seconds`, with pauses of at most `pause` between steps.
    `kill_interval` is the range of times between two kills, and `quiet_seconds` the longest wait at the end.
    """

    commands: Sequence[str]
    seed: int
    cases: int = 20
    drivers: int = 8
    walk_seconds: float = 35.0
    pause: float = 1.8
    kill_interval: tuple[float, float] = (0.2, 1.5)
    quiet_seconds: float = 150.0  # a message that failed six times waits up to 72 s


def run_chaos(url: str, folder: Path, plan: ChaosPlan) -> AuditResult:
    """Do a chaos run on the database at `url`, which is migrated and empty, and return the result of the audit."""
    database = Database(url)
    with database.write() as session:
        add_demo_registers(session)
    workspace = world.workspace(manifest=manifest("http://127.0.0.1/slack/events"), strict=False)
    workspace.messages = recorder = MessageRecorder(workspace.state)
    workspace.failures = failures = CountedFailures(workspace.state)
    served = {**SHORT_DEADLINES, "DATABASE_URL": url}
    with (
        StandIn(workspace),
        BotProcesses(folder, {**world.environment(workspace), **served}, plan.commands) as processes,
    ):
        sender, log = RequestSender(processes, workspace), IntentLog()
        shared = World(workspace, database, sender, log, time.monotonic() + plan.walk_seconds, plan.pause)
        failures_ended_at = _walk(plan, shared, processes, failures, recorder)
        _wait_until_delivered(plan, database, failures_ended_at)
        with database.read() as session:
            result = Audit(session, log, workspace, recorder, failures_ended_at).result(processes.logged())
    database.close()
    result.wrong += workspace.app_bugs
    counts = {
        "deliveries of requests": sender.deliveries,
        "kills": processes.kills,
        "injected errors": failures.met.total(),
    }
    result.figures = {"seed": plan.seed, **counts, **result.figures}
    return result


def _walk(
    plan: ChaosPlan, world: World, processes: BotProcesses, failures: CountedFailures, recorder: MessageRecorder
) -> datetime:
    """Let all drivers act at once while Slack fails and processes are killed. Returns the time of the end (UTC)."""
    random = Random(plan.seed)
    drivers = [CaseDriver(world, Random(random.random())) for _ in range(plan.drivers)]
    with (
        RandomFailures(failures, random.randrange(10**9)),
        ReminderAnswerer(world, Random(random.random())),
        ProcessKiller(processes, processes.slots[::2], recorder.arrived, plan.kill_interval, random.randrange(10**9)),
        ProcessKiller(processes, processes.slots[1::2], recorder.arrived, plan.kill_interval, random.randrange(10**9)),
    ):
        drive_all([f"Case {number}" for number in range(plan.cases)], drivers, world.log.errors.append)
    return world.workspace.state.now()


def _wait_until_delivered(plan: ChaosPlan, database: Database, failures_ended_at: datetime) -> None:
    """Wait until no message of the run is pending. Reminders of open cases continue."""
    query = select(func.count()).where(col(Outgoing.state).in_(PENDING), Outgoing.created_at < failures_ended_at)

    def is_quiet() -> bool:
        with database.read() as session:
            return session.exec(query).one() == 0

    with suppress(TimeoutError):  # the audit reports what is still pending
        wait_until(is_quiet, plan.quiet_seconds)
