"""The reasons to refuse a merge (process.md rule 2.3). The docstring of a refusal is the sentence that people read."""

from dataclasses import dataclass
from datetime import datetime

from bot.workflow.refusal import Refusal
from storage.vocabulary import State, Step


class MasterIsSelf(Refusal):
    """A case cannot be a duplicate of itself."""


@dataclass(frozen=True)
class MasterIsDuplicate(Refusal):
    """%(number)s is itself a duplicate. Choose the case that it was merged into."""

    number: str


@dataclass(frozen=True)
class MasterOfOtherProduct(Refusal):
    """%(number)s concerns another product."""

    number: str


@dataclass(frozen=True)
class MasterIsClosed(Refusal):
    """%(number)s is closed. Choose an open case, or press “%(step)s” there first."""

    number: str
    step: Step


@dataclass(frozen=True)
class MasterHasEnded(Refusal):
    """%(number)s is in the state “%(state)s”. Choose an open case."""

    number: str
    state: State


@dataclass(frozen=True)
class EarlierDeadline(Refusal):
    """%(number)s has an agreed deadline, %(deadline)s, that is earlier than that of %(master)s. Only the center manager
    may merge it; %(master)s then has that deadline."""

    number: str
    deadline: datetime
    master: str


class DeskMerges(Refusal):
    """The center manager merges only very severe faults and cases with an agreed deadline that is earlier than the
    master's; here the service desk does."""


class FollowersUnanswered(Refusal):
    """Reporters of merged cases who do not belong to this customer need words of their own. If the form does not ask
    for them, close it and open it again."""


class HasDuplicates(Refusal):
    """Other cases were merged into this one. Undo those merges first."""
