"""Every reason to say no. A refusal's docstring is the sentence that people read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.workflow.refusal import Refusal
from storage.vocabulary import Role, State, Step

# The case and the person


@dataclass(frozen=True)
class NoSuchCase(Refusal):
    """There is no case %(number)s."""

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
    """“%(step)s” is not possible while the case is in “%(state)s”."""

    step: Step
    state: State


@dataclass(frozen=True)
class NotYours(Refusal):
    """“%(step)s” is not yours to do; it belongs to: %(who)s."""

    step: Step
    who: tuple[StrEnum, ...]


@dataclass(frozen=True)
class NotForYourEyes(Refusal):
    """You are not involved in case %(number)s. Ask the service desk to show it to you."""

    number: str


# Separation of duties (process.md §6)


@dataclass(frozen=True)
class DrafterCannotSign(Refusal):
    """You drafted this sheet and cannot sign it."""


@dataclass(frozen=True)
class DeputyDrafted(Refusal):
    """You drafted a version of this sheet, so you cannot sign it as deputy."""


@dataclass(frozen=True)
class ModifierCannotTest(Refusal):
    """You modified this build, so another tester must judge it."""


@dataclass(frozen=True)
class ModifierAsTester(Refusal):
    """The modifier of this build cannot be its tester."""


@dataclass(frozen=True)
class LoweringNeedsManager(Refusal):
    """Lowering the severity needs the center manager."""


@dataclass(frozen=True)
class OnlyLowering(Refusal):
    """The center manager lowers the severity; raising it belongs to testers and technicians."""


@dataclass(frozen=True)
class VerySevereNeedsManager(Refusal):
    """This fault is very severe; only the center manager may do this."""


@dataclass(frozen=True)
class OnlyIfVerySevere(Refusal):
    """The center manager does this only for very severe faults; here the service desk does."""


@dataclass(frozen=True)
class VerySevereStaysOpen(Refusal):
    """A very severe fault is never closed without the customer's answer."""


@dataclass(frozen=True)
class VerifierIsOwner(Refusal):
    """This fault is very severe, so another person must verify the handling."""


# What a step needs


@dataclass(frozen=True)
class Missing(Refusal):
    """Please fill this in."""


@dataclass(frozen=True)
class TooLong(Refusal):
    """Please shorten this to %(longest)s characters; it has %(length)s."""

    longest: int
    length: int


@dataclass(frozen=True)
class NotOffered(Refusal):
    """This choice is not on offer here. Please choose again."""


@dataclass(frozen=True)
class NotANumber(Refusal):
    """Please enter hours as a number above 0 and up to 1000, for example 1.5."""


@dataclass(frozen=True)
class NotAMoment(Refusal):
    """Please choose a date and a time."""


@dataclass(frozen=True)
class NotYetPast(Refusal):
    """This moment lies in the future. Please choose when it happened."""


@dataclass(frozen=True)
class BeforeReport(Refusal):
    """The deadline lies before the problem was reported. Please check the date."""


@dataclass(frozen=True)
class NotInFuture(Refusal):
    """Please choose a moment in the future."""


@dataclass(frozen=True)
class SameDeadline(Refusal):
    """This is the deadline already in force."""


@dataclass(frozen=True)
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
class DeadlineMissing(Refusal):
    """Set the time the customer stipulated before recording this severity."""


@dataclass(frozen=True)
class AgreementMissing(Refusal):
    """Set the time agreed with the user before recording this severity."""


@dataclass(frozen=True)
class NotOfRole(Refusal):
    """Only persons with the role %(role)s can be named here."""

    role: Role


@dataclass(frozen=True)
class NoLongerAnalyst(Refusal):
    """You are named on this case, but you are no longer a tester or technician."""


@dataclass(frozen=True)
class NotAnAnalyst(Refusal):
    """Only the testers and technicians named on this case can be its analysts."""


@dataclass(frozen=True)
class SameSeverity(Refusal):
    """The case already has this severity."""


@dataclass(frozen=True)
class AlreadyThere(Refusal):
    """This person holds that place already."""


@dataclass(frozen=True)
class NoFaultYet(Refusal):
    """This is possible only for a fault whose analysis report is published."""


@dataclass(frozen=True)
class OnHoldAlready(Refusal):
    """The case is on hold already."""


@dataclass(frozen=True)
class NotOnHold(Refusal):
    """The case is not on hold."""


@dataclass(frozen=True)
class DiscussionOpen(Refusal):
    """A discussion is open. Record its outcome first."""


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class NothingToReopen(Refusal):
    """This case ended before it became a fault or a question. Please report a new problem."""


@dataclass(frozen=True)
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
class HasDuplicates(Refusal):
    """Other cases were merged into this one. Undo those merges first."""


@dataclass(frozen=True)
class UntestedRelease(Refusal):
    """The last modification has no passing test. Test it before it is released."""


@dataclass(frozen=True)
class Unfinished(Refusal):
    """A fault is closed only with a published report, a severity and a reply to the customer."""


# Around the process


@dataclass(frozen=True)
class NotSaved(Refusal):
    """Not saved. Please try again in a moment; nothing that you typed is lost."""


@dataclass(frozen=True)
class SomethingBroke(Refusal):
    """Something went wrong on our side. Please try again; if it happens again, tell an administrator %(reference)s."""

    reference: str


def every_refusal() -> list[type[Refusal]]:
    """All reasons to say no, for the catalogs and the tests."""
    return Refusal.__subclasses__()
