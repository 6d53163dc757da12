"""One storm over one database: processes, persons, failures of Slack and kills; then calm and the comparison."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from sqlmodel import col, func, select

from bot.casework.importing.demo import add_demo_registers
from bot.sandbox import StandIn
from bot.slack.manifest import manifest
from storage.database import Database
from storage.outbox import PENDING
from storage.tables import Outgoing
from tests.chaos.audit import Audit, AuditResult
from tests.chaos.bot_processes import Fleet, ProcessKiller, wait_until
from tests.chaos.case_drivers import CaseDriver, IntentLog, ReminderAnswerer, World, walk_all
from tests.chaos.intents import RequestSender
from tests.chaos.message_recorder import MessageRecorder
from tests.chaos.slack_failures import CountedFailures, RandomFailures
from tests.support import world

#: Deadlines and targets of a few seconds, so that reminders of every kind fall due while people work.
HURRIED = {
    "FAULT_SWEEP_SECONDS": "1",
    "FAULT_REPEAT_VERY_SEVERE_HOURS": "0.001",
    "FAULT_REPEAT_SEVERE_HOURS": "0.002",
    "FAULT_ACKNOWLEDGE_MINUTES": "0.05",
    "FAULT_TRIAGE_TARGET_HOURS": "0.0005",
    "FAULT_SIGNING_TARGET_HOURS": "0.0005",
}
#: Several processes on one database, and a single process.
MANY = ("web", "web", "worker", "worker")
ALONE = ("run",)


@dataclass(frozen=True)
class Plan:
    """How hard it storms. Times are in seconds: the longest walking, the longest pause of a person, the range
    between two kills, and the longest calm.
    """

    commands: Sequence[str]
    seed: int
    cases: int = 20
    walkers: int = 8
    walking: float = 35.0
    pause: float = 1.8
    deaths: tuple[float, float] = (0.2, 1.5)
    calm: float = 45.0


def storm(url: str, folder: Path, plan: Plan) -> AuditResult:
    """Run a storm over the database at `url`, which is migrated and empty, and return the comparison."""
    database = Database(url)
    with database.write() as session:
        add_demo_registers(session)
    workspace = world.workspace(manifest=manifest("http://127.0.0.1/slack/events"), strict=False)
    workspace.messages = recorder = MessageRecorder(workspace.state)
    workspace.failures = failures = CountedFailures(workspace.state)
    served = {**HURRIED, "DATABASE_URL": url}
    with StandIn(workspace), Fleet(folder, {**world.environment(workspace), **served}, plan.commands) as fleet:
        sender, book = RequestSender(fleet, workspace), IntentLog()
        shared = World(workspace, database, sender, book, time.monotonic() + plan.walking, plan.pause)
        calm = _walk(plan, shared, fleet, failures, recorder)
        _rest(plan, database, calm)
        with database.read() as session:
            reckoning = Audit(session, book, workspace, recorder, calm).reckon(fleet.logged())
    database.close()
    reckoning.wrong += workspace.app_bugs
    storms = {
        "deliveries of requests": sender.deliveries,
        "kills": fleet.kills,
        "injected errors": failures.met.total(),
    }
    reckoning.figures = {"seed": plan.seed, **storms, **reckoning.figures}
    return reckoning


def _walk(plan: Plan, world: World, fleet: Fleet, failures: CountedFailures, recorder: MessageRecorder) -> datetime:
    """Let everybody act at once while Slack fails and processes are killed. Returns when it was over."""
    luck = Random(plan.seed)
    walkers = [CaseDriver(world, Random(luck.random())) for _ in range(plan.walkers)]
    with (
        RandomFailures(failures, luck.randrange(10**9)),
        ReminderAnswerer(world, Random(luck.random())),
        ProcessKiller(fleet, fleet.slots[::2], recorder.arrived, plan.deaths, luck.randrange(10**9)),
        ProcessKiller(fleet, fleet.slots[1::2], recorder.arrived, plan.deaths, luck.randrange(10**9)),
    ):
        walk_all([f"Case {number}" for number in range(plan.cases)], walkers, world.book.stuck.append)
    return world.workspace.state.now()


def _rest(plan: Plan, database: Database, calm: datetime) -> None:
    """Wait until no message of the storm is pending. Reminders of open cases go on for ever."""
    query = select(func.count()).where(col(Outgoing.state).in_(PENDING), Outgoing.created_at < calm)

    def is_quiet() -> bool:
        with database.read() as session:
            return session.exec(query).one() == 0

    with suppress(TimeoutError):  # the ledger finds what still waits
        wait_until(is_quiet, plan.calm)
