"""Compares the clock of the machine with Slack's. The check of the database compares it with the database's."""

from collections.abc import Callable
from contextlib import suppress

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.clock import Clocks, Reference, StepBack
from bot.health import CLOCK, OK, Health


class ClockCheck:
    """Reports to `health` whether the clock of the machine is right, and calls `put_back` when it was put back."""

    def __init__(self, client: WebClient, clocks: Clocks, health: Health, put_back: Callable[[], None]) -> None:
        """`client` tells the clocks what time it is at Slack."""
        self._client = client
        self._clocks = clocks
        self._health = health
        self._put_back = put_back
        self._step_back = StepBack(clocks.ticks, clocks.machine.now())

    def check(self) -> None:
        """Compare once. Slack is asked again, at most once a minute, before a clock counts as wrong."""
        asked_at = self._clocks.ticks()
        if self._step_back.noticed(self._clocks.machine.now(), asked_at):
            self._put_back()
        if self._clocks.wall.must_ask(Reference.SLACK):
            with suppress(SlackClientError, OSError):
                self._client.api_test()
        self._health.finding(CLOCK, self._state())

    def _state(self) -> str:
        wrong = self._clocks.wall.deviation()
        if wrong is None:
            return OK
        seconds = wrong.ahead.total_seconds()
        return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {wrong.of}"
