"""What the people of a path do at their screens, and how long they look for what comes of it."""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.playground.tour import failure_text
from bot.sandbox import Answer, Message, Person, StandIn, View
from bot.sandbox.shared_state import T
from bot.sandbox.workspace.demo import DESK
from storage.vocabulary import Step

#: Real seconds that somebody waits for a message before they ask for it, or press a button in it.
SOON = 2.0
GLANCE = 0.3
HEADLINE = re.compile(r"F-\d+\b")
LISTED = re.compile(r"(F-\d+)\b(.*)")


def number_in(message: Message) -> str | None:
    """Return the number of the case that a message of the bot begins with."""
    found = HEADLINE.match(message.text)
    return found[0] if found else None


class Hands:
    """Everybody's hands in one workspace.

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
        about = (message for message in reversed(self.person(who).inbox()) if number_in(message) == number)
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

    def person(self, who: str) -> Person:
        """Return somebody with what they have open."""
        return self._standin.person(who)

    def free(self, who: str) -> Person:
        """Return somebody after they have closed every form they had open."""
        person = self._standin.person(who)
        if person.view:
            person.close_view(everything=True)
        return person

    def new_report(self, person: Person) -> None:
        """Open the report form."""
        _answered(person.command("/fault"))
        person.opened(Step.REPORT, timeout=self._workspace.wait_limit)

    def look(self, person: Person, number: str) -> Message:
        """Return the case as `/fault F-n` shows it to this person."""
        return self._asked(person, number)

    def reported(self, person: Person, summary: str, known: set[str]) -> str:
        """Return the number of the case that this person has just reported.

        It is in the first message that tells of it; while many messages wait to be sent, `/fault mine` has it.

        Args:
            known: the numbers that were there before.
        """

        def told() -> str | None:
            numbers = (number_in(message) for message in person.sees() if summary in message.plain)
            return next((number for number in numbers if number and number not in known), None)

        try:
            return self.until(told, SOON)
        except TimeoutError:
            listed = LISTED.findall(self._asked(person, "mine").plain)
        numbers: list[str] = [number for number, line in listed if summary in line and number not in known]
        if not numbers:
            raise failure_text.unanswered("-")
        return max(numbers, key=_counted)

    def _asked(self, person: Person, words: str) -> Message:
        answer = _answered(person.command(f"/fault {words}"))
        if answer.message is None:
            raise failure_text.unanswered("-")
        return answer.message

    def glance(self) -> None:
        """Let the time pass that somebody needs to see a message."""
        time.sleep(GLANCE)

    def press(self, person: Person, step: Step, card: Message) -> View | None:
        """Press a button of the card; returns its form, or None for a step that was taken at once.

        Raises:
            Stuck: the bot refused.
        """
        heard = person.ephemerals()
        _answered(person.press(step, message=card))

        def came() -> tuple[View | None, Message | None] | None:
            """The form, or what the bot says: a message of its own, or the card as it now is."""
            form = person.view if person.view and person.view.callback_id == step else None
            now = self.now(card)
            said = newest(person.ephemerals(), heard) or (now if now != card else None)
            return (form, said) if form or said else None

        form, said = self.until(came)
        if said and said.ts != card.ts:
            raise failure_text.refused(person.read(said))
        return form

    def take_note(self, person: Person, action_id: str, message: Message) -> None:
        """Press a button that goes away in the message itself, soon or once the bot gets round to it.

        Raises:
            Stuck: the bot refused.
        """
        heard = person.ephemerals()
        _answered(person.press(action_id, message=message))

        def came() -> Message | None:
            now = self.now(message)
            return newest(person.ephemerals(), heard) or (now if now and action_id not in now.buttons else None)

        try:
            seen = self.until(came, SOON)
        except TimeoutError:
            return
        if seen.ts != message.ts:
            raise failure_text.refused(person.read(seen))

    def send(self, person: Person, answers: Mapping[str, Any]) -> str:
        """Fill in the open form and send it; returns what is wrong with it, as this person reads it, or nothing."""
        person.fill(**answers)
        submission = person.submit()
        if submission.error:
            raise failure_text.unanswered(submission.error)
        return " ".join(dict.fromkeys(submission.errors.values()))

    def settle(self) -> None:
        """Wait until nothing is on its way to anybody; not for long where there is always something."""
        with suppress(TimeoutError):
            self._workspace.wait_until(self._is_resting, self._workspace.wait_limit / 2)


def newest(messages: Iterable[Message], heard: Iterable[Message]) -> Message | None:
    """Return the newest message that was not there before."""
    known = {message.ts for message in heard}
    return next((message for message in reversed(list(messages)) if message.ts not in known), None)


def with_button(card: Message, step: Step) -> Message:
    """Return the card with a button that the bot did not draw; it carries what the others carry."""
    value = next(iter(card.buttons.values()))
    label = {"type": "plain_text", "text": step}
    button = {"type": "button", "action_id": step, "text": label, "value": value}
    return replace(card, blocks=(*card.blocks, {"type": "actions", "block_id": "tried", "elements": [button]}))


def _answered(answer: Answer) -> Answer:
    if answer.error:
        raise failure_text.unanswered(answer.error)
    return answer


def _counted(number: str) -> int:
    return int(number.removeprefix("F-"))
