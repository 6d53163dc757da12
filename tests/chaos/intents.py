"""Requests of persons, sent as Slack sends them: signed, once or several times, to any of the processes."""

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
from bot.sandbox.workspace.deliveries import Delivery
from bot.workflow import refusals as no
from bot.workflow.field import FieldKind
from bot.workflow.fields import FORMS
from storage.vocabulary import Step
from tests.chaos.bot_processes import Fleet

#: Seconds that Slack waits for an answer.
SLACK_WAITS = 3.0
#: The sentence "Not saved, please try again" in every language.
NOT_SAVED = frozenset(translator(locale, None).refusal(no.NotSaved()) for locale in LOCALES)


class Said(Enum):
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

    said: Said
    words: str = ""


@dataclass
class Intent:
    """One thing that a person wants, however often it is delivered. `case` is 0 for a report."""

    step: str
    person: str
    case: int
    delivery: Delivery
    #: Others may want the same at the same moment, so a refusal is expected.
    contested: bool = False
    heard: list[Reply] = field(default_factory=list)

    def was(self, said: Said) -> bool:
        """Whether at least one answer had this meaning."""
        return any(heard.said is said for heard in self.heard)

    @property
    def is_settled(self) -> bool:
        """Whether this person knows the outcome."""
        return self.was(Said.TAKEN) or self.was(Said.REFUSED)


class RequestSender:
    """The way from Slack to the processes of the bot, which come and go."""

    def __init__(self, fleet: Fleet, workspace: Workspace) -> None:
        self._fleet = fleet
        self._workspace = workspace
        self.deliveries = 0

    def insist(self, intent: Intent, luck: Random, until: float) -> None:
        """Deliver until the wish is settled, once or several times as Slack and networks do. `until` is in
        monotonic seconds.
        """
        if not intent.heard:
            self._first(intent, luck)
        while not intent.is_settled and time.monotonic() < until:
            time.sleep(luck.uniform(0.05, 0.3))  # a person tries again after a moment
            self.deliver(intent, luck)
        if luck.random() < 0.15:
            self.deliver(intent, luck)  # a late repetition

    def _first(self, intent: Intent, luck: Random) -> None:
        match luck.random():
            case chance if chance < 0.2:
                self.at_once([intent, intent], luck)
            case chance if chance < 0.35:
                self._deliver(intent, luck.choice(self._fleet.doors() or [0]), lose=True)
                self.deliver(intent, luck)
            case _:
                self.deliver(intent, luck)

    def at_once(self, intents: Sequence[Intent], luck: Random) -> None:
        """Deliver all wishes at the same moment, each to another process as far as there are several."""
        doors = self._fleet.doors() or [0]
        luck.shuffle(doors)
        gate = threading.Barrier(len(intents))

        def go(intent: Intent, sender: int) -> None:
            gate.wait()
            self._deliver(intent, sender)

        threads = [
            threading.Thread(target=go, args=(intent, doors[n % len(doors)]), daemon=True)
            for n, intent in enumerate(intents)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def deliver(self, intent: Intent, luck: Random) -> None:
        """Deliver the wish once, to any process."""
        self._deliver(intent, luck.choice(self._fleet.doors() or [0]))

    def _deliver(self, intent: Intent, port: int, *, lose: bool = False) -> None:
        self.deliveries += 1
        intent.heard.append(self._post(intent.delivery, port, lose))

    def _post(self, delivery: Delivery, port: int, lose: bool) -> Reply:
        body, stamp = delivery.body, str(int(self._workspace.state.now().timestamp()))
        headers = {
            "Content-Type": delivery.content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(self._workspace.signing_secret, stamp, body),
        }
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLACK_WAITS)
        try:
            connection.request("POST", "/slack/events", body.encode(), headers)
            if lose:
                return Reply(Said.NOTHING, "hung up")
            answer = connection.getresponse()
            return _understood(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            return Reply(Said.NOTHING, type(error).__name__)
        finally:
            connection.close()


def _understood(status: int, text: bytes) -> Reply:
    if status != 200:
        return Reply(Said.NOTHING, f"HTTP {status}")
    if not text:
        return Reply(Said.TAKEN)
    errors = json.loads(text).get("errors", {})
    words = " ".join(errors.values())
    return Reply(Said.NOT_SAVED if NOT_SAVED & set(errors.values()) else Said.REFUSED, words)


def times_not_saved(workspace: Workspace, person: str) -> int:
    """How often a person was told after a press that nothing was saved."""
    shown = Screen(workspace, person).ephemerals()
    return sum(any(words in message.plain for words in NOT_SAVED) for message in shown)


def submission(step: Step, person: str, metadata: Mapping[str, Any], answers: Mapping[str, Any]) -> Delivery:
    """A filled-in form as Slack submits it, with a view that has never been submitted before."""
    kinds = {one.code: one.kind for one in FORMS[step]}
    held = {code: {code: _held(kinds[code], value)} for code, value in answers.items() if code in kinds}
    view = {
        "id": f"V{uuid4().hex.upper()}",
        "type": "modal",
        "callback_id": step,
        "private_metadata": json.dumps(metadata) if metadata else "",
        "blocks": [{"type": "input", "block_id": code, "element": {"action_id": code}} for code in held],
        "state": {"values": held},
    }
    payload = {"type": "view_submission", "user": {"id": person}, "team": {"id": Workspace.team_id}, "view": view}
    return Delivery("interactive", "view_submission", {**payload, "trigger_id": uuid4().hex})


def _held(kind: FieldKind, value: Any) -> dict[str, Any]:
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
