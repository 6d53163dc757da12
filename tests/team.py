"""The demo team at work: every word and click goes to the running bot as a signed request, as Slack sends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from bot.casework import cards
from bot.casework.cards import CaseCard
from bot.playground import Playground
from bot.sandbox import Message, Person, Submission
from bot.workflow.fields import FORMS
from storage.database import Database
from storage.tables import Outgoing
from storage.tables import Person as PersonRow
from storage.vocabulary import OutboxState, State, Step

DESK = "C0DESK"
HUANG, CHEN, ZHOU, WU = "U0HUANG", "U0CHEN", "U0ZHOU", "U0WU"
LIN, HE, ZHAO, ADMIN = "U0LIN", "U0HE", "U0ZHAO", "U0ADMIN"
VIEWER, ANNA = "U0VIEWER", "U0ANNA"

HUADONG, NANLING, BINHAI, LINGNAN = "Huadong", "Nanling", "Binhai", "Lingnan"
BILLING, CARE, PORT, REPORTS = "Billing", "Care", "Port", "Report Center"


@dataclass(frozen=True, slots=True)
class Story:
    """A problem as somebody reports it."""

    customer: str | None
    contact: str
    product: str
    version: str
    summary: str
    description: str = ""


RATING = Story(
    HUADONG, "Sun Li 孙丽", BILLING, "V3.2", "Rating process exits with ORA-01438 批价进程异常退出"
)


class Team:
    """People with a running bot. Steps are taken as a person would: look at the case, press, fill in, submit."""

    def __init__(self, playground: Playground) -> None:
        self.playground = playground
        self.workspace = playground.workspace

    @property
    def database(self) -> Database:
        return self.playground.bot.database

    @property
    def now(self) -> datetime:
        return self.playground.clock.now()

    def meet(self) -> None:
        """Wait until the bot has learned from Slack who everybody is."""
        self.workspace.wait_until(self._knows_everybody, timeout=10)

    def _knows_everybody(self) -> bool:
        with self.database.read() as session:
            return session.get(PersonRow, ANNA) is not None

    def person(self, user: str) -> Person:
        return self.workspace.person(user)

    def card(self, number: str) -> CaseCard:
        """The case as it stands in the database."""
        with self.database.read() as session:
            return cards.load_card(session, int(number.removeprefix("F-")), self.now)

    def state(self, number: str) -> State:
        return self.card(number).state

    def report(self, user: str, story: Story = RATING, **fields: Any) -> str:
        """Report a problem with `/fault`; returns the case's number."""
        submission = self.try_report(user, story, **fields)
        assert not submission.errors, submission.errors
        with self.database.read() as session:
            newest = session.exec(select(cards.Case.id).order_by(cards.Case.id.desc())).first()  # type: ignore[union-attr]
        return f"F-{newest}"

    def try_report(self, user: str, story: Story = RATING, **fields: Any) -> Submission:
        """Fill in the report form and send it, whatever comes of it."""
        person = self.person(user)
        person.command("/fault")
        person.opened("report")
        values: dict[str, Any] = {
            "source": "customer" if story.customer else "internal",
            "customer": story.customer,
            "contact": story.contact,
            "contact_way": "138 0000 0000",
            "product": story.product,
            "version": story.version,
            "summary": story.summary,
            "description": story.description or story.summary,
            "found_at": self.now - timedelta(minutes=10),
            "channel": "phone",
        }
        person.fill(**{name: value for name, value in {**values, **fields}.items() if value is not None})
        return person.submit()

    def press(self, user: str, step: str, number: str) -> Person:
        """Look at the case with `/fault F-n` and press a button of it."""
        person = self.person(user)
        answer = person.command(f"/fault {number}", channel=DESK)
        assert answer.message is not None, answer
        person.press(step, message=answer.message)
        return person

    def buttons(self, user: str, number: str) -> set[str]:
        """What `/fault F-n` offers this person now."""
        answer = self.person(user).command(f"/fault {number}", channel=DESK)
        return set(answer.message.buttons) if answer.message else set()

    def attempt(self, user: str, step: Step, number: str, **fields: Any) -> Submission:
        """Press a step's button and send its form, whatever comes of it."""
        person = self.press(user, step, number)
        person.opened(step)
        person.fill(**fields)
        return person.submit()

    def take(self, user: str, step: Step, number: str, **fields: Any) -> None:
        """Take a step that is expected to be allowed."""
        if not FORMS[step]:
            self.press(user, step, number)
            return
        submission = self.attempt(user, step, number, **fields)
        assert submission.closed, (step, submission.errors, submission.answer)

    def settle(self) -> None:
        """Wait until nothing is left to deliver."""
        self.workspace.wait_until(self._delivered, timeout=10)

    def _delivered(self) -> bool:
        with self.database.read() as session:
            return not session.exec(pending()).first()

    def pass_time(self, by: timedelta) -> None:
        """Move the clock and let the sweep run."""
        self.playground.clock.advance(by)
        self.playground.bot.jobs.sweep()
        self.settle()

    def inbox(self, user: str) -> list[Message]:
        self.settle()
        return self.person(user).inbox()

    def read(self, user: str) -> str:
        """Everything in somebody's direct messages, as they read it."""
        return "\n".join(self.person(user).read(message) for message in self.inbox(user))


def pending() -> Any:
    """Messages that are not yet delivered."""
    return select(Outgoing.id).where(Outgoing.state.in_((OutboxState.WAITING, OutboxState.SENDING)))  # type: ignore[attr-defined]


