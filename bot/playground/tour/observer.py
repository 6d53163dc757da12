"""Looks up messages about cases in the stand-in workspace, and waits for them."""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from bot.sandbox import Message, StandIn
from bot.sandbox.shared_state import T
from bot.sandbox.workspace.demo import DESK

#: Real seconds that a person waits for a message before asking for it (`MESSAGE_WAIT_SECONDS`), or before pressing a
#: button in it.
MESSAGE_WAIT_SECONDS = 2.0
REACTION_SECONDS = 0.3
HEADLINE = re.compile(r"F-\d+\b")


def number_in(message: Message) -> str | None:
    """Return the case number with which a message begins; None if it begins otherwise."""
    found = HEADLINE.match(message.text)
    return found[0] if found else None


class Observer:
    """Finds messages about cases, and waits for them.

    Args:
        standin: the workspace to look in.
        is_idle: whether the bot is sending no message.
    """

    def __init__(self, standin: StandIn, is_idle: Callable[[], bool]) -> None:
        self._standin, self._workspace = standin, standin.workspace
        self._is_idle = is_idle

    def until(self, look: Callable[[], T | None], timeout: float | None = None) -> T:
        """Call `look` until it returns something true, and return that.

        Args:
            look: the condition to wait for.
            timeout: the longest wait in real seconds; by default the workspace's own limit.

        Raises:
            TimeoutError: the condition did not become true in time.
        """
        found = self._workspace.wait_until(look, timeout)
        assert found is not None
        return found

    def card(self, number: str) -> Message | None:
        """Return the case's card in the service-desk channel, or None if it has not arrived."""
        cards = (message for message in self._workspace.history(DESK) if message.thread_ts is None)
        return next((card for card in cards if number_in(card) == number), None)

    def direct_message(self, who: str, number: str) -> Message | None:
        """Return the newest direct message to a person about the case, or None if there is none yet."""
        about = (message for message in reversed(self._standin.person(who).inbox()) if number_in(message) == number)
        return next(about, None)

    def wait_for_direct_message(self, who: str, number: str) -> None:
        """Wait up to two real seconds for a direct message to a person about the case."""
        with suppress(TimeoutError):
            self.until(lambda: self.direct_message(who, number), MESSAGE_WAIT_SECONDS)

    def now(self, message: Message) -> Message | None:
        """Return the current version of a message; None if it was deleted."""
        return self._workspace.messages.find(message.channel, message.ts)

    def numbers(self) -> set[str]:
        """Return the numbers of all cases that a message begins with."""
        return {number for message in self._workspace.messages.all() if (number := number_in(message))}

    def pause_to_react(self) -> None:
        """Sleep for the time that a person needs to notice a message."""
        time.sleep(REACTION_SECONDS)

    def wait_until_idle(self) -> None:
        """Wait until the bot is sending no message, but at most half of the workspace's wait limit."""
        with suppress(TimeoutError):
            self._workspace.wait_until(self._is_idle, self._workspace.wait_limit / 2)


def newest(messages: Iterable[Message], heard: Iterable[Message]) -> Message | None:
    """Return the newest of `messages` that is not among `heard`; None if there is none."""
    known = {message.ts for message in heard}
    return next((message for message in reversed(list(messages)) if message.ts not in known), None)
