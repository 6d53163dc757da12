"""Plays one act of a path and checks that it has the result that the path expects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.clock import ShiftedClock
from bot.playground.tour import failure_text
from bot.playground.tour.act import Act, ActKind, Scene
from bot.playground.tour.observer import Observer, newest, number_in
from bot.playground.tour.person_actions import PersonActions, with_button
from bot.sandbox import Message, Person

ACKNOWLEDGE = "acknowledge"


@dataclass
class RunState:
    """The facts that later acts of a run need.

    `cases` are the numbers reported so far, `marks` the moments of the case (see `Scene`), and `sent_back` is the id
    of the form that the bot sent back last.
    """

    cases: list[str] = field(default_factory=list)
    marks: dict[str, datetime] = field(default_factory=dict)
    sent_back: str | None = None


@dataclass(frozen=True, slots=True)
class ActResult:
    """The result of an act: the case number, the bot's refusal if any, and the message that the tour shows."""

    case: str
    refused: str | None = None
    message: Message | None = None


class Player:
    """Plays acts in the stand-in workspace.

    Args:
        observer: finds messages and waits for them.
        actions: acts for the people.
        clock: the clock of the workspace and the bot, which waits put forward.
        sweep: makes the bot send the reminders that are due.
    """

    def __init__(
        self, observer: Observer, actions: PersonActions, clock: ShiftedClock, sweep: Callable[[], object]
    ) -> None:
        self._observer = observer
        self._actions = actions
        self._clock = clock
        self._sweep = sweep
        #: The case numbers of all runs, needed because messages about the newest cases may not have arrived yet.
        self._reported: set[str] = set()
        self._handlers: dict[ActKind, Callable[[Act, RunState], ActResult]] = {
            ActKind.REPORT: self._report,
            ActKind.STEP: self._step,
            ActKind.TRY: self._try,
            ActKind.WAIT: self._wait,
            ActKind.ACKNOWLEDGE: self._acknowledge,
        }

    def play(self, act: Act, state: RunState) -> ActResult:
        """Play one act, and add to `state` what later acts need.

        Raises:
            SandboxError: the result is not the one that the path expects, or the screen does not allow the act.
            TimeoutError: there is no result in time.
        """
        return self._handlers[act.kind](act, state)

    def _report(self, act: Act, state: RunState) -> ActResult:
        person, known = self._actions.without_forms(act.who), self._observer.numbers() | self._reported
        self._actions.new_report(person)
        answers = self._answers(act, state)
        _check_result(act, self._actions.send(person, answers))
        number = self._actions.reported(person, answers["summary"], known)
        self._reported.add(number)
        state.cases.append(number)
        return ActResult(number, message=self._observer.card(number))

    def _step(self, act: Act, state: RunState) -> ActResult:
        assert act.step is not None
        number, person = state.cases[act.case], self._actions.person(act.who)
        has_form = _sent_back_to(person, state) or self._begin(act, number)
        answers = self._answers(act, state)
        said = self._actions.send(person, answers) if has_form else ""
        state.sent_back = person.view.id if said and person.view else None
        _check_result(act, said)
        if said:
            return ActResult(number, said)
        entered = {name: value for name, value in answers.items() if isinstance(value, datetime)}
        state.marks.update(entered | {act.step: self._clock.now()})
        if act.notifies:
            self._observer.wait_for_direct_message(act.notifies, number)
        return ActResult(number, message=self._observer.card(number))

    def _begin(self, act: Act, number: str) -> bool:
        """Press the step's button on the card that `/fault F-n` shows. Return whether a form opened."""
        assert act.step is not None
        person = self._actions.without_forms(act.who)
        card = self._actions.show_case(person, number)
        if act.step not in card.buttons:
            raise failure_text.not_offered(person.reader.name_of(person.id), number)
        return self._actions.press(person, act.step, card) is not None

    def _try(self, act: Act, state: RunState) -> ActResult:
        assert act.step is not None
        number, person = state.cases[act.case], self._actions.without_forms(act.who)
        card = self._actions.show_case(person, number)
        if act.step in card.buttons or not card.buttons:
            raise failure_text.moved(number)
        heard = person.ephemerals()
        person.press(act.step, message=with_button(card, act.step))
        told = self._observer.until(lambda: newest(person.ephemerals(), heard))
        return ActResult(number, person.read(told), told)

    def _wait(self, act: Act, state: RunState) -> ActResult:
        """Put the clock forward and wait for the reminder.

        Messages being sent must arrive first: the jump would end their lease, and they would be sent twice.
        """
        assert act.until is not None
        number, person = state.cases[act.case], self._actions.person(act.who)
        until = act.until(self._scene(state))
        self._observer.wait_until_idle()
        heard = person.inbox()
        self._clock.advance(max(timedelta(), until - self._clock.now()))
        self._sweep()

        def reminder() -> Message | None:
            return newest((message for message in person.inbox() if number_in(message) == number), heard)

        try:
            return ActResult(number, message=self._observer.until(reminder))
        except TimeoutError:
            raise failure_text.moved(number) from None

    def _acknowledge(self, act: Act, state: RunState) -> ActResult:
        """Press “Acknowledge” on the newest reminder, a moment after it appears, as a person would."""
        number, person = state.cases[act.case], self._actions.without_forms(act.who)
        self._observer.pause_to_react()
        asked = [m for m in person.inbox() if number_in(m) == number and ACKNOWLEDGE in m.buttons]
        if not asked:
            raise failure_text.moved(number)
        self._actions.acknowledge(person, ACKNOWLEDGE, asked[-1])
        return ActResult(number, message=asked[-1])

    def _answers(self, act: Act, state: RunState) -> dict[str, Any]:
        scene = self._scene(state)
        return {name: value(scene) if callable(value) else value for name, value in act.fields.items()}

    def _scene(self, state: RunState) -> Scene:
        return Scene(self._clock.now(), tuple(state.cases), dict(state.marks))


def _sent_back_to(person: Person, state: RunState) -> bool:
    """Whether this person still has the form open that the bot sent back."""
    return person.view is not None and person.view.id == state.sent_back


def _check_result(act: Act, said: str) -> None:
    """Raise `ActFailed` unless the bot accepts or refuses the form as the path expects."""
    if said and not act.refused:
        raise failure_text.refused(said)
    if act.refused and not said:
        raise failure_text.accepted()
