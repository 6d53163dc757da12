"""What the people of a path do at their screens."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.playground.tour import failure_text
from bot.playground.tour.observer import SOON, Observer, newest, number_in
from bot.sandbox import Answer, Message, Person, StandIn, View
from storage.vocabulary import Step

LISTED = re.compile(r"(F-\d+)\b(.*)")


class Hands:
    """Everybody's hands in one workspace; `observer` sees what comes of what they do."""

    def __init__(self, standin: StandIn, observer: Observer) -> None:
        self._standin = standin
        self._observer = observer

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
        person.opened(Step.REPORT, timeout=self._standin.workspace.wait_limit)

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
            return self._observer.until(told, SOON)
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
            now = self._observer.now(card)
            said = newest(person.ephemerals(), heard) or (now if now != card else None)
            return (form, said) if form or said else None

        form, said = self._observer.until(came)
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
            now = self._observer.now(message)
            return newest(person.ephemerals(), heard) or (now if now and action_id not in now.buttons else None)

        try:
            seen = self._observer.until(came, SOON)
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
