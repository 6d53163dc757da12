"""Failures of what comes in from Slack: it falls silent, or one person sends more than all others together."""

import json
import threading
import time

from bot.sandbox import Message
from bot.sandbox.client import payloads
from bot.sandbox.workspace.deliveries import Delivery
from bot.slack.manifest import COMMAND
from storage.vocabulary import Step
from tests.chaos.injector import Injector
from tests.chaos.intents import Intent

FLOODER, CHANNEL = "U0VIEWER", "C0DESK"
#: How many requests of the flooding person are under way at a time.
AT_ONCE = 6


class SilentSockets(Injector):
    """The WebSockets of Socket Mode stay open, and nothing comes through them any more."""

    name = "silent sockets"

    def inject(self) -> None:
        """Let the open WebSockets fall silent; a new one works."""
        self.met += self._targets.relay.silence()


class Floods(Injector):
    """One person sends commands and presses buttons as fast as they are answered. Each request counts."""

    name = "requests of one person's floods"

    def inject(self) -> None:
        """Send requests for a while, several at a time."""
        until = time.monotonic() + self._random.uniform(*self._lasting)
        threads = [threading.Thread(target=self._send, args=(until,), daemon=True) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self, until: float) -> None:
        while time.monotonic() < until and not self._stop_event.is_set():
            delivery = self._command() if self._random.random() < 0.5 else self._press()
            self._targets.sender.deliver(Intent(delivery.name, FLOODER, 0, delivery), self._random)
            self.met += 1

    def _command(self) -> Delivery:
        workspace = self._targets.workspace
        return payloads.command(workspace, FLOODER, workspace.channels.known(CHANNEL), COMMAND, "list")

    def _press(self) -> Delivery:
        """A press on a button of the first case that its person may not use."""
        workspace, value = self._targets.workspace, json.dumps({"case": 1, "version": 1})
        message = Message(CHANNEL, "1.1", workspace.bot_user_id, "The case")
        button = {
            "type": "button",
            "action_id": Step.RESUME,
            "block_id": "b",
            "action_ts": workspace.state.new_ts(),
            "value": value,
        }
        return payloads.message_press(workspace, FLOODER, message, button)
