"""Every reason to refuse a step or a request. The docstring of a refusal is the sentence that people read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.workflow.refusal import People, Refusal
from storage.vocabulary import Role, State, Step

# The case and the person


@dataclass(frozen=True)
class NoSuchCase(Refusal):
    """There is no case %(number)s, or it is not yours to read."""

    number: str


@dataclass(frozen=True)
class MovedOn(Refusal):
    """This case has moved on; it is now %(state)s."""

    state: State


@dataclass(frozen=True)
class MovedOnBy(Refusal):
    """This case has moved on; it is now %(state)s. %(step)s was done by %(mover)s on %(at)s."""

    state: State
    step: Step
    mover: str
    at: datetime


@dataclass(frozen=True)
class NotNow(Refusal):
    """“%(step)s” is not possible while the case is in the state “%(state)s”."""

    step: Step
    state: State


@dataclass(frozen=True)
class NotYours(Refusal):
    """“%(step)s” is not yours to do; it belongs to: %(who)s."""

    step: Step
    who: tuple[StrEnum, ...]


class AdminsReadNoContent(Refusal):
    """Administrators see the number, the state and the missing roles of a case, but not its content."""


@dataclass(frozen=True)
class AdminsOnly(Refusal):
    """Only administrators may do this."""


# Separation of duties (process.md §6)


class DrafterCannotSign(Refusal):
    """You drafted this sheet and cannot sign it."""


class DeputyDrafted(Refusal):
    """You drafted a version of this sheet, so you cannot sign it as deputy."""


class ModifierCannotTest(Refusal):
    """You modified this build, so another tester must judge it."""


class ModifierAsTester(Refusal):
    """The modifier of this build cannot be its tester."""


class LoweringNeedsManager(Refusal):
    """Lowering the severity needs the center manager."""


class OnlyLowering(Refusal):
    """The center manager lowers the severity; raising it belongs to testers and technicians."""


class VerySevereNeedsManager(Refusal):
    """This fault is very severe; only the center manager may do this."""


class OnlyIfVerySevere(Refusal):
    """The center manager does this only for very severe faults; here the service desk does."""


class VerySevereStaysOpen(Refusal):
    """A very severe fault is never closed without the customer's answer."""


class VerifierIsOwner(Refusal):
    """This fault is very severe, so another person must verify the handling."""


# What a step needs


@dataclass(frozen=True)
class TakenAlready(Refusal):
    """This case is with %(holders)s already."""

    holders: People


class CorrectedMeanwhile(Refusal):
    """Somebody has corrected this since you opened the form. Close it, and look at what it says now."""


class NothingCorrected(Refusal):
    """Nothing here differs from the report as it is. Change what is wrong."""


class Missing(Refusal):
    """Please fill this in."""


@dataclass(frozen=True)
class TooLong(Refusal):
    """Please shorten this to %(longest)s characters; it has %(length)s."""

    longest: int
    length: int


class HalfCharacter(Refusal):
    """This holds half of a character, such as a part of an emoji. Please delete it and type it again."""


@dataclass(frozen=True)
class TooManyPeople(Refusal):
    """At most %(most)s people. You chose %(chosen)s."""

    most: int
    chosen: int


class NotOffered(Refusal):
    """This choice is not on offer here. Please choose again."""


class NotANumber(Refusal):
    """Please enter hours as a number above 0 and up to 1000, for example 1.5."""


class UnknownName(Refusal):
    """This name is not known. Please choose one from the list."""


@dataclass(frozen=True)
class BadTestCase(Refusal):
    """Line %(line)s: please write title | expected | actual | pass or fail."""

    line: int


@dataclass(frozen=True)
class CaseFailed(Refusal):
    """Line %(line)s failed, so the test cannot pass. Record the failure instead."""

    line: int


@dataclass(frozen=True)
class OtherBuild(Refusal):
    """The build submitted for test is %(build)s."""

    build: str


@dataclass(frozen=True)
class NotOfRole(Refusal):
    """Only persons with the role %(role)s can be named here."""

    role: tuple[Role, ...]


class NoLongerAnalyst(Refusal):
    """You are named on this case, but you are no longer a tester or technician."""


class NotAnAnalyst(Refusal):
    """Only the testers and technicians named on this case can be its analysts."""


class SameSeverity(Refusal):
    """The case already has this severity."""


class AlreadyThere(Refusal):
    """This person holds that place already."""


class NotThere(Refusal):
    """This person does not hold that place."""


class OnlyModifierLeft(Refusal):
    """Only the modifier of this build would remain as its tester."""


class NoFaultYet(Refusal):
    """This is possible only for a fault whose analysis report is published."""


class OnHoldAlready(Refusal):
    """The case is on hold already."""


class NotOnHold(Refusal):
    """The case is not on hold."""


class DiscussionOpen(Refusal):
    """A discussion is open. Record its outcome first."""


class NoDiscussion(Refusal):
    """No discussion is open."""


@dataclass(frozen=True)
class NotRemindedEnough(Refusal):
    """Only after %(reminders)s unanswered reminders in %(days)s days may the case be closed unanswered."""

    reminders: int
    days: int


@dataclass(frozen=True)
class ReopenTooLate(Refusal):
    """A case can be reopened within %(days)s days of its closing. Please report a new problem."""

    days: int


class NothingToReopen(Refusal):
    """This case ended before it became a fault or a question. Please report a new problem."""


class UntestedRelease(Refusal):
    """The last modification has no passing test. Test it before it is released."""


class Unfinished(Refusal):
    """A fault is closed only with a published report, a severity and a reply to the customer."""


# Around the process


class NotSaved(Refusal):
    """Not saved. Please try again in a moment; nothing that you typed is lost."""


class TooLateToOpen(Refusal):
    """Slack lets a form open for three seconds after the click, and they had passed. Please try again."""


@dataclass(frozen=True)
class SlackAway(Refusal):
    """Slack did not answer us in time. Nothing was changed; please try again in a moment."""


@dataclass(frozen=True)
class SomethingBroke(Refusal):
    """Something went wrong on our side. Please try again, or tell an administrator this code: %(reference)s."""

    reference: str
