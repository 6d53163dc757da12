"""The bot against the stand-in workspace: for trying it out, for showing it, and for the tests."""

from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

from bot import settings
from bot.bootstrap import Bot
from bot.casework.demo import furnish
from bot.clock import ShiftedClock
from bot.sandbox.demo import demo_workspace, environment
from bot.sandbox.server import StandIn
from bot.slack.manifest import manifest
from bot.slack.pace import Pace
from storage import migrations


class Playground:
    """A stand-in workspace with a demo team, and the bot that serves it; both on this machine alone.

    `overrides` are environment variables for the bot; port 0 takes any free one. `interval` is the pause between
    two messages in one channel.
    """

    def __init__(
        self,
        database_url: str,
        *,
        slack_port: int = 0,
        bot_port: int = 0,
        interval: timedelta = timedelta(seconds=1),
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        self.clock = ShiftedClock()
        self.workspace = demo_workspace(clock=self.clock.now, manifest=manifest("http://127.0.0.1/slack/events"))
        self.standin = StandIn(self.workspace, port=slack_port).start()
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
        self.workspace.connect(bot_url=self.bot_url)
        return self

    def stop(self) -> None:
        """Stop the bot, then the workspace."""
        self.bot.stop()
        self.standin.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
