"""What is to be seen of cases in the stand-in workspace, and how long one waits for it."""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from bot.sandbox import Message, StandIn
from bot.sandbox.shared_state import T
from bot.sandbox.workspace.demo import DESK

#: Real seconds that somebody waits for a message before they ask for it, or press a button in it.
SOON = 2.0
GLANCE = 0.3
HEADLINE = re.compile(r"F-\d+\b")


def number_in(message: Message) -> str | None:
    """Return the number of the case that a message of the bot begins with."""
    found = HEADLINE.match(message.text)
    return found[0] if found else None


class Observer:
    """Looks for messages about cases, and waits for them.

    Args:
        is_resting: whether nothing is on its way to anybody.
    """

    def __init__(self, standin: StandIn, is_resting: Callable[[], bool]) -> None:
        self._standin, self._workspace = standin, standin.workspace
        self._is_resting = is_resting

    def until(self, look: Callable[[], T | None], patience: float | None = None) -> T:
        """Wait until there is something to see, and return it.

        Args:
            patience: real seconds to wait at most; by default as long as the workspace allows.

        Raises:
            TimeoutError: nothing came.
        """
        found = self._workspace.wait_until(look, patience)
        assert found is not None
        return found

    def card(self, number: str) -> Message | None:
        """Return the case's card in the service-desk channel, if it is there by now."""
        cards = (message for message in self._workspace.history(DESK) if message.thread_ts is None)
        return next((card for card in cards if number_in(card) == number), None)

    def told(self, who: str, number: str) -> Message | None:
        """Return the newest direct message to somebody about the case, if one is there by now."""
        about = (message for message in reversed(self._standin.person(who).inbox()) if number_in(message) == number)
        return next(about, None)

    def await_told(self, who: str, number: str) -> None:
        """Wait a moment for the direct message that somebody is to get about the case."""
        with suppress(TimeoutError):
            self.until(lambda: self.told(who, number), SOON)

    def now(self, message: Message) -> Message | None:
        """Return the message as it stands now."""
        return self._workspace.messages.find(message.channel, message.ts)

    def numbers(self) -> set[str]:
        """Return the numbers of all cases that messages tell of."""
        return {number for message in self._workspace.messages.all() if (number := number_in(message))}

    def glance(self) -> None:
        """Let the time pass that somebody needs to see a message."""
        time.sleep(GLANCE)

    def settle(self) -> None:
        """Wait until nothing is on its way to anybody; not for long where there is always something."""
        with suppress(TimeoutError):
            self._workspace.wait_until(self._is_resting, self._workspace.wait_limit / 2)


def newest(messages: Iterable[Message], heard: Iterable[Message]) -> Message | None:
    """Return the newest message that was not there before."""
    known = {message.ts for message in heard}
    return next((message for message in reversed(list(messages)) if message.ts not in known), None)
