"""The building blocks of a path: acts of people, each with a caption for newcomers in both languages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from storage.vocabulary import State, Step

ACT_DURATION = timedelta(seconds=20)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in English and in Simplified Chinese."""

    en: str
    zh: str

    def to_json(self) -> dict[str, str]:
        """Return the sentence by language code (`en`, `zh`)."""
        return {"en": self.en, "zh": self.zh}


class ActKind(StrEnum):
    """The kinds of acts."""

    REPORT = "report"
    STEP = "step"
    #: The person presses a button that the bot does not offer, and is refused.
    TRY = "try"
    #: The clock is put forward until the bot reminds the person.
    WAIT = "wait"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Scene:
    """The facts that the answers of an act may depend on.

    `now` is the present moment (aware). `cases` are the case numbers reported in this run, oldest first. `marks` maps
    a step's code to the moment at which it was taken last, and a date field's code to the moment entered last.
    """

    now: datetime
    cases: tuple[str, ...] = ()
    marks: Mapping[str, datetime] = field(default_factory=dict)


#: An answer, or a function that computes it when the act is played.
Value = str | tuple[str, ...] | Callable[[Scene], Any]
Fields = Mapping[str, Value]
Moment = Callable[[Scene], datetime]


@dataclass(frozen=True, slots=True)
class Act:
    """One action of one person.

    Args:
        who: the person's user id.
        caption: what happens and why, for a newcomer.
        step: the step's code, for reports, steps and tries.
        fields: the answers by block_id, in the order in which they are filled in.
        refused: whether the bot is expected to refuse.
        until: the moment up to which a wait lasts.
        case: the index of the case in the run; 0 is the one reported first.
        notifies: the user id of the person whose direct message about the act the tour shows.
    """

    who: str
    kind: ActKind
    caption: Text
    step: Step | None = None
    fields: Fields = field(default_factory=dict)
    refused: bool = False
    until: Moment | None = None
    case: int = 0
    notifies: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """One way through the process. `ends` is the state of the case reported last, after the last act."""

    code: str
    title: Text
    about: Text
    ends: State
    acts: tuple[Act, ...]


def reports(who: str, caption: Text, **fields: Value) -> Act:
    """Return the act of reporting a problem with `/fault` (step `report`)."""
    return Act(who, ActKind.REPORT, caption, Step.REPORT, fields)


def takes(who: str, step: Step, caption: Text, **fields: Value) -> Act:
    """Return the act of taking a step that the bot allows."""
    return Act(who, ActKind.STEP, caption, step, fields)


def is_refused(who: str, step: Step, caption: Text, **fields: Value) -> Act:
    """Return the act of submitting a step's form that the bot sends back with an error."""
    return Act(who, ActKind.STEP, caption, step, fields, refused=True)


def tries(who: str, step: Step, caption: Text) -> Act:
    """Return the act of pressing a step's button that the bot does not offer, and being refused with a reason."""
    return Act(who, ActKind.TRY, caption, step, refused=True)


def waits(who: str, until: Moment, caption: Text) -> Act:
    """Return the act of putting the clock forward to `until`, after which the bot reminds this person."""
    return Act(who, ActKind.WAIT, caption, until=until)


def acknowledges(who: str, caption: Text) -> Act:
    """Return the act of acknowledging a reminder."""
    return Act(who, ActKind.ACKNOWLEDGE, caption)


def on(case: int, acts: Iterable[Act]) -> list[Act]:
    """Return the same acts for another case of the run, given by its index."""
    return [replace(act, case=case) for act in acts]


def after(by: timedelta) -> Moment:
    """Return the moment that lies `by` after the act; a negative `by` lies before it."""
    return lambda scene: scene.now + by


def share_gone(percent: int) -> Moment:
    """Return the moment at which `percent` of the time from publishing to the deadline has passed, plus 20 seconds."""

    def moment(scene: Scene) -> datetime:
        published, deadline = scene.marks[Step.PUBLISH_ANALYSIS], scene.marks["deadline_at"]
        return published + (deadline - published) * percent / 100 + ACT_DURATION

    return moment


def past(mark: str) -> Moment:
    """Return the moment two minutes after the one entered last into the field `mark`."""
    return lambda scene: scene.marks[mark] + 2 * MINUTE


def number_of(case: int) -> Callable[[Scene], str]:
    """Return the number of a case of this run, given by its index."""
    return lambda scene: scene.cases[case]
