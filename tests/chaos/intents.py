"""Requests of people, sent as Slack sends them: signed, once or several times, to any of the processes."""

import http.client
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from random import Random
from typing import Any
from uuid import uuid4

from bot.i18n.translator import LOCALES, translator
from bot.sandbox import Workspace
from bot.sandbox.client.screen import Screen
from bot.sandbox.client.signing import signature
from bot.sandbox.client.sockets import Sockets
from bot.sandbox.workspace.deliveries import Delivery
from bot.workflow import refusals as no
from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS
from bot.workflow.moment_refusals import NotInFuture, NotYetPast
from storage.vocabulary import Step
from tests.chaos.bot_processes import BotProcesses

#: Seconds that Slack waits for an answer.
SLACK_TIMEOUT_SECONDS = 3.0
#: Stands for the processes in Socket Mode among the ports to which requests are sent, and for no process at all.
OVER_SOCKET, NOWHERE = -1, 0
#: The sentence "Not saved, please try again" in every language.
NOT_SAVED = frozenset(translator(locale, None).refusal(no.NotSaved()) for locale in LOCALES)
#: What is said where Slack could not be asked who somebody is.
_SLACK_AWAY = frozenset(translator(locale, None).refusal(no.SlackAway()) for locale in LOCALES)
#: What a process says of a right moment while its machine's clock is wrong and it has heard no other clock yet.
_WRONG_CLOCK = frozenset(
    translator(locale, None).refusal(kind()) for locale in LOCALES for kind in (NotInFuture, NotYetPast)
)


class Meaning(Enum):
    """The meaning of an answer."""

    TAKEN = auto()
    REFUSED = auto()
    #: Nothing was written; trying again may help.
    NOT_SAVED = auto()
    #: No answer came, or one that Slack does not understand.
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `words` are those of a refusal."""

    meaning: Meaning
    words: str = ""


@dataclass
class Intent:
    """One request of a person, which may be delivered several times. `case` is 0 for a report."""

    step: str
    person: str
    case: int
    delivery: Delivery
    #: Whether others send the same request at the same moment, so that a refusal is expected.
    contested: bool = False
    replies: list[Reply] = field(default_factory=list)

    def was(self, meaning: Meaning) -> bool:
        """Whether at least one answer had this meaning."""
        return any(reply.meaning is meaning for reply in self.replies)

    @property
    def is_answered(self) -> bool:
        """Whether this person knows the outcome."""
        return self.was(Meaning.TAKEN) or self.was(Meaning.REFUSED)


@dataclass
class IntentLog:
    """All requests of all people, for the audit."""

    intents: list[Intent] = field(default_factory=list)
    #: The request of each reported case, by its summary. Each case must be found once.
    reported: dict[str, Intent] = field(default_factory=dict)
    #: Requests of which exactly one may succeed.
    contests: list[list[Intent]] = field(default_factory=list)
    #: The cases in which Resume was pressed, once for each hold, and whether that must have had an effect.
    resumed: list[tuple[int, bool]] = field(default_factory=list)
    #: (button, reminder, person) of the presses on reminders that were answered.
    pressed: list[tuple[str, int, str]] = field(default_factory=list)
    #: Errors that stopped a driver.
    errors: list[str] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """How many steps were acknowledged."""
        return sum(intent.was(Meaning.TAKEN) for intent in [*self.intents]) + len(self.resumed)


class RequestSender:
    """Sends requests as Slack does to the processes of the bot, any of which may be down."""

    def __init__(self, processes: BotProcesses, workspace: Workspace, sockets: Sockets) -> None:
        self._processes = processes
        self._workspace = workspace
        self._sockets = sockets
        self._unanswered: dict[int, Intent] = {}  # item access is atomic
        self.deliveries = 0

    def unanswered(self) -> list[str]:
        """The requests that people are sending until they know the outcome."""
        open_ones = self._unanswered.copy()
        return [
            f"the request {number} ({one.step} of F-{one.case} by {one.person})" for number, one in open_ones.items()
        ]

    def send_until_answered(self, intent: Intent, random: Random, until: float) -> None:
        """Deliver the request until the person knows its outcome, at least once, sometimes more often.

        `until` is the end in monotonic seconds.
        """
        self._unanswered[id(intent)] = intent
        if not intent.replies:
            self._first(intent, random)
        while not intent.is_answered and time.monotonic() < until:
            time.sleep(random.uniform(0.05, 0.3))  # a person tries again after a moment
            self.deliver(intent, random)
        del self._unanswered[id(intent)]
        if random.random() < 0.15:
            self.deliver(intent, random)  # a late repetition

    def _first(self, intent: Intent, random: Random) -> None:
        match random.random():
            case chance if chance < 0.2:
                self.at_once([intent, intent], random)
            case chance if chance < 0.35:
                self._deliver(intent, random.choice(self._processes.ports() or [NOWHERE]), lose=True)
                self.deliver(intent, random)
            case _:
                self.deliver(intent, random)

    def at_once(self, intents: Sequence[Intent], random: Random) -> None:
        """Deliver all requests at the same moment, each to a different process if there are several."""
        ports = self._ports()
        random.shuffle(ports)
        gate = threading.Barrier(len(intents))

        def go(intent: Intent, sender: int) -> None:
            gate.wait()
            self._deliver(intent, sender)

        threads = [
            threading.Thread(target=go, args=(intent, ports[n % len(ports)]), daemon=True)
            for n, intent in enumerate(intents)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def deliver(self, intent: Intent, random: Random) -> None:
        """Deliver the request once, to any process."""
        self._deliver(intent, random.choice(self._ports()))

    def _ports(self) -> list[int]:
        """Where a request can go: to a port, or through a WebSocket."""
        return [*self._processes.ports(), *([OVER_SOCKET] if self._sockets.count else [])] or [NOWHERE]

    def _deliver(self, intent: Intent, port: int, *, lose: bool = False) -> None:
        self.deliveries += 1
        if port == OVER_SOCKET:
            intent.replies.append(self._through_socket(intent.delivery))
        else:
            intent.replies.append(self._post(intent.delivery, port, lose))

    def _through_socket(self, delivery: Delivery) -> Reply:
        try:
            return _understood(self._sockets.deliver(delivery, SLACK_TIMEOUT_SECONDS))
        except (TimeoutError, IndexError) as error:  # no answer, or no WebSocket any more
            return Reply(Meaning.NOTHING, type(error).__name__)

    def _post(self, delivery: Delivery, port: int, lose: bool) -> Reply:
        body, stamp = delivery.body, str(int(self._workspace.state.now().timestamp()))
        headers = {
            "Content-Type": delivery.content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(self._workspace.signing_secret, stamp, body),
        }
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLACK_TIMEOUT_SECONDS)
        try:
            connection.request("POST", "/slack/events", body.encode(), headers)
            if lose:
                return Reply(Meaning.NOTHING, "hung up")
            answer = connection.getresponse()
            return _parsed(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            return Reply(Meaning.NOTHING, type(error).__name__)
        finally:
            connection.close()


def _parsed(status: int, text: bytes) -> Reply:
    if status != 200:
        return Reply(Meaning.NOTHING, f"HTTP {status}")
    return _understood(json.loads(text) if text else None)


def _understood(answer: Any) -> Reply:
    if not answer:
        return Reply(Meaning.TAKEN)
    errors = answer.get("errors", {})
    words = " ".join(errors.values())
    may_be_repeated = (NOT_SAVED | _WRONG_CLOCK | _SLACK_AWAY) & set(errors.values())
    return Reply(Meaning.NOT_SAVED if may_be_repeated else Meaning.REFUSED, words)


def times_not_saved(workspace: Workspace, person: str) -> int:
    """How often a person was told after a press that nothing was saved."""
    shown = Screen(workspace, person).ephemerals()
    return sum(any(words in message.plain for words in NOT_SAVED) for message in shown)


def submission(step: Step, person: str, metadata: Mapping[str, Any], answers: Mapping[str, Any]) -> Delivery:
    """A filled-in form as Slack submits it, with a view that has never been submitted before."""
    kinds = {one.code: one.kind for one in FORMS[step]}
    held = {code: {code: _state_value(kinds[code], value)} for code, value in answers.items() if code in kinds}
    view = {
        "id": f"V{uuid4().hex.upper()}",
        "type": "modal",
        "callback_id": step,
        "private_metadata": json.dumps(metadata) if metadata else "",
        "blocks": [{"type": "input", "block_id": code, "element": {"action_id": code}} for code in held],
        "state": {"values": held},
    }
    ours = {"team": {"id": Workspace.team_id}, "api_app_id": Workspace.app_id}
    payload = {"type": "view_submission", "user": {"id": person}, **ours, "view": view}
    return Delivery("interactive", "view_submission", {**payload, "trigger_id": uuid4().hex})


def _state_value(kind: FieldKind, value: Any) -> dict[str, Any]:
    match kind:
        case FieldKind.CHOICE | FieldKind.LOOKUP:
            return {"selected_option": {"value": value}}
        case FieldKind.PERSON:
            return {"selected_user": value}
        case FieldKind.PEOPLE:
            return {"selected_users": value}
        case FieldKind.MOMENT:
            return {"selected_date_time": int(value.timestamp()) if isinstance(value, datetime) else value}
    return {"value": value}
