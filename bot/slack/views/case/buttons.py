"""Buttons of steps, and buttons that are no steps. Each carries the case and version that the person saw."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from slack_sdk.models.blocks import ButtonElement, ConfirmObject

from bot.casework.reading.read_models import CaseCard
from bot.i18n.translator import Translator
from bot.slack.views.escape import Block
from bot.slack.views.message import actions, compact, plain
from bot.workflow.fields import FORMS
from bot.workflow.steps import ALWAYS_OFFERED, rows_of
from bot.workflow.waiting import AWAITED
from storage.vocabulary import State, Step

#: The step that usually moves a case on from each state.
USUAL: dict[State, Step] = {state: waits.step for state, waits in AWAITED.items()}
_FORWARD = frozenset(USUAL.values())
#: Steps that end a case or reject signed or finished work.
_GRAVE = frozenset({Step.REJECT_SHEET, Step.REJECT_FIX, Step.FAIL_TEST, Step.WITHDRAW, Step.CLOSE_UNANSWERED})
_MAX_LABEL_LENGTH = 75

OPEN_CASE = "open_case"
READ_ALL = "read_all"
ACKNOWLEDGE = "acknowledge"
NEED_HELP = "need_help"
EXPORT = "export"
SEND_FILE = "send_file"


class Numbered(Protocol):
    """A case at the version that its reader sees."""

    @property
    def id(self) -> int:
        """The id of the case."""

    @property
    def version(self) -> int:
        """The version of the case, which each move increments."""

    @property
    def number(self) -> str:
        """The case number that people see."""


def seen(card: Numbered, **more: int) -> dict[str, int]:
    """Return what a button carries: the case, the version that the person sees, and `more`."""
    return {"case": card.id, "version": card.version, **more}


def button(action: str, label: str, carried: Mapping[str, Any], style: str | None = None) -> ButtonElement:
    """Build a button that carries an object, to which the epoch is added when it leaves for Slack.

    A label that is too long is shortened.
    """
    return ButtonElement(action_id=action, text=plain(label, _MAX_LABEL_LENGTH), value=compact(carried), style=style)


def step_button(step: Step, card: Numbered, t: Translator, **more: int) -> ButtonElement:
    """Build the button of a step. Its `action_id` is the step's code.

    A step that moves the case and has no form asks for confirmation first.
    """
    made = button(step.value, t.word(step), seen(card, **more), _style(step))
    made.confirm = _confirm(step, card, t) if _moves_at_once(step) else None
    return made


def _style(step: Step) -> str | None:
    if step in _FORWARD:
        return "primary"
    return "danger" if step in _GRAVE else None


def _confirm(step: Step, card: Numbered, t: Translator) -> ConfirmObject:
    asked = t("%(number)s will be closed. Nobody needs to fill anything in.", number=card.number)
    return ConfirmObject(
        title=plain(t.word(step), 100),
        text=plain(asked, 300),
        confirm=plain(t.word(step), 30),
        deny=plain(t("Cancel"), 30),
        style="danger",
    )


def open_case(card: CaseCard, t: Translator, **more: int) -> ButtonElement:
    """Build the button that shows the reader's personal card of the case."""
    return button(OPEN_CASE, t("Open the case"), seen(card, **more))


def read_all(card: CaseCard, t: Translator) -> ButtonElement:
    """Build the button that opens the full record of the case."""
    return button(READ_ALL, t("Full record"), seen(card))


def steps_rows(card: CaseCard, steps: Sequence[Step], t: Translator, *beside: ButtonElement) -> Iterator[Block]:
    """Yield rows of step buttons: the steps that the state asks for, then those always at hand and `beside`."""
    now, always = grouped(steps)
    yield from actions([step_button(step, card, t) for step in now])
    yield from actions([*(step_button(step, card, t) for step in always), *beside])


def grouped(steps: Iterable[Step]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Split steps into those that the state asks for and those always at hand (`ALWAYS_OFFERED`).

    In both the usual step comes first, and steps that end a case or reject work come last.
    """
    ordered = sorted(dict.fromkeys(steps), key=_rank)
    now = tuple(step for step in ordered if step not in ALWAYS_OFFERED)
    return now, tuple(step for step in ordered if step in ALWAYS_OFFERED)


def _rank(step: Step) -> int:
    return 0 if step in _FORWARD else 2 if step in _GRAVE else 1


def _moves_at_once(step: Step) -> bool:
    """Whether a step moves the case without a form, so that its button needs a confirmation."""
    return not FORMS[step] and any(row.to for row in rows_of(step))
