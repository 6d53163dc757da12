"""The bot against the stand-in workspace: for trying it out, for showing it, and for the tests."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.casework.imports.demo import furnish
from bot.clock import ShiftedClock
from bot.runtime.bootstrap import Bot
from bot.sandbox.api.control import Desk
from bot.sandbox.api.server import StandIn
from bot.sandbox.workspace import persistence
from bot.sandbox.workspace.demo import demo_workspace, environment
from bot.sandbox.workspace.workspace import Workspace
from bot.settings import settings
from bot.slack.delivery.pace import Pace
from bot.slack.manifest import manifest
from storage import migrations, outbox
from storage.vocabulary import OutboxState

#: Seconds between two looks whether the workspace is to be written down.
SAVING = 1.0
#: The longest that a person of the tour looks for something, in seconds.
WAIT_LIMIT_SECONDS = 10.0
#: The longest that a jump of the clock waits for messages on their way, in seconds.
PATIENCE = 5.0


class Playground:
    """A stand-in workspace with a demo team, and the bot that serves it; both on this machine alone.

    `overrides` are environment variables for the bot; port 0 takes any free one. `interval` is the pause between
    two messages in one channel. `kept` is the file by which the workspace outlives the process. It goes by
    `clock`, the real time if left out; a workspace that was kept goes on with the clock it had.
    """

    def __init__(
        self,
        database_url: str,
        *,
        host: str = "127.0.0.1",
        slack_port: int = 0,
        bot_port: int = 0,
        interval: timedelta = timedelta(seconds=1),
        overrides: Mapping[str, str] | None = None,
        kept: Path | None = None,
        clock: ShiftedClock | None = None,
    ) -> None:
        self.clock = clock or ShiftedClock()
        self.workspace = demo_workspace(
            clock=self.clock.now, manifest=manifest("http://127.0.0.1/slack/events"), wait_limit=WAIT_LIMIT_SECONDS
        )
        self._keeper = Keeper(self.workspace, self.clock, kept) if kept else None
        self.desks: dict[str, Desk] = {}
        self.standin = StandIn(self.workspace, host, slack_port, self.desks).start()
        environ = {
            **environment(self.workspace),
            "DATABASE_URL": database_url,
            "HOST": "127.0.0.1",
            "PORT": str(bot_port),
            **(overrides or {}),
        }
        self.settings = settings.load(environ)
        self.bot = Bot(self.settings, clock=self.clock, pace=Pace(interval))

    @property
    def bot_url(self) -> str:
        """Where the bot takes Slack's requests."""
        return f"http://127.0.0.1:{self.bot.server.port}/slack/events"

    def start(self) -> Self:
        """Bring the database to the current schema, furnish it, and serve."""
        if migrations.current(self.bot.database.engine) != migrations.head():
            migrations.upgrade(self.bot.database.engine)
        with self.bot.database.write() as session:
            furnish(session)
        self.bot.start()
        self.standin.connect(bot_url=self.bot_url)
        if self._keeper:
            self._keeper.start()
        return self

    def stop(self) -> None:
        """Stop the bot, then the workspace."""
        self.bot.stop()
        self.standin.stop()
        if self._keeper:
            self._keeper.stop()

    def pass_time(self, by: timedelta) -> None:
        """Put the clock forward and send what falls due. What is on its way arrives first: its lease would end."""
        with suppress(TimeoutError):
            self.workspace.wait_until(self.is_resting, PATIENCE)
        self.clock.advance(by)
        self.bot.jobs.sweep()
        self.bot.delivery.wake()

    def is_resting(self) -> bool:
        """Whether no message is on its way to Slack; those that it refused may wait for their next attempt."""
        with self.bot.database.read() as session:
            due = outbox.next_due(session)
            sending = outbox.count(session, OutboxState.SENDING)
        return not sending and (due is None or due > self.clock.now())

    def is_quiet(self) -> bool:
        """Whether no message is on its way to Slack, nor waits for it."""
        with self.bot.database.read() as session:
            return not any(outbox.count(session, state) for state in outbox.PENDING)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Keeper:
    """Writes the workspace down while it is used, and brings it back; the clock's shift with it."""

    def __init__(self, workspace: Workspace, clock: ShiftedClock, path: Path) -> None:
        """Brings back what was kept. ValueError if the file is not one of ours."""
        self._workspace, self._clock, self._path = workspace, clock, path
        more = persistence.restore(workspace, path)
        if "shift" in more:
            clock.go_on_with(timedelta(seconds=more["shift"]))
        self._saved = workspace.pulse.changes
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is still to be written."""
        self._stopping.set()
        self._thread.join()
        self._save()

    def _run(self) -> None:
        while not self._stopping.wait(SAVING):
            self._save()

    def _save(self) -> None:
        changes = self._workspace.pulse.changes
        if changes != self._saved:
            persistence.save(self._workspace, self._path, {"shift": self._clock.shift.total_seconds()})
            self._saved = changes
