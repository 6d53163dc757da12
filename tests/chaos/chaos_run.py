"""One chaos run on one database: people act while everything fails that can fail, and nothing may be lost or stuck."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime
from itertools import count, takewhile
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
from tests.chaos.bot_processes import SOCKET, BotProcesses, wait_until
from tests.chaos.case_drivers import CaseDriver, ReminderAnswerer, World, drive_all
from tests.chaos.injector import Injector, Targets, figures
from tests.chaos.intents import IntentLog, RequestSender
from tests.chaos.message_recorder import MessageRecorder
from tests.chaos.plans import ChaosPlan
from tests.chaos.server_pair import ServerPair
from tests.chaos.slack_calls import CountedFailures
from tests.chaos.socket_relay import SocketRelay
from tests.chaos.stuck_watcher import StuckWatcher
from tests.support import world

#: Settings with which reminders fall due while people work.
SHORT_DEADLINES = {**world.UNLIMITED, "FAULT_SWEEP_SECONDS": "1", "FAULT_ACKNOWLEDGE_MINUTES": "0.05"}


class ChaosRun:
    """One run on the database at `url`, which is migrated and empty. `do` does it."""

    def __init__(
        self, url: str, folder: Path, plan: ChaosPlan, servers: ServerPair | None = None, disk: Path | None = None
    ) -> None:
        """`folder` is for the logs of the processes. `disk` is the small file system of an SQLite file."""
        self._plan, self._folder, self._servers, self._disk = plan, folder, servers, disk
        self._database = Database(url)
        self._workspace = world.workspace(manifest=_manifest(plan), strict=False)
        self._workspace.messages = self._recorder = MessageRecorder(self._workspace.state)
        self._workspace.failures = self._slack = CountedFailures(self._workspace.state)
        self._log = IntentLog()

    def do(self) -> AuditResult:
        """Do the run and return the result of the audit."""
        with self._database.write() as session:
            add_demo_registers(session)
        with StandIn(self._workspace) as stand_in, ExitStack() as stack:
            environ = world.environment(self._workspace)
            relay = stack.enter_context(SocketRelay(int(stand_in.base_url.rpartition(":")[2])))
            self._workspace.base_url = relay.url  # where WebSockets are opened
            processes = stack.enter_context(self._processes(environ))
            sender = RequestSender(processes, self._workspace, stand_in.transport.sockets)
            targets = Targets(
                *(processes, self._database, self._workspace, self._slack, self._recorder, relay, sender, self._log),
                *(self._servers, self._disk),
            )
            result = self._watched(targets)
        self._database.close()
        result.wrong += self._workspace.app_bugs
        return result

    def _processes(self, environ: dict[str, str]) -> BotProcesses:
        hours = self._plan.repeat_seconds / 3600
        repeats = {
            "FAULT_REPEAT_VERY_SEVERE_HOURS": f"{hours}",
            "FAULT_REPEAT_SEVERE_HOURS": f"{2 * hours}",
            "FAULT_TRIAGE_TARGET_HOURS": f"{hours / 2}",
            "FAULT_SIGNING_TARGET_HOURS": f"{hours / 2}",
        }
        served = {**environ, **SHORT_DEADLINES, **repeats, "DATABASE_URL": self._database.url}
        socket_environ = {"SLACK_APP_TOKEN": self._workspace.app_token}
        return BotProcesses(self._folder, served, self._plan.commands, socket_environ, self._plan.late_effect)

    def _watched(self, targets: Targets) -> AuditResult:
        now = self._workspace.state.now
        with StuckWatcher(targets.processes, self._database, targets.sender, now) as watcher:
            injectors, ended_at = self._walk(targets)
            self._wait_until_delivered(ended_at)
        result = self._audited(targets, ended_at)
        result.wrong += [f"stuck for a minute while health said ok: {one}" for one in watcher.found]
        counts = {
            "seed": self._plan.seed,
            "deliveries of requests": targets.sender.deliveries,
            **figures(injectors),
            "refused starts": targets.processes.refused_starts,
            "longest stuck while ok, seconds": int(watcher.longest),
        }
        result.figures = {**counts, **result.figures}
        return result

    def _walk(self, targets: Targets) -> tuple[Sequence[Injector], datetime]:
        """Let all drivers act at once while everything fails, then withdraw what is open.

        Returns what failed, and the time of the end (UTC).
        """
        random, plan = Random(self._plan.seed), self._plan
        until = time.monotonic() + plan.walk_seconds
        shared = World(self._workspace, self._database, targets.sender, self._log, until, plan.pause)
        drivers = [CaseDriver(shared, Random(random.random())) for _ in range(plan.drivers)]
        injectors = [one.into(targets, random) for one in plan.failures]
        with ExitStack() as stack:
            stack.enter_context(ReminderAnswerer(shared, self._recorder, Random(random.random())))
            for one in injectors:
                stack.enter_context(one)
            drive_all(self._names(shared, targets.processes), drivers, self._log.errors.append)
        CaseDriver(replace(shared, until=time.monotonic() + plan.quiet_seconds), random).withdraw_all()
        return injectors, self._workspace.state.now()

    def _names(self, shared: World, processes: BotProcesses) -> Iterator[str]:
        """The names of cases, as long as more of them are wanted."""

        def is_wanted(_name: str) -> bool:
            enough = self._log.steps >= self._plan.steps and processes.kills >= self._plan.kills
            return not (enough or shared.is_over)

        return takewhile(is_wanted, (f"Case {number}" for number in count()))

    def _wait_until_delivered(self, ended_at: datetime) -> None:
        """Wait until no message of the run is pending."""
        query = select(func.count()).where(col(Outgoing.state).in_(PENDING), Outgoing.created_at < ended_at)

        def is_quiet() -> bool:
            with self._database.read() as session:
                return session.exec(query).one() == 0

        with suppress(TimeoutError):  # the audit reports what is still pending
            wait_until(is_quiet, self._plan.quiet_seconds)

    def _audited(self, targets: Targets, ended_at: datetime) -> AuditResult:
        received = self._workspace, self._recorder, self._slack.late
        with self._database.read() as session:
            if self._servers:  # between two statements, the audit of a long run thinks for minutes on a busy machine
                session.connection().exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            return Audit(session, self._log, *received, ended_at).result(targets.processes.logged())


def _manifest(plan: ChaosPlan) -> dict[str, object]:
    return manifest("http://127.0.0.1/slack/events", socket_mode=SOCKET in plan.commands)
