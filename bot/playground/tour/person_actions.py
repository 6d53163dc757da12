"""The actions of people at their Slack screens, as the tour plays them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.playground.tour import failure_text
from bot.playground.tour.observer import MESSAGE_WAIT_SECONDS, Observer, newest, number_in
from bot.sandbox import Answer, Message, Person, StandIn, View
from storage.vocabulary import Step

LISTED = re.compile(r"(F-\d+)\b(.*)")


class PersonActions:
    """Acts for all people of one workspace; `observer` waits for the results."""

    def __init__(self, standin: StandIn, observer: Observer) -> None:
        self._standin = standin
        self._observer = observer

    def person(self, who: str) -> Person:
        """Return a person, with the form they may have open."""
        return self._standin.person(who)

    def without_forms(self, who: str) -> Person:
        """Return a person after closing every form they have open."""
        person = self._standin.person(who)
        if person.view:
            person.close_view(everything=True)
        return person

    def new_report(self, person: Person) -> None:
        """Open the report form with `/fault` and wait for it."""
        _answered(person.command("/fault"))
        person.opened(Step.REPORT, timeout=self._standin.workspace.wait_limit)

    def show_case(self, person: Person, number: str) -> Message:
        """Return the case as `/fault F-n` shows it to this person."""
        return self._answer_to(person, number)

    def reported(self, person: Person, summary: str, known: set[str]) -> str:
        """Return the number of the case that this person has just reported.

        It is read from the first message about the case. If that is delayed by a long queue, `/fault mine` has it.

        Args:
            person: the reporter.
            summary: the summary that was reported.
            known: the case numbers that existed before.

        Raises:
            ActFailed: no new case has this summary.
        """

        def new_number() -> str | None:
            numbers = (number_in(message) for message in person.sees() if summary in message.plain)
            return next((number for number in numbers if number and number not in known), None)

        try:
            return self._observer.until(new_number, MESSAGE_WAIT_SECONDS)
        except TimeoutError:
            listed = LISTED.findall(self._answer_to(person, "mine").plain)
        numbers: list[str] = [number for number, line in listed if summary in line and number not in known]
        if not numbers:
            raise failure_text.unanswered("-")
        return max(numbers, key=_counted)

    def _answer_to(self, person: Person, words: str) -> Message:
        answer = _answered(person.command(f"/fault {words}"))
        if answer.message is None:
            raise failure_text.unanswered("-")
        return answer.message

    def press(self, person: Person, step: Step, card: Message) -> View | None:
        """Press a step's button on the card. Return its form, or None for a step without a form.

        Raises:
            ActFailed: the bot refuses.
            TimeoutError: the bot shows no result in time.
        """
        heard = person.ephemerals()
        _answered(person.press(step, message=card))

        def came() -> tuple[View | None, Message | None] | None:
            """Return the form and the bot's message, or None while there is neither.

            The message is an ephemeral one, or the card if it was redrawn.
            """
            form = person.view if person.view and person.view.callback_id == step else None
            now = self._observer.now(card)
            said = newest(person.ephemerals(), heard) or (now if now != card else None)
            return (form, said) if form or said else None

        form, said = self._observer.until(came)
        if said and said.ts != card.ts:
            raise failure_text.refused(person.read(said))
        return form

    def acknowledge(self, person: Person, action_id: str, message: Message) -> None:
        """Press a button that the bot then removes from its message. Wait up to two real seconds for that.

        Raises:
            ActFailed: the bot refuses.
        """
        heard = person.ephemerals()
        _answered(person.press(action_id, message=message))

        def came() -> Message | None:
            now = self._observer.now(message)
            return newest(person.ephemerals(), heard) or (now if now and action_id not in now.buttons else None)

        try:
            seen = self._observer.until(came, MESSAGE_WAIT_SECONDS)
        except TimeoutError:
            return
        if seen.ts != message.ts:
            raise failure_text.refused(person.read(seen))

    def send(self, person: Person, answers: Mapping[str, Any]) -> str:
        """Fill in the open form and submit it. Return the bot's errors in this person's language, or an empty string.

        Raises:
            ActFailed: the bot does not answer the submission.
        """
        person.fill(**answers)
        submission = person.submit()
        if submission.error:
            raise failure_text.unanswered(submission.error)
        return " ".join(dict.fromkeys(submission.errors.values()))


def with_button(card: Message, step: Step) -> Message:
    """Return the card with an added button for `step`, which carries the same value as the card's other buttons."""
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
