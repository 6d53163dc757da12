"""The demo team at work. Every command and click goes to the running bot as a signed request, as Slack sends it."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import func, select

from bot.casework.reading import read_models
from bot.casework.reading.read_models import CaseCard, HistoryLine, PaperCard
from bot.i18n.translator import translator
from bot.playground.playground import Playground
from bot.sandbox import Message, Person, Submission
from bot.slack.prefill import prefill
from bot.workflow.fields import FORMS
from storage import audit, documents
from storage.database import Database
from storage.personal import values_of
from storage.tables import Case
from storage.vocabulary import Kind, Paper, Place, Severity, State, Step
from tests.support import answers, world
from tests.support.answers import EVERYBODY, HANDLE, USUAL, usual
from tests.support.case_builder import CaseBuilder
from tests.support.sample_reports import RATING, SampleReport

HUANG, CHEN, ZHOU, WU = answers.HUANG, answers.CHEN, answers.ZHOU, answers.WU
LIN, HE, ZHAO, ADMIN = answers.LIN, answers.HE, answers.ZHAO, answers.ADMIN
VIEWER, ANNA, SUNLI = answers.VIEWER, answers.ANNA, answers.SUNLI
ENGLISH = translator("en", None)
DESK, SHARED = "C0DESK", "C0HUADONG"
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Team:
    """People with a running bot. They take steps as a person would: look at the case, press, fill in, submit.

    `case` and `advance` take a shortcut to the state in which a test begins.
    """

    def __init__(self, playground: Playground) -> None:
        self.playground = playground
        self.workspace = playground.workspace
        self._builder = CaseBuilder(self.database, playground.bot.company, playground.clock.now)
        self._heard: dict[str, set[str]] = defaultdict(set)

    @property
    def database(self) -> Database:
        return self.playground.bot.database

    @property
    def now(self) -> datetime:
        return self.playground.clock.now()

    def meet(self) -> None:
        """Wait until the bot has learned from Slack who everybody is."""
        self.playground.bot._first_check.join(world.MAX_WAIT_SECONDS)

    def person(self, user: str) -> Person:
        return self.playground.standin.person(user)

    # What is stored

    def card(self, number: str) -> CaseCard:
        """The case as stored in the database."""
        with self.database.read() as session:
            return read_models.load_card(session, _id(number), self.playground.bot.company.policy, self.now)

    def state(self, number: str) -> State:
        return self.card(number).state

    def at(self, number: str, place: Place) -> set[str]:
        """The people in a place of the case."""
        return set(self.card(number).places.get(place, ()))

    def papers(self, number: str, paper: Paper) -> list[PaperCard]:
        """Every version of one document, oldest first."""
        with self.database.read() as session:
            rows = documents.all_of(session, _id(number))
            values = values_of(session, _id(number), *(row.content for row in rows))
            return [read_models.paper_card(row, values) for row in rows if row.paper is paper]

    def history(self, number: str) -> list[HistoryLine]:
        """Every step taken, oldest first."""
        with self.database.read() as session:
            return [read_models.line_of(session, row) for row in audit.steps(session, _id(number))]

    # What people do

    def report(self, user: str, story: SampleReport = RATING, **fields: Any) -> str:
        """Report a problem with `/fault` and return the number of the case."""
        submission = self.try_report(user, story, **fields)
        assert not submission.errors, submission.errors
        return self.newest()

    def newest(self) -> str:
        """The number of the case reported last."""
        with self.database.read() as session:
            newest = session.exec(select(func.max(Case.id))).one()
        return f"F-{newest}"

    def try_report(self, user: str, story: SampleReport = RATING, **fields: Any) -> Submission:
        """Fill in and submit the report form, and return the answer, even if it is refused."""
        person = self.person(user)
        person.command("/fault")
        person.opened("report")
        self.fill_report(user, story, **fields)
        return person.submit()

    def fill_report(self, user: str, story: SampleReport = RATING, **fields: Any) -> None:
        """Fill in the report form that this person has open."""
        given = {name: value for name, value in {**story.told(self.now), **fields}.items() if value is not None}
        self.person(user).fill(**given)

    def ask(self, user: str, words: str) -> Message:
        """The answer to `/fault` with these words, whether it is in the acknowledgement or follows it."""
        person = self.person(user)
        before = len(person.ephemerals(DESK))
        answer = person.command(f"/fault {words}".strip(), channel=DESK)
        if answer.message is None:
            self.workspace.wait_until(lambda: len(person.ephemerals(DESK)) > before)
        return answer.message or person.ephemerals(DESK)[-1]

    def look(self, user: str, number: str) -> Message:
        """The case as `/fault F-n` shows it to this person."""
        answer = self.person(user).command(f"/fault {number}", channel=DESK)
        assert answer.message is not None, answer
        return answer.message

    def sees(self, user: str, number: str) -> str:
        """The text of the case as this person reads it."""
        return self.person(user).read(self.look(user, number))

    def buttons(self, user: str, number: str) -> set[str]:
        """The buttons that `/fault F-n` offers this person now."""
        return set(self.look(user, number).buttons)

    def press(self, user: str, step: str, number: str) -> Person:
        """Look at the case with `/fault F-n` and press one of its buttons."""
        person = self.person(user)
        person.press(step, message=self.look(user, number))
        return person

    def open(self, user: str, step: Step, number: str) -> Person:
        """Press a step's button and wait for its form."""
        before = {view.id for view in self.person(user).views}
        person = self.press(user, step, number)
        self.workspace.wait_until(lambda: person.opened(step).id not in before)
        return person

    def attempt(self, user: str, step: Step, number: str, **fields: Any) -> Submission:
        """Press a step's button and submit its form, and return the answer, even if it is refused."""
        person = self.open(user, step, number)
        person.fill(**fields)
        return person.submit()

    def take(self, user: str, step: Step, number: str, **fields: Any) -> None:
        """Take a step that is expected to be allowed."""
        if not FORMS[step]:
            self.press(user, step, number)
            return
        submission = self.attempt(user, step, number, **fields)
        assert submission.closed, (step, submission.errors, submission.answer)

    def usually(self, user: str, step: Step, number: str, **special: Any) -> None:
        """Take a step with its usual answers, some of them replaced by `special`."""
        self.take(user, step, number, **usual(step, self.now, self.card(number).kind) | special)

    def try_usually(self, user: str, step: Step, number: str, **special: Any) -> Submission:
        """Attempt a step with its usual answers, and return the answer, even if it is refused."""
        return self.attempt(user, step, number, **usual(step, self.now, self.card(number).kind) | special)

    def refused(self, user: str, step: Step, number: str) -> str:
        """Press a step's button that is not offered, and read the answer."""
        card = self.card(number)
        value = json.dumps({"case": card.id, "version": card.version})
        return self.press_copy(user, self.forged(user, step, number, value), step)

    def forged(self, user: str, step: str, number: str, value: str) -> Message:
        """The case as this person sees it, with a button that the bot did not draw."""
        label = {"type": "plain_text", "text": step}
        button = {"type": "button", "action_id": step, "text": label, "value": value}
        row = {"type": "actions", "block_id": "forged", "elements": [button]}
        return replace(self.look(user, number), blocks=(row,))

    def press_copy(self, user: str, copy: Message, step: str) -> str:
        """Press a button of a copy of a message, and read the ephemeral answer."""
        person = self.person(user)
        before = len(person.ephemerals())
        person.press(step, message=copy)
        self.workspace.wait_until(lambda: len(person.ephemerals()) > before)
        return person.read(person.ephemerals()[-1])

    def advance(self, number: str, to: State, *, severity: Severity = Severity.GENERAL, kind: Kind = Kind.FAULT) -> str:
        """Bring a case to a state by the usual steps of the usual people, and return its number.

        It calls `casework` directly, without forms and buttons. The messages of all steps are sent afterwards, when no
        test waits for them.
        """
        with self._builder.at_once():
            for _step in USUAL:
                card = self.card(number)
                if card.state is to:
                    return number
                user, step = USUAL[card.state]
                handled = step is Step.DECIDE_MODIFICATION and to is State.HANDLING
                given = HANDLE if handled else usual(step, self.now, card.kind or kind, severity)
                self._do(user, step, card, given)
        raise AssertionError(f"{number} is {self.state(number)}, not {to}")

    def _do(self, user: str, step: Step, card: CaseCard, answers: Mapping[str, Any]) -> None:
        """Take a step with the prefilled answers of its form and these answers."""
        known = {name: value for name, value in prefill(step, card, ENGLISH).items() if value is not None}
        self._builder.take(step, user, card.id, **_sent({**known, **answers}))

    def case(
        self,
        to: State = State.TRIAGE,
        *,
        severity: Severity = Severity.GENERAL,
        kind: Kind = Kind.FAULT,
        story: SampleReport = RATING,
        reporter: str = CHEN,
    ) -> str:
        """Report a new case and bring it to a state as `advance` does."""
        with self.database.read() as session:
            told = story.told(self.now) | story.chosen(session)
        with self._builder.at_once():
            case = self._builder.report(reporter, **_sent(told))
            return self.advance(f"F-{case}", to, severity=severity, kind=kind)

    def change_account(self, user: str, **changes: Any) -> None:
        """Change an account, which Slack reports in a signed event."""
        self.workspace.change_user(user, **changes)
        payload = self.workspace.users.known(user).to_payload(0, with_locale=True, with_email=False)
        answer = self.playground.standin.send_event({"type": "user_change", "user": payload})
        assert answer is not None
        assert answer.status == 200

    # What people receive

    def settle(self) -> None:
        """Wait until no message is left to deliver."""
        self.workspace.wait_until(self.playground.is_quiet)

    def pass_time(self, by: timedelta) -> None:
        """Move the clock, run the sweep, and wait until all messages that became due are delivered."""
        self.playground.pass_time(by)
        self.settle()

    def wait_until(self, moment: datetime) -> None:
        """Let time pass until this moment."""
        self.pass_time(max(timedelta(), moment - self.now))

    def inbox(self, user: str) -> list[Message]:
        """All direct messages that the bot sent to this person."""
        self.settle()
        return self.person(user).inbox()

    def read(self, user: str) -> str:
        """The text of all direct messages of this person, as they read it."""
        return "\n".join(self.person(user).read(message) for message in self.inbox(user))

    def news(self, user: str) -> str:
        """Return the text of the direct messages since this person's last call."""
        self.settle()
        return "\n".join(self.person(user).read(message) for message in self._fresh(user))

    def _fresh(self, user: str) -> list[Message]:
        fresh = [message for message in self.person(user).inbox() if message.ts not in self._heard[user]]
        self._heard[user] |= {message.ts for message in fresh}
        return fresh

    def told(self) -> set[str]:
        """Who received direct messages since the last call."""
        self.settle()
        return {user for user in EVERYBODY if self._fresh(user)}

    def told_by(self, act: Callable[[], object]) -> set[str]:
        """Who receives direct messages because of this action."""
        self.told()
        act()
        return self.told()

    def posted_card(self, number: str) -> Message:
        """The card of a case in the service-desk channel."""
        self.settle()
        history = self.workspace.history(DESK)
        return next(m for m in history if m.thread_ts is None and m.text.startswith(f"{number} "))

    def thread(self, number: str) -> list[str]:
        """The text of a case's card and thread in the service-desk channel."""
        card = self.posted_card(number)
        return [message.plain for message in self.workspace.thread(DESK, card.ts)]


def _sent(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a form sends them, with moments as whole Unix seconds."""
    seconds = {name: int(value.timestamp()) for name, value in answers.items() if isinstance(value, datetime)}
    return {**answers, **seconds}


def _id(number: str) -> int:
    return int(number.removeprefix("F-"))
