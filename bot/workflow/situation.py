"""The input and the result of judging one step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from bot.workflow.conditions import Answers, Fact
from bot.workflow.context import CaseContext, Center, PersonContext, Policy
from bot.workflow.membership import Account, Membership
from bot.workflow.reading_levels import Level
from bot.workflow.reading_rights import level_of, may_comment
from bot.workflow.refusal import Problem, Refusal
from bot.workflow.severity import keeps_deadline
from storage.vocabulary import Kind, Paper, PaperStatus, Place, Role, Source, State, Step, YesNo


class Position(StrEnum):
    """A person's relation to a case, besides roles and places."""

    REPORTER = "reporter"
    #: The reporter of an internal case, who answers as its customer.
    INSIDE_REPORTER = "inside_reporter"
    #: Whoever holds a place that gives rights.
    ASSIGNEE = "assignee"
    #: The service manager of the case, or all service managers while it has none.
    CARETAKER = "caretaker"
    #: Whoever may read the report and write on the case.
    PARTICIPANT = "participant"


Who: TypeAlias = Role | Place | Position
#: What an outsider can be: the reporter of a case.
_OF_OUTSIDERS = (Position.REPORTER, Position.PARTICIPANT)


class Audience(StrEnum):
    """Whom a step notifies, besides the case's thread and those who must act next."""

    REPORTER = "reporter"
    SERVICE_MANAGER = "service_manager"
    TECHNICIANS = "technicians"
    TESTERS = "testers"
    CENTER_MANAGER = "center_manager"
    ANALYSTS = "analysts"
    MODIFIER = "modifier"
    OWNER = "owner"
    DRAFTER = "drafter"
    CUSTOMER = "customer"
    INVITEES = "invitees"
    DEVELOPMENT = "development"
    EVERYONE = "everyone"
    BOTH_REPORTERS = "both_reporters"
    OLD_AND_NEW = "old_and_new"
    #: Those for whom the case waited before the step.
    WAITING = "waiting"
    #: Whoever signed the task sheet, while it is in force.
    SIGNER = "signer"


@dataclass(frozen=True, slots=True)
class Situation:
    """A person about to take a step, with everything that the rules may consider. `now` is aware UTC.

    `master` is the case that a merge names or that an undone merge leaves. `duplicates` are the cases merged into the
    one to be withdrawn. `reported` is what the report of a case to be corrected says now, by field, and `outdated` what
    the form showed of fields that were corrected since. Other steps have none of these. `chosen` are the accounts of
    the persons whom the answers name.
    """

    case: CaseContext
    person: PersonContext
    now: datetime
    policy: Policy = field(default_factory=Policy)
    center: Center = field(default_factory=Center)
    answers: Answers = field(default_factory=dict)
    master: CaseContext | None = None
    duplicates: tuple[CaseContext, ...] = ()
    reported: Answers = field(default_factory=dict)
    outdated: Answers = field(default_factory=dict)
    chosen: Mapping[str, Account] = field(default_factory=dict)

    @property
    def all_roles(self) -> frozenset[Role]:
        """The person's own roles and those held as deputy."""
        return self.person.roles | self.person.acting

    def is_any(self, *who: Who) -> bool:
        """Return whether the person is any of `who` for this case.

        An outsider is at most the reporter, and a refused account is nobody (R10).
        """
        match self.person.membership:
            case Membership.REFUSED:
                return False
            case Membership.OUTSIDER:
                who = tuple(one for one in who if one in _OF_OUTSIDERS and self._is(Position.REPORTER))
        return any(self._is(one) for one in who)

    def _is(self, who: Who) -> bool:
        case, person = self.case, self.person.id
        match who:
            case Role():
                return who in self.all_roles
            case Place():
                return person in case.at(who)
            case Position.REPORTER:
                return person == case.reporter
            case Position.INSIDE_REPORTER:
                return person == case.reporter and case.source is Source.INTERNAL
            case Position.ASSIGNEE:
                return person in case.assignees
            case Position.CARETAKER:
                return person in case.at(Place.SERVICE_MANAGER) or Role.SERVICE_MANAGER in self.all_roles
        return may_comment(case, self.person)

    @property
    def level(self) -> Level:
        """The person's reading level for the case (process.md §6 R9)."""
        return level_of(self.case, self.person)


def facts(situation: Situation) -> dict[str, Any]:
    """Return the facts of the case and the reader that forms may use."""
    case = situation.case
    return {
        Fact.KIND: case.kind,
        Fact.MODULE_OF: (case.product if case.module else "") if is_recorded(case) else None,
        Fact.SOURCE: case.source,
        Fact.SEVERITY: case.severity,
        Fact.HAS_CUSTOMER: _yes(case.has_customer),
        Fact.KEEPS_DEADLINE: keeps_deadline(case),
        Fact.HAS_DEFAULT: _yes(case.default_days is not None),
        Fact.PLACES: tuple(place for place in Place if case.at(place) or place is Place.SERVICE_MANAGER),
        Fact.FOREIGN_FOLLOWERS: _yes(case.foreign_followers),
        Fact.SHARED_PLACES: tuple(place for place in Place if len(case.at(place)) > 1),
        Fact.AS_CUSTOMER: _yes(situation.is_any(Position.INSIDE_REPORTER)),
        Fact.AS_REPORTER: _yes(situation.is_any(Position.REPORTER)),
        Fact.ALONE: _yes(drafted_alone(situation)),
    }


def is_recorded(case: CaseContext) -> bool:
    """Return whether the case is a fault with a row in the product fault record table."""
    return case.kind is Kind.FAULT and case.severity is not None


def drafted_alone(situation: Situation) -> bool:
    """Return whether the drafter of the sheet under signature is the center's only person (R1's override)."""
    person = situation.person.id
    return situation.case.sheet_drafter == person and situation.center.has_only(person)


def _yes(value: bool) -> YesNo:
    return YesNo.YES if value else YesNo.NO


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A record to be written as the next version of its kind. `content` is plain JSON data.

    With `carries_on`, the new version keeps the values of the previous one that it does not replace.
    """

    paper: Paper
    content: Mapping[str, Any]
    status: PaperStatus = PaperStatus.RECORDED
    carries_on: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of status, for the newest version of each of `papers` that has one."""

    papers: tuple[Paper, ...]
    status: PaperStatus


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step changes. With `to` None, the case stays in its state.

    `changes` are columns of the case by name. `places` replace the persons at a place. `notifies` are notified besides
    the audiences of the table. `signs` binds the signature to the submitted sheet. `linked` are steps on other cases.
    `recorded` is what the history records where that is not the answers of the form.
    """

    to: State | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    papers: tuple[NewPaper, ...] = ()
    marks: tuple[Mark, ...] = ()
    notifies: tuple[Audience, ...] = ()
    signs: bool = False
    linked: tuple["LinkedStep", ...] = ()
    recorded: Answers | None = None


@dataclass(frozen=True, slots=True)
class LinkedStep:
    """A step that another one takes on a second case, by the same person in the same transaction.

    Whoever may take the first step may take this one with it. `answers` are cleaned answers by field code.
    """

    case: CaseContext
    step: Step
    answers: Mapping[str, Any]
    outcome: Outcome


Guard: TypeAlias = Callable[[Situation], Refusal | None]
Check: TypeAlias = Callable[[Situation], Problem | None]
Effect: TypeAlias = Callable[[Situation], Outcome]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of steps.

    With `sources` empty, the step creates a case. `to` names every state that the step can lead to; empty means that
    the state stays. `guards` consider case and person only and hide the button; `checks` consider the answers as well.
    """

    step: Step
    sources: frozenset[State]
    to: tuple[State, ...]
    who: tuple[Who, ...]
    effect: Effect
    notifies: tuple[Audience, ...] = ()
    guards: tuple[Guard, ...] = ()
    checks: tuple[Check, ...] = ()
    papers: tuple[Paper, ...] = ()


SHEET_OF = {Kind.FAULT: Paper.FAULT_SHEET, Kind.REQUIREMENT: Paper.REQUIREMENT_SHEET}
