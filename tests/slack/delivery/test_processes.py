"""Several processes deliver messages and reminders together on one PostgreSQL server."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.casework.steps.notify import MessageKind
from bot.health import WORKERS
from bot.runtime.bootstrap import Bot
from bot.sandbox import StandIn, Workspace
from bot.sandbox.client.screen import Screen
from bot.settings.settings import load
from bot.slack.manifest import manifest
from storage import case_files, outbox
from storage.leases import GRACE
from storage.tables import Heartbeat, Outgoing
from storage.vocabulary import OutboxState, State
from tests.chaos.bot_processes import BotProcesses, wait_until
from tests.runtime.test_web import Ticks
from tests.slack.delivery.test_delivery import deliver_with_retries, each_exactly_once, one_a_second
from tests.support import world
from tests.support.bare_server import request
from tests.support.case_builder import CaseBuilder
from tests.support.manual_clock import ManualClock
from tests.support.team import ADMIN, ANNA, DESK, HUANG, LIN, ZHAO, Team

#: How often workers give a sign of life by default.
EVERY = timedelta(seconds=5)
pytestmark = pytest.mark.database("postgresql")


@contextmanager
def beside(team: Team, spacing: timedelta) -> Iterator[Bot]:
    """A worker beside the bot of the team."""
    settings = team.playground.settings.model_copy(update={"port": 0})
    made = Bot(settings, clock=team.playground.clock, spacing=spacing, web=False)
    made.jobs.paused = True
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def other(team: Team) -> Iterator[Bot]:
    """A worker beside the bot of the team, which sends without a pause."""
    with beside(team, timedelta()) as made:
        yield made


def test_two_processes_send_each_message_once(team: Team, builder: CaseBuilder, other: Bot) -> None:
    for _ in range(10):
        builder.report()
    deliver_with_retries(team)
    each_exactly_once(team)
    assert len(team.workspace.history(DESK)) == 10


def test_a_row_that_another_process_writes_is_delivered_at_once(team: Team, other: Bot) -> None:
    """The worker is notified of the commit. Nothing in this process wakes it."""
    team.playground.bot.delivery.stop()
    team.workspace.wait_until(lambda: other.database.sees_all_commits)
    with team.database.write() as session:
        outbox.put(
            session, "dead_letter", LIN, team.now, arguments={"number": "", "view": "", "target": LIN, "error": "x"}
        )
    team.workspace.wait_until(lambda: team.person(LIN).inbox())


def test_rows_of_a_killed_process_are_claimed_within_a_sweep(team: Team, builder: CaseBuilder, other: Bot) -> None:
    """Its connection is gone and with it its sender number, so nobody waits for the lease to end."""
    builder.report()
    deliver_with_retries(team)
    gone = 77
    with team.database.write() as session:
        row = session.exec(select(Outgoing).order_by(Outgoing.id)).first()  # type: ignore[arg-type]
        assert row is not None
        row.state, row.leased_by = OutboxState.SENDING, gone
    for bot in (team.playground.bot, other):
        bot.delivery._round()
    team.playground.clock.advance(GRACE + timedelta(seconds=1))
    team.workspace.wait_until(team.playground.is_quiet)
    each_exactly_once(team)


def test_all_processes_together_send_one_message_a_second_to_a_channel(fresh_url: str) -> None:
    with world.playground(fresh_url, interval=outbox.SPACING, clock=ManualClock(world.begins())) as playground:
        team = Team(playground)
        team.meet()
        with beside(team, outbox.SPACING) as other:
            work = CaseBuilder(team.database, playground.bot.company, playground.clock.now)
            for _ in range(5):
                work.report(person=HUANG)
            one_a_second(team, 5, playground.bot, other)
            deliver_with_retries(team)


# No worker is running


class WebProcesses:
    """Processes that only take requests, and one worker that can be killed.

    The health checks run when the test asks for them, on a clock that the test moves.
    """

    def __init__(self, workspace: Workspace, bots: list[Bot], worker: BotProcesses) -> None:
        self._workspace, self._bots, self._processes = workspace, bots, worker
        self._ticks = Ticks()
        for bot in bots:
            bot.health._ticks, bot.database_check._every = self._ticks, EVERY
            bot.health.watch(WORKERS, EVERY)

    def kill(self) -> None:
        """Kill the worker without warning, and wait until its connection is gone."""
        [slot] = self._processes.slots
        self._processes.kill(slot)
        wait_until(lambda: not self.is_connected())

    def suspend(self) -> None:
        """Suspend the worker, which stays connected to the database."""
        [slot] = self._processes.slots
        assert slot.process is not None
        slot.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        [slot] = self._processes.slots
        assert slot.process is not None
        slot.process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        [slot] = self._processes.slots
        self._processes.restart(slot)
        wait_until(self.is_connected)

    def is_connected(self) -> bool:
        with self._bots[0].database.read() as session:
            return bool(self._bots[0].database.senders(session))

    def look(self, seconds: float = 0) -> None:
        """Let `seconds` pass for a worker that is not alive, and run the health check of every process twice."""
        self._ticks.now += seconds
        if seconds:
            self._age_signs_of_life(timedelta(seconds=seconds))
        for bot in (*self._bots, *self._bots):
            bot.database_check.check()
            bot._watchdog.check()

    def _age_signs_of_life(self, by: timedelta) -> None:
        with self._bots[0].database.write() as session:
            for row in session.exec(select(Heartbeat)):
                row.at -= by

    def get(self, path: str) -> tuple[int, str | None]:
        """The status of a response, and what the response says about the workers."""
        answer = request("GET", f"http://127.0.0.1:{self._bots[0].server.port}{path}")
        return answer.status, answer.json().get(WORKERS)

    def metrics(self) -> list[str]:
        answer = request("GET", f"http://127.0.0.1:{self._bots[0].server.port}/metrics")
        return answer.data.decode().splitlines()

    def told(self) -> list[str]:
        """The direct messages of the admin."""
        return [message.text for message in Screen(self._workspace, ADMIN).inbox()]


@pytest.fixture
def webs(postgresql_url: str, tmp_path: Path) -> Iterator[WebProcesses]:
    workspace = world.workspace(manifest=manifest("http://127.0.0.1/slack/events"))
    workspace.change_user(ADMIN, locale="en-GB")
    with StandIn(workspace) as standin, ExitStack() as stack:
        environ = {**world.environment(workspace), "DATABASE_URL": postgresql_url, "SLACK_API_URL": standin.url}
        worker = stack.enter_context(BotProcesses(tmp_path, environ, ("worker",)))
        rarely = load({**environ, "HOST": "127.0.0.1", "PORT": "0", "FAULT_SWEEP_SECONDS": "3600"})
        bots = []
        for _ in range(2):
            bots.append(Bot(rarely, worker=False))
            stack.callback(bots[-1].stop)
            bots[-1].start()
        yield WebProcesses(workspace, bots, worker)


def test_a_dead_worker_is_noticed_by_the_processes_that_take_requests(webs: WebProcesses) -> None:
    webs.look()
    assert webs.get("/health") == (200, "ok")
    webs.kill()
    webs.look(15)
    assert webs.get("/health") == (200, "ok"), "the worker may be restarting"
    webs.look(1)
    assert webs.get("/health") == (503, "none for 16 s")
    assert webs.get("/health/own") == (200, None), "the process itself is healthy"
    assert "faultdesk_workers 0.0" in webs.metrics()
    webs.look(60)
    [told] = webs.told()
    assert "no worker is running" in told, "one of the two processes reports it once"
    webs.restart()
    webs.look()
    assert webs.get("/health") == (200, "ok")
    assert "faultdesk_workers 1.0" in webs.metrics()
    assert webs.told()[1:] == ["Faultdesk is well again."]


def test_a_suspended_worker_is_noticed(webs: WebProcesses) -> None:
    """Point 8: it is still connected, which was taken for a sign of life."""
    webs.look()
    webs.suspend()
    assert webs.is_connected()
    webs.look(16)
    assert webs.get("/health") == (503, "none for 16 s")
    webs.look(9)
    assert webs.get("/health") == (503, "none for 25 s")
    webs.resume()

    def is_seen() -> bool:
        webs.look()
        return webs.get("/health") == (200, "ok")

    wait_until(is_seen)


def test_every_death_of_a_worker_is_reported(webs: WebProcesses) -> None:
    for times in (1, 2):
        webs.kill()
        webs.look(16)
        webs.restart()
        webs.look()
        assert len(webs.told()) == 2 * times


def test_who_leaves_is_told_once_by_two_processes(team: Team, builder: CaseBuilder, other: Bot) -> None:
    builder.fault(State.MODIFICATION)
    team.workspace.change_user(ZHAO, deleted=True)
    payload = team.workspace.users.known(ZHAO).to_payload(0, with_locale=True, with_email=False)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda bot: bot.identity.keep([payload]), (team.playground.bot, other)))
    with team.database.read() as session:
        told = session.exec(
            select(Outgoing).where(col(Outgoing.view).in_((MessageKind.LEFT, MessageKind.VACANT)))
        ).all()
    assert sorted((row.view, row.target) for row in told) == [(MessageKind.LEFT, ADMIN), (MessageKind.LEFT, HUANG)]


def test_files_are_kept_and_shared_once_by_two_processes(team: Team, builder: CaseBuilder, other: Bot) -> None:
    files = [team.workspace.files.put(f"{number}.log", b"the same", ANNA) for number in range(8)]
    for _ in range(4):
        builder.report(ANNA, attachments=[{"id": one.id, "name": one.name} for one in files])
    deliver_with_retries(team)
    with team.database.read() as session:
        assert len(case_files.kept(session)) == 32
    assert [len(one.files) for one in team.workspace.messages.all() if one.files] == [8] * 4
