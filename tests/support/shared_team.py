"""A running bot that the tests of a module share."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from bot.slack.delivery.respond import RESPONDER_THREADS
from tests.support import world
from tests.support.team import Team

#: Few threads, because all of them meet after each test.
LISTENER_THREADS = 4


@contextmanager
def shared_team(url: str, speaking: str | None = None, **more: Any) -> Iterator[Team]:
    """The demo team with a running bot on the empty database at `url`, as `world.playground` makes it."""
    with world.playground(url, {"FAULT_THREADS": str(LISTENER_THREADS)}, speaking, **more) as playground:
        team = Team(playground)
        team.meet()
        yield team


def tidy_up(team: Team) -> None:
    """Close every form that a test has opened, so that the next test does not take it for its own.

    A form or an answer may still be on its way, because the bot works on after its acknowledgement.
    """
    bot = team.playground.bot
    _finish(bot._listeners, LISTENER_THREADS)
    _finish(bot._responder._threads, RESPONDER_THREADS)
    for view in team.workspace.views.open_ones():
        team.workspace.views.close(view.user, everything=True)


def _finish(threads: ThreadPoolExecutor, count: int) -> None:
    """Wait until `count` threads have nothing left to do: only then can all of them meet."""
    everybody = Barrier(count + 1)
    for _ in range(count):
        threads.submit(everybody.wait)
    everybody.wait(world.MAX_WAIT_SECONDS)
