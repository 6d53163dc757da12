"""People who take cases from report to end, many at the same time, and others who answer reminders."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty
from random import Random
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from bot.casework.imports.demo import CUSTOMERS, PRODUCTS
from bot.sandbox import Message, Workspace
from bot.sandbox.client import payloads
from bot.sandbox.workspace.deliveries import Delivery
from bot.slack.views.case.buttons import ACKNOWLEDGE, NEED_HELP
from storage import outbox
from storage.database import Database, Unavailable
from storage.tables import Case
from storage.vocabulary import END_STATES, Kind, OutboxState, Severity, State, Step
from tests.chaos.background_thread import BackgroundThread
from tests.chaos.bot_processes import MAX_WAIT_SECONDS
from tests.chaos.intents import Intent, IntentLog, Meaning, RequestSender, submission
from tests.chaos.message_recorder import MessageRecorder
from tests.support.answers import CHEN, HE, HUANG, LIN, USUAL, WU, ZHOU, usual

#: Other persons who may take the step that a state waits for, and sometimes do so at the same moment.
RIVALS = {
    State.TRIAGE: HE,
    State.ANSWERING: ZHOU,
    State.ANSWER_CONFIRMING: ZHOU,
    State.SHEET_DRAFTING: ZHOU,
    State.ANALYSIS: LIN,
    State.DECISION: HUANG,
    State.TESTING: LIN,
    State.MANUAL_UPDATE: HE,
    State.REPLYING: ZHOU,
    State.FIX_CONFIRMING: ZHOU,
}
#: Who press Resume at the same moment.
RESUMERS = (CHEN, ZHOU)
#: Answers with which a form is prefilled.
PREFILLED: dict[Step, dict[str, Any]] = {
    Step.DRAFT_SHEET: {"symptom_kind": "exit", "new_business": "A format nobody writes yet"},
    Step.PASS_TEST: {"build": "V3.2.1-rc1"},
}
KINDS = (Kind.FAULT, Kind.FAULT, Kind.FAULT, Kind.QUESTION, Kind.REQUIREMENT)
SEVERITIES = (Severity.VERY_SEVERE, Severity.VERY_SEVERE, Severity.SEVERE, Severity.GENERAL)
#: Seconds from publishing to the deadline of a severe fault.
DEADLINE = (2.0, 10.0)
#: Seconds after which a database that is away is asked again.
ASK_AGAIN_SECONDS = 0.2
#: Nobody takes a step while more messages than this wait, so that the run fits any machine.
MAX_WAITING = 150
#: Seconds after which people look again whether their messages have arrived.
BACKLOG_SECONDS = 0.3
T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """What drivers share. They stop at `until`, in monotonic seconds. `pause` is the longest pause between steps."""

    workspace: Workspace
    database: Database
    sender: RequestSender
    log: IntentLog
    until: float
    pause: float

    def now(self) -> datetime:
        """The present moment."""
        return self.workspace.state.now()

    def ask(self, question: Callable[[Session], T]) -> T:
        """Read from the database, as soon as it can be read. Raises `Unavailable` if that is long after the end."""
        while True:
            try:
                with self.database.read() as session:
                    return question(session)
            except Unavailable:
                if time.monotonic() > self.until + MAX_WAIT_SECONDS:
                    raise
                time.sleep(ASK_AGAIN_SECONDS)

    @property
    def is_over(self) -> bool:
        """Whether the drivers must stop."""
        return time.monotonic() > self.until


class CaseDriver:
    """Takes one case after the other through its steps. `random` makes every choice."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random

    def drive(self, name: str) -> None:
        """Take one case from its report to its end."""
        kind, severity = self._random.choice(KINDS), self._random.choice(SEVERITIES)
        case = self._report(name)
        while case and not self._world.is_over:
            state, version = self._state_of(case)
            if state in END_STATES:
                return
            self._pause()
            self._take_side_step(case)
            if not self._take_next_step(case, state, version, kind, severity):
                return

    def withdraw_all(self) -> None:
        """Withdraw every case that is open, so that on a slow machine, too, all that is said of it can be sent."""
        is_open = col(Case.state).not_in(END_STATES)
        for case in self._world.ask(lambda session: session.exec(select(Case.id).where(is_open)).all()):
            self._form(Step.WITHDRAW, HUANG, case or 0, reason="The run is over", evidence="Call")

    def _report(self, summary: str) -> int | None:
        answers = {
            "source": "customer",
            "customer": self._random.choice(CUSTOMERS),
            "contact": "Sun Li 孙丽",
            "contact_way": "138 0000 0000",
            "product": next(iter(PRODUCTS)),
            "version": "V3.2",
            "summary": summary,
            "description": "It exits every night 每夜退出",
            "found_at": self._world.now() - timedelta(minutes=10),
            "channel": "phone",
        }
        intent = Intent(Step.REPORT, CHEN, 0, submission(Step.REPORT, CHEN, {}, answers))
        self._world.log.reported[summary] = intent
        self._send_until_answered(intent)
        return self._world.ask(lambda session: session.exec(select(Case.id).where(Case.summary == summary)).first())

    def _state_of(self, case: int) -> tuple[State, int]:
        query = select(Case.state, Case.version).where(Case.id == case)
        state, version = self._world.ask(lambda session: session.exec(query).one())
        return State(state), version

    def _take_next_step(self, case: int, state: State, version: int, kind: Kind, severity: Severity) -> bool:
        """Take the step that the state waits for. Returns False if that is no longer possible."""
        person, step = USUAL[state]
        people = [person, RIVALS[state]] if state in RIVALS and self._random.random() < 0.3 else [person]
        answers = {**PREFILLED.get(step, {}), **usual(step, self._world.now(), kind, severity)}
        if "deadline_at" in answers:
            answers["deadline_at"] = self._world.now() + timedelta(seconds=self._random.uniform(*DEADLINE))
        metadata = {"case": case, "version": version}
        intents = [Intent(step, one, case, submission(step, one, metadata, answers), len(people) > 1) for one in people]
        if len(intents) > 1:
            self._world.log.contests.append(intents)
            self._world.sender.at_once(intents, self._random)
        for intent in intents:
            self._send_until_answered(intent)
        moved = self._state_of(case)[1] > version
        if not moved and not self._world.is_over:
            self._world.log.errors.append(f"F-{case} {step}: {[intent.replies for intent in intents]}")
        return moved

    def _send_until_answered(self, intent: Intent) -> None:
        self._world.log.intents.append(intent)
        self._world.sender.send_until_answered(intent, self._random, self._world.until)

    def _take_side_step(self, case: int) -> None:
        """Sometimes comment, or put the case on hold and resume it."""
        match self._random.random():
            case chance if chance < 0.25:
                person = self._random.choice((CHEN, HUANG))
                self._form(Step.COMMENT, person, case, text=f"A word {self._random.random()}")
            case chance if chance < 0.35:
                until = self._world.now() + timedelta(seconds=self._random.uniform(20, 60))
                held = self._form(Step.HOLD, CHEN, case, kind="customer", reason="We wait for logs", until=until)
                if held.was(Meaning.TAKEN):
                    self._resume(case)

    def _form(self, step: Step, person: str, case: int, **answers: Any) -> Intent:
        metadata = {"case": case, "version": self._state_of(case)[1]}
        intent = Intent(step, person, case, submission(step, person, metadata, answers))
        self._send_until_answered(intent)
        return intent

    def _resume(self, case: int) -> None:
        """Let two persons press Resume at the same moment, again if nothing was saved. One of them resumes the case."""
        self._pause()
        self._press_resume(case)
        while self._is_on_hold(case) and not self._world.is_over:
            self._press_resume(case)

    def _press_resume(self, case: int) -> None:
        presses = [Intent(Step.RESUME, one, case, self._press(Step.RESUME, one, case)) for one in RESUMERS]
        self._world.sender.at_once(presses, self._random)
        for press in presses:
            self._world.sender.send_until_answered(press, self._random, self._world.until)
        self._world.log.resumed.append((case, all(press.is_answered for press in presses)))

    def _is_on_hold(self, case: int) -> bool:
        return self._world.ask(lambda session: session.exec(select(Case.on_hold).where(Case.id == case)).one())

    def _press(self, action: str, person: str, case: int) -> Delivery:
        """A press of a button on a message that shows the case in the channel."""
        value = json.dumps({"case": case, "version": self._state_of(case)[1]})
        message = Message("C0DESK", "1.1", self._world.workspace.bot_user_id, "The case")
        button = {"type": "button", "action_id": action, "block_id": "b", "action_ts": "1.1", "value": value}
        return payloads.message_press(self._world.workspace, person, message, button)

    def _pause(self) -> None:
        """Wait a moment, and as long as too many messages wait: people do not go on with what they do not see."""
        time.sleep(self._random.uniform(0, self._world.pause))
        while not self._world.is_over and self._world.ask(_waiting) > MAX_WAITING:
            time.sleep(BACKLOG_SECONDS)


def _waiting(session: Session) -> int:
    return outbox.count(session, OutboxState.WAITING)


class ReminderAnswerer(BackgroundThread):
    """Answers reminders in everybody's direct messages while the context is entered."""

    PEOPLE = frozenset({HUANG, CHEN, ZHOU, WU, LIN, HE})

    def __init__(self, world: World, recorder: MessageRecorder, random: Random) -> None:
        super().__init__()
        self._world = world
        self._recorder = recorder
        self._random = random

    def _run(self) -> None:
        while not self._stop_event.is_set():
            with suppress(Empty):
                message = self._recorder.offered.get(timeout=0.3)
                people = self._world.workspace.channels.known(message.channel).members & self.PEOPLE
                if ACKNOWLEDGE in message.buttons and len(people) == 1 and self._random.random() < 0.4:
                    self._answer(next(iter(people)), message)

    def _answer(self, person: str, message: Message) -> None:
        action = self._random.choice((ACKNOWLEDGE, ACKNOWLEDGE, NEED_HELP))
        [control] = [one for one in message.controls if one.action_id == action]
        element = {key: control.element[key] for key in ("type", "action_id", "value")}
        press = {**element, "block_id": control.block_id, "action_ts": "1.1"}
        delivery = payloads.message_press(self._world.workspace, person, message, press)
        carried = json.loads(control.value)
        intent = Intent(action, person, carried["case"], delivery)
        self._world.sender.send_until_answered(intent, self._random, self._world.until)
        if intent.is_answered:
            self._world.log.pressed.append((action, carried["reminder"], person))


def drive_all(names: Iterator[str], drivers: Sequence[CaseDriver], failed: Callable[[str], None]) -> None:
    """Share the cases out among the drivers, each in a thread of its own, and wait for all of them."""
    next_name = threading.Lock()

    def work(driver: CaseDriver) -> None:
        while True:
            with next_name:
                name = next(names, None)
            if name is None:
                return
            try:
                driver.drive(name)
            except Exception as error:  # noqa: BLE001 - reported in the result
                failed(f"{name}: {error!r}")

    threads = [threading.Thread(target=work, args=(driver,), daemon=True) for driver in drivers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
