"""People who leave: their places on open cases are told to those who can give them to somebody else."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from bot.casework.company_settings import CompanySettings
from bot.casework.steps import load
from bot.casework.steps.notify import MessageKind
from bot.casework.steps.perform import Request, perform
from bot.casework.steps.waits import addressees_of
from bot.workflow import refusals as no
from bot.workflow.context import Center, PersonContext
from bot.workflow.membership import Membership
from bot.workflow.people import ROLES_OF_PLACE
from bot.workflow.reading_rights import reads_center
from bot.workflow.refusal import Problem, Refusal, Refused
from bot.workflow.waiting import ON_VACANCY, is_vacant
from storage import cases, deliveries, outbox
from storage.cases import HeldPlace
from storage.vocabulary import Place, Role, Step

log = structlog.get_logger(__name__)
#: The first of these roles that somebody holds hears of those who left: technicians may reassign each case, too.
_TOLD = (*ON_VACANCY, Role.TECHNICIAN)


@dataclass(frozen=True, slots=True)
class LeftCase:
    """An open case and the places on it that somebody has left. `summary` is None for whoever reads no content.

    `is_vacant`: nobody may act on it now.
    """

    id: int
    summary: str | None
    places: tuple[Place, ...]
    is_vacant: bool = False

    @property
    def number(self) -> str:
        """The case's number as people read it."""
        return f"F-{self.id}"


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who left, with the open cases that still name them, and whether the reader may reassign.

    The cases on which nobody may act come first, because a message shows only the first ones of a long list.
    """

    person: str
    cases: tuple[LeftCase, ...]
    may_reassign: bool


def tell(
    session: Session,
    before: Center,
    after: Center,
    accounts: Iterable[str],
    stuck: Collection[int],
    company: CompanySettings,
    now: datetime,
) -> frozenset[int]:
    """Tell of each person who left places on open cases in this transaction; return the cases of these lists.

    `before` and `after` are the holders of the roles, `accounts` those who belong to us otherwise than before. A list
    says which of its cases are `stuck`, because nobody may act on them any more, and then goes to the admins as well.
    The caller lets no other transaction change people meanwhile, so that each person is told of once.
    """
    old, new = before.people(), after.people()
    lost = {one for one, person in old.items() if one not in new or _roles(person) - _roles(new[one])}
    if not (changed := {*accounts, *lost}):
        return frozenset()
    left = left_places(session, changed, company, now)
    if left and after.first_held(_TOLD) is None:
        log.error("leavers.nobody_to_tell", leavers=sorted(left))
    messages = [
        outbox.message(MessageKind.LEFT, reader, now, arguments={"person": person})
        for person, places in left.items()
        for reader in sorted(_readers(after, urgent=any(one.case_id in stuck for one in places)))
    ]
    outbox.put_all(session, messages)
    return frozenset(one.case_id for places in left.values() for one in places) if messages else frozenset()


def _readers(center: Center, *, urgent: bool) -> frozenset[str]:
    """Return who hears of somebody who left; if it is `urgent`, all who can give the cases to others (rule 2.7)."""
    first = center.first_held(_TOLD)
    roles = {first, *(ON_VACANCY if urgent else ())}
    return frozenset().union(*(center.holders.get(role, frozenset()) for role in roles if role))


def _roles(person: PersonContext) -> frozenset[Role]:
    return person.roles | person.acting


def left_places(
    session: Session, persons: Iterable[str], company: CompanySettings, now: datetime
) -> dict[str, list[HeldPlace]]:
    """Return the places on open cases that still name these people although they can no longer fill them, in order.

    That is every place of whoever is not ours any more, and of anybody else the places whose role they do not hold.
    """
    held = cases.open_places(session, persons)
    known = {one.id: one for one in load.person_contexts(session, sorted(held), company, now)}
    left = {person: [one for one in held[person] if not _may_fill(known[person], one.place)] for person in known}
    return {person: places for person, places in left.items() if places}


def _may_fill(person: PersonContext, place: Place) -> bool:
    fits = place not in ROLES_OF_PLACE or bool(_roles(person).intersection(ROLES_OF_PLACE[place]))
    return person.membership is Membership.OURS and fits


def leaver(session: Session, person: str, reader: str, company: CompanySettings, now: datetime) -> Leaver:
    """Return what a reader is shown of somebody who left: whoever does not read for the center sees numbers alone."""
    shown_to = load.person_context(session, reader, company, now)
    places = _by_case(left_places(session, [person], company, now).get(person, ()))
    rows = {row.id: row.summary for row in cases.several(session, places)} if reads_center(shown_to) else {}
    waits_for = addressees_of(session, places)
    left = (
        LeftCase(case_id, rows.get(case_id), held, is_vacant(waits_for.get(case_id, ())))
        for case_id, held in places.items()
    )
    return Leaver(person, tuple(sorted(left, key=lambda one: not one.is_vacant)), _may_reassign(shown_to))


def to_reassign(session: Session, person: str, reader: str, company: CompanySettings, now: datetime) -> Leaver:
    """Return what is shown to a center manager who gives the places to somebody else. Raises `Refused` for others."""
    found = leaver(session, person, reader, company, now)
    if not found.may_reassign:
        raise Refused(Problem(no.NotYours(Step.REASSIGN, (Role.CENTER_MANAGER,))))
    return found


def _may_reassign(person: PersonContext) -> bool:
    return Role.CENTER_MANAGER in _roles(person)


def _by_case(held: Iterable[HeldPlace]) -> dict[int, tuple[Place, ...]]:
    found: dict[int, tuple[Place, ...]] = {}
    for one in held:
        found[one.case_id] = (*found.get(one.case_id, ()), one.place)
    return found


@dataclass(frozen=True, slots=True)
class Handover:
    """A request to give every place that `leaver` left to somebody else. `delivery` identifies the Slack request."""

    leaver: str
    to: str
    by: str
    delivery: str


def reassign(
    session: Session, left: LeftCase, handover: Handover, company: CompanySettings, now: datetime
) -> Iterator[tuple[Place, Refusal | None]]:
    """Take `reassign` for the places of one case, and yield each with the reason if it is refused.

    The rules and the history are those of the step. What is refused leaves the other places as they are decided.
    """
    for place in left.places:
        answers = {"place": place.value, "from_person": handover.leaver, "person": handover.to}
        delivery = f"{handover.delivery}:{left.id}:{place}"
        try:
            with session.begin_nested():
                perform(session, Request(Step.REASSIGN, left.id, handover.by, answers, delivery), company, now)
        except Refused as refused:
            yield place, refused.problems[0].refusal
        else:
            yield place, None


def tell_result(session: Session, handover: Handover, said: Mapping[str, object], now: datetime) -> None:
    """Queue the message that says which places were given to somebody else; `said` are its arguments. Once."""
    if deliveries.first(session, handover.delivery, now):
        outbox.put(session, MessageKind.REASSIGNED, handover.by, now, arguments=said)
