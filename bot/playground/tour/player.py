"""Plays one act of a path and checks that it has the result that the path expects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.clock import ShiftedClock
from bot.playground.tour import failure_text
from bot.playground.tour.act import Act, Deed, Scene
from bot.playground.tour.observer import Observer, newest, number_in
from bot.playground.tour.person_actions import Hands, with_button
from bot.sandbox import Message, Person

ACKNOWLEDGE = "acknowledge"


@dataclass
class Memory:
    """The facts that later acts of a run need.

    `cases` are the numbers reported so far, `marks` the moments of the case (see `Scene`), and `sent_back` is the id
    of the form that the bot sent back last.
    """

    cases: list[str] = field(default_factory=list)
    marks: dict[str, datetime] = field(default_factory=dict)
    sent_back: str | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """The result of an act: the case number, the bot's refusal if any, and the message that the tour shows."""

    case: str
    refused: str | None = None
    seen: Message | None = None


class Player:
    """Plays acts in the stand-in workspace.

    Args:
        observer: finds messages and waits for them.
        hands: acts for the people.
        clock: the clock of the workspace and the bot, which waits put forward.
        sweep: makes the bot send the reminders that are due.
    """

    def __init__(self, observer: Observer, hands: Hands, clock: ShiftedClock, sweep: Callable[[], object]) -> None:
        self._observer = observer
        self._hands = hands
        self._clock = clock
        self._sweep = sweep
        #: The case numbers of all runs, needed because messages about the newest cases may not have arrived yet.
        self._reported: set[str] = set()
        self._deeds: dict[Deed, Callable[[Act, Memory], Played]] = {
            Deed.REPORT: self._report,
            Deed.STEP: self._step,
            Deed.TRY: self._try,
            Deed.WAIT: self._wait,
            Deed.ACKNOWLEDGE: self._acknowledge,
        }

    def play(self, act: Act, memory: Memory) -> Played:
        """Play one act, and add to `memory` what later acts need.

        Raises:
            SandboxError: the result is not the one that the path expects, or the screen does not allow the act.
            TimeoutError: there is no result in time.
        """
        return self._deeds[act.deed](act, memory)

    def _report(self, act: Act, memory: Memory) -> Played:
        person, known = self._hands.free(act.who), self._observer.numbers() | self._reported
        self._hands.new_report(person)
        answers = self._answers(act, memory)
        _as_told(act, self._hands.send(person, answers))
        number = self._hands.reported(person, answers["summary"], known)
        self._reported.add(number)
        memory.cases.append(number)
        return Played(number, seen=self._observer.card(number))

    def _step(self, act: Act, memory: Memory) -> Played:
        assert act.step is not None
        number, person = memory.cases[act.case], self._hands.person(act.who)
        has_form = _sent_back_to(person, memory) or self._begin(act, number)
        answers = self._answers(act, memory)
        said = self._hands.send(person, answers) if has_form else ""
        memory.sent_back = person.view.id if said and person.view else None
        _as_told(act, said)
        if said:
            return Played(number, said)
        entered = {name: value for name, value in answers.items() if isinstance(value, datetime)}
        memory.marks.update(entered | {act.step: self._clock.now()})
        if act.tells:
            self._observer.await_told(act.tells, number)
        return Played(number, seen=self._observer.card(number))

    def _begin(self, act: Act, number: str) -> bool:
        """Press the step's button on the card that `/fault F-n` shows. Return whether a form opened."""
        assert act.step is not None
        person = self._hands.free(act.who)
        card = self._hands.look(person, number)
        if act.step not in card.buttons:
            raise failure_text.not_offered(person.reader.name_of(person.id), number)
        return self._hands.press(person, act.step, card) is not None

    def _try(self, act: Act, memory: Memory) -> Played:
        assert act.step is not None
        number, person = memory.cases[act.case], self._hands.free(act.who)
        card = self._hands.look(person, number)
        if act.step in card.buttons or not card.buttons:
            raise failure_text.moved(number)
        heard = person.ephemerals()
        person.press(act.step, message=with_button(card, act.step))
        told = self._observer.until(lambda: newest(person.ephemerals(), heard))
        return Played(number, person.read(told), told)

    def _wait(self, act: Act, memory: Memory) -> Played:
        """Put the clock forward and wait for the reminder.

        Messages being sent must arrive first: the jump would end their lease, and they would be sent twice.
        """
        assert act.until is not None
        number, person = memory.cases[act.case], self._hands.person(act.who)
        until = act.until(self._scene(memory))
        self._observer.settle()
        heard = person.inbox()
        self._clock.advance(max(timedelta(), until - self._clock.now()))
        self._sweep()

        def reminder() -> Message | None:
            return newest((message for message in person.inbox() if number_in(message) == number), heard)

        try:
            return Played(number, seen=self._observer.until(reminder))
        except TimeoutError:
            raise failure_text.moved(number) from None

    def _acknowledge(self, act: Act, memory: Memory) -> Played:
        """Press “Acknowledge” on the newest reminder, a moment after it appears, as a person would."""
        number, person = memory.cases[act.case], self._hands.free(act.who)
        self._observer.glance()
        asked = [m for m in person.inbox() if number_in(m) == number and ACKNOWLEDGE in m.buttons]
        if not asked:
            raise failure_text.moved(number)
        self._hands.take_note(person, ACKNOWLEDGE, asked[-1])
        return Played(number, seen=asked[-1])

    def _answers(self, act: Act, memory: Memory) -> dict[str, Any]:
        scene = self._scene(memory)
        return {name: value(scene) if callable(value) else value for name, value in act.fields.items()}

    def _scene(self, memory: Memory) -> Scene:
        return Scene(self._clock.now(), tuple(memory.cases), dict(memory.marks))


def _sent_back_to(person: Person, memory: Memory) -> bool:
    """Whether this person still has the form open that the bot sent back."""
    return person.view is not None and person.view.id == memory.sent_back


def _as_told(act: Act, said: str) -> None:
    """Raise `Stuck` unless the bot accepts or refuses the form as the path expects."""
    if said and not act.refused:
        raise failure_text.refused(said)
    if act.refused and not said:
        raise failure_text.accepted()
