"""The bot running against the stand-in workspace, for trials, demonstrations and tests."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.casework.imports.demo import add_demo_registers
from bot.clock import ShiftedClock
from bot.runtime.bootstrap import Bot
from bot.sandbox.api.control import Endpoint
from bot.sandbox.api.server import StandIn
from bot.sandbox.workspace import persistence
from bot.sandbox.workspace.demo import demo_workspace, environment
from bot.sandbox.workspace.workspace import Workspace
from bot.settings import settings
from bot.slack.manifest import manifest
from storage import claims, migrations, outbox
from storage.vocabulary import OutboxState

#: Seconds between two checks whether the workspace has changed and must be saved.
SAVE_INTERVAL_SECONDS = 1.0
#: How long a person of the tour waits for a message or form, and a jump of the clock for messages that are being sent,
#: in real seconds.
WAIT_LIMIT_SECONDS = 10.0


class Playground:
    """A stand-in workspace with a demo team, and the bot that serves it.

    Args:
        database_url: the bot's database.
        host: the network interface of the workspace; the bot itself listens on 127.0.0.1 only.
        slack_port: the port of the workspace; 0 takes any free one, also for `bot_port`.
        interval: the pause between two messages in one channel.
        overrides: environment variables for the bot, which replace those of the demo.
        kept: the file in which the workspace is saved; None keeps it in memory only.
        clock: the clock of the workspace and the bot; by default the real time. A workspace restored from `kept`
            continues with its earlier shift.
        certificate: a file with a certificate and its key, with which the workspace speaks TLS.

    Raises:
        ValueError: `kept` is not a saved workspace.
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
        certificate: Path | None = None,
    ) -> None:
        self.clock = clock or ShiftedClock()
        self.workspace = demo_workspace(
            clock=self.clock.now, manifest=manifest("http://127.0.0.1/slack/events"), wait_limit=WAIT_LIMIT_SECONDS
        )
        self._saver = WorkspaceSaver(self.workspace, self.clock, kept) if kept else None
        self.endpoints: dict[str, Endpoint] = {}
        self.standin = StandIn(self.workspace, host, slack_port, self.endpoints, certificate).start()
        environ = {
            **environment(self.workspace),
            "DATABASE_URL": database_url,
            "HOST": "127.0.0.1",
            "PORT": str(bot_port),
            **(overrides or {}),
        }
        self.settings = settings.load(environ)
        self.bot = Bot(self.settings, clock=self.clock, spacing=interval)

    @property
    def bot_url(self) -> str:
        """The URL at which the bot accepts Slack's requests."""
        return f"http://127.0.0.1:{self.bot.server.port}/slack/events"

    def start(self) -> Self:
        """Bring the database to the current schema, add the demo's customers and products, and start serving."""
        migrations.upgrade(self.bot.database.engine)
        with self.bot.database.write() as session:
            add_demo_registers(session)
        self.bot.start()
        self.standin.connect(bot_url=self.bot_url)
        if self._saver:
            self._saver.start()
        return self

    def stop(self) -> None:
        """Stop the bot, then the workspace, and save the workspace if it has a file."""
        self.bot.stop()
        self.standin.stop()
        if self._saver:
            self._saver.stop()

    def pass_time(self, by: timedelta) -> None:
        """Put the clock forward and send the reminders and messages that are then due."""
        # A message being sent must arrive first: its lease would be over, and it would be sent twice.
        with suppress(TimeoutError):
            self.workspace.wait_until(self.is_idle)
        self.clock.advance(by)
        self.bot.jobs.sweep()
        self.bot.delivery.wake()

    def is_idle(self) -> bool:
        """Whether no message is being sent or is due; a refused message may still wait for its next attempt."""
        with self.bot.database.read() as session:
            due = claims.rest(session).due_at
            sending = outbox.count(session, OutboxState.SENDING)
            now = self.bot.clocks.shared(session)
        return not sending and (due is None or due > now) and not self.bot.delivery.is_sending

    def is_quiet(self) -> bool:
        """Whether no message is being sent or waits to be sent, now or later."""
        if self.bot.delivery.is_sending:
            return False
        with self.bot.database.read() as session:
            pending = outbox.is_pending(session)
        return not pending and not self.bot.delivery.is_sending

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class WorkspaceSaver:
    """Saves the workspace and the clock's shift to a file while they are used, and restores them at the start."""

    def __init__(self, workspace: Workspace, clock: ShiftedClock, path: Path) -> None:
        """Restore the workspace from `path` if that exists; ValueError if it is not a saved workspace."""
        self._workspace, self._clock, self._path = workspace, clock, path
        more = persistence.restore(workspace, path)
        if "shift" in more:
            clock.go_on_with(timedelta(seconds=more["shift"]))
        self._saved = self._present()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Start the thread that saves changes."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and save the last changes."""
        self._stopping.set()
        self._thread.join()
        self._save()

    def _run(self) -> None:
        while not self._stopping.wait(SAVE_INTERVAL_SECONDS):
            self._save()

    def _save(self) -> None:
        present = self._present()
        if present != self._saved:
            persistence.save(self._workspace, self._path, {"shift": self._clock.shift.total_seconds()})
            self._saved = present

    def _present(self) -> tuple[int, timedelta]:
        """Return what changes with the workspace, and with the clock, which also moves where nothing else happens."""
        return self._workspace.state.changes, self._clock.shift
