"""What a path is made of: acts of people, told to a newcomer in both languages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from storage.vocabulary import State, Step

MOMENT = timedelta(seconds=20)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in English and in Simplified Chinese."""

    en: str
    zh: str

    def to_json(self) -> dict[str, str]:
        """Return it by language."""
        return {"en": self.en, "zh": self.zh}


class Deed(StrEnum):
    """How somebody acts."""

    REPORT = "report"
    STEP = "step"
    #: Presses a button that the bot does not offer, and is refused.
    TRY = "try"
    #: Lets the time pass until the bot reminds.
    WAIT = "wait"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the answers of an act may depend on.

    `now` is the present moment (aware); `cases` are the numbers reported in this run, oldest first; `marks` are
    the moments of the path's case: when each step was taken last, and what was entered last into each field of time.
    """

    now: datetime
    cases: tuple[str, ...] = ()
    marks: Mapping[str, datetime] = field(default_factory=dict)


#: An answer, or how to find it out at the moment of the act.
Value = str | tuple[str, ...] | Callable[[Scene], Any]
Fields = Mapping[str, Value]
Moment = Callable[[Scene], datetime]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that one person does.

    Args:
        who: the user id.
        step: the step's code, for reports, steps and tries.
        fields: what is filled in, by block_id, in this order.
        refused: the bot is expected to send the form back.
        until: how long a wait lasts.
        case: which case of the run it is about; 0 is the one reported first.
        tells: who is told of it in a direct message that is worth looking at.
    """

    who: str
    deed: Deed
    caption: Text
    step: Step | None = None
    fields: Fields = field(default_factory=dict)
    refused: bool = False
    until: Moment | None = None
    case: int = 0
    tells: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """One way through the process. `ends` is the state in which the case reported last stands after the last act."""

    code: str
    title: Text
    about: Text
    ends: State
    acts: tuple[Act, ...]


def reports(who: str, caption: Text, **fields: Value) -> Act:
    """Somebody reports a problem with `/fault`."""
    return Act(who, Deed.REPORT, caption, Step.REPORT, fields)


def takes(who: str, step: Step, caption: Text, **fields: Value) -> Act:
    """Somebody takes a step, as the bot allows."""
    return Act(who, Deed.STEP, caption, step, fields)


def is_refused(who: str, step: Step, caption: Text, **fields: Value) -> Act:
    """Somebody sends a step's form, and it comes back with what is wrong."""
    return Act(who, Deed.STEP, caption, step, fields, refused=True)


def tries(who: str, step: Step, caption: Text) -> Act:
    """Somebody presses a step's button without being offered it, and hears why not."""
    return Act(who, Deed.TRY, caption, step, refused=True)


def waits(who: str, until: Moment, caption: Text) -> Act:
    """The time passes until this person is reminded."""
    return Act(who, Deed.WAIT, caption, until=until)


def acknowledges(who: str, caption: Text) -> Act:
    """Somebody takes note of the reminder."""
    return Act(who, Deed.ACKNOWLEDGE, caption)


def on(case: int, acts: Iterable[Act]) -> list[Act]:
    """Return the same acts on another case of the run."""
    return [replace(act, case=case) for act in acts]


def after(by: timedelta) -> Moment:
    """The moment so long after the present one, or before it."""
    return lambda scene: scene.now + by


def share_gone(percent: int) -> Moment:
    """The moment, and a little more, when so much of the time from publishing to the deadline is gone."""

    def moment(scene: Scene) -> datetime:
        published, deadline = scene.marks[Step.PUBLISH_ANALYSIS], scene.marks["deadline_at"]
        return published + (deadline - published) * percent / 100 + MOMENT

    return moment


def past(mark: str) -> Moment:
    """Two minutes after what was entered last into this field."""
    return lambda scene: scene.marks[mark] + 2 * MINUTE


def number_of(case: int) -> Callable[[Scene], str]:
    """The number of a case of this run."""
    return lambda scene: scene.cases[case]
