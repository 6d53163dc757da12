"""Whom a case waits for: THE one function (process.md rule 2.7). Pure.

Queue, App Home, card, tasks and reminders use what it returns, which every step stores with the case.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bot.workflow.context import CaseContext, Center, PersonContext, Policy
from bot.workflow.decide import is_permitted
from bot.workflow.people import ROLES_OF_PLACE
from bot.workflow.situation import Position, Situation, Who
from bot.workflow.steps import WAITS_FOR
from storage.vocabulary import END_STATES, Bucket, Place, Role, Source, State, Step

_NOBODY: frozenset[str] = frozenset()
#: Whoever is told of a case that nobody may take further: the one can appoint others, the other can give roles.
ON_VACANCY = (Role.CENTER_MANAGER, Role.ADMIN)


class Awaited(NamedTuple):
    """What an open state waits for: the step that takes the case further, and the word for it."""

    step: Step
    bucket: Bucket


AWAITED: dict[State, Awaited] = {
    State.TRIAGE: Awaited(Step.TRIAGE, Bucket.TRIAGE),
    State.ANSWERING: Awaited(Step.ANSWER, Bucket.ANSWER),
    State.ANSWER_CONFIRMING: Awaited(Step.RECORD_VERDICT, Bucket.CUSTOMER),
    State.SHEET_DRAFTING: Awaited(Step.DRAFT_SHEET, Bucket.DRAFT),
    State.SHEET_SIGNING: Awaited(Step.SIGN_SHEET, Bucket.SIGN),
    State.ANALYSIS: Awaited(Step.PUBLISH_ANALYSIS, Bucket.ANALYZE),
    State.DECISION: Awaited(Step.DECIDE_MODIFICATION, Bucket.DECIDE),
    State.HANDLING: Awaited(Step.COMPLETE_HANDLING, Bucket.HANDLE),
    State.MODIFICATION: Awaited(Step.SUBMIT_MODIFICATION, Bucket.MODIFY),
    State.TESTING: Awaited(Step.PASS_TEST, Bucket.TEST),
    State.MANUAL_UPDATE: Awaited(Step.UPDATE_MANUAL, Bucket.MANUAL),
    State.RELEASE: Awaited(Step.RECORD_RELEASE, Bucket.RELEASE),
    State.REPLYING: Awaited(Step.REPLY_CUSTOMER, Bucket.REPLY),
    State.FIX_CONFIRMING: Awaited(Step.CONFIRM_FIX, Bucket.CUSTOMER),
}


def awaited(case: CaseContext) -> Awaited:
    """Return what an open case waits for. An open discussion is closed before the analysis is published."""
    waits = AWAITED[case.state]
    return waits._replace(step=Step.CLOSE_DISCUSSION) if case.in_discussion else waits


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a case waits for: a person, or whoever holds `role`, except `not_person` whom a guard refuses."""

    bucket: Bucket
    person: str | None = None
    role: Role | None = None
    not_person: str | None = None

    def people(self, center: Center) -> frozenset[str]:
        """Return the people whom this stands for at this moment."""
        if self.role is None:
            return frozenset({self.person} if self.person else ())
        return center.holders.get(self.role, _NOBODY) - {self.not_person}


def in_order(found: Iterable[Addressee]) -> tuple[Addressee, ...]:
    """Return these in the order in which messages name them: people, then roles."""
    return tuple(sorted(found, key=_order))


def is_vacant(found: Iterable[Addressee]) -> bool:
    """Return whether nobody may act on the case."""
    return any(one.bucket is Bucket.VACANT for one in found)


def people_of(addressees: Iterable[Addressee], center: Center) -> frozenset[str]:
    """Return everybody whom these stand for at this moment."""
    return _NOBODY.union(*(one.people(center) for one in addressees))


def addressees(
    case: CaseContext, center: Center, others: Mapping[str, PersonContext], policy: Policy, now: datetime
) -> tuple[Addressee, ...]:
    """Return whom a case waits for, in a fixed order; nobody if it has ended.

    These are the people whom the state names and who may take the step that it waits for. Where none of those at a
    place may, everybody of the place's roles who may stands in. Where nobody may at all, it is whoever can appoint
    somebody (`Bucket.VACANT`). `others` are people of the case who hold no role.
    """
    if case.state in END_STATES:
        return ()
    step, bucket = awaited(case)
    known = {**others, **center.people()}

    def may(person: str) -> bool:
        actor = known.get(person)
        return actor is not None and is_permitted(step, Situation(case, actor, now, policy, center))

    found = {one for who in WAITS_FOR[case.state] for one in _of(who, bucket, case, center, may)}
    vacant = (Addressee(Bucket.VACANT, role=role) for role in ON_VACANCY)
    return in_order(found or vacant)


def _of(who: Who, bucket: Bucket, case: CaseContext, center: Center, may: Callable[[str], bool]) -> Iterator[Addressee]:
    """Yield those who stand for `who` and may act."""
    match who:
        case Role():
            yield from _holding(who, bucket, center, may)
        case Position.INSIDE_REPORTER:
            if case.source is Source.INTERNAL and may(case.reporter):
                yield Addressee(bucket, case.reporter)
        case Place() | Position.CARETAKER:
            place = Place.SERVICE_MANAGER if who is Position.CARETAKER else Place(who)
            able = [person for person in case.at(place) if may(person)]
            yield from (Addressee(bucket, person) for person in able)
            for role in () if able else ROLES_OF_PLACE.get(place, ()):
                yield from _holding(role, bucket, center, may)


def _holding(role: Role, bucket: Bucket, center: Center, may: Callable[[str], bool]) -> Iterator[Addressee]:
    """Yield the role, without the one holder who may not act; each of the others where there are several of these."""
    holders = center.holders.get(role, _NOBODY)
    able = frozenset(filter(may, holders))
    excluded = holders - able
    if able and len(excluded) <= 1:
        yield Addressee(bucket, role=role, not_person=next(iter(excluded), None))
    else:
        yield from (Addressee(bucket, person) for person in able)


def missing_roles(case: CaseContext) -> tuple[Role, ...]:
    """Return the roles that somebody must hold so that an open case can be taken further."""
    return tuple(dict.fromkeys(role for who in WAITS_FOR[case.state] for role in _roles(who)))


def _roles(who: Who) -> tuple[Role, ...]:
    match who:
        case Role():
            return (who,)
        case Place():
            return ROLES_OF_PLACE.get(who, ())
    return (Role.SERVICE_MANAGER,) if who is Position.CARETAKER else ()


def _order(one: Addressee) -> tuple[str, str, str]:
    return one.role or "", one.person or "", one.not_person or ""
