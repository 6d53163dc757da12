"""Resolves roles, places and positions to persons. Pure functions."""

from collections.abc import Iterable

from bot.workflow.context import CaseContext, Center
from bot.workflow.situation import Audience, Position, Situation, Who
from storage.vocabulary import Place, Role, Source

#: A place that nobody holds, or whose holders have left or lost its role, counts as held by everybody of its roles.
ROLES_OF_PLACE: dict[Place, tuple[Role, ...]] = {
    Place.TRIAGER: (Role.CENTER_MANAGER, Role.SERVICE_MANAGER, Role.TECHNICIAN, Role.TESTER),
    Place.TESTERS: (Role.TESTER,),
    Place.TECHNICIANS: (Role.TECHNICIAN,),
    Place.SERVICE_MANAGER: (Role.SERVICE_MANAGER,),
}
_NOBODY: frozenset[str] = frozenset()


def persons(who: Iterable[Who], case: CaseContext, center: Center) -> frozenset[str]:
    """Return everybody who is any of `who` for this case."""
    return _NOBODY.union(*(_persons(one, case, center) for one in who))


def present(who: Iterable[Who], case: CaseContext, center: Center) -> frozenset[str]:
    """Return the same without those who left."""
    return persons(who, case, center) - case.gone


def _persons(who: Who, case: CaseContext, center: Center) -> frozenset[str]:
    match who:
        case Role():
            return center.holders.get(who, _NOBODY)
        case Place():
            if who not in ROLES_OF_PLACE:
                return case.at(who)
            return filling(who, case, center) or may_fill(who, center)
        case Position.CARETAKER:
            return _persons(Place.SERVICE_MANAGER, case, center)
        case Position.REPORTER:
            return frozenset({case.reporter})
        case Position.INSIDE_REPORTER:
            return frozenset({case.reporter}) if case.source is Source.INTERNAL else _NOBODY
    return case.named


def may_fill(place: Place, center: Center) -> frozenset[str]:
    """Return everybody who holds a role of a place that has roles."""
    return _NOBODY.union(*(center.holders.get(role, _NOBODY) for role in ROLES_OF_PLACE[place]))


def filling(place: Place, case: CaseContext, center: Center) -> frozenset[str]:
    """Return who holds a place that has roles, without those who left or lost its role."""
    return case.at(place) & may_fill(place, center)


def reassigned(s: Situation) -> frozenset[str]:
    """Return who holds the answered place after a reassignment.

    `from_person` is asked where several hold the place: empty, `person` joins them; with `person` empty, `from_person`
    leaves. Otherwise `person` replaces whoever holds the place.
    """
    place = Place(s.answers["place"])
    held, leaves, takes = s.case.at(place), s.answers.get("from_person"), s.answers.get("person")
    stays = held - {leaves} if len(held) > 1 else _NOBODY
    return stays | ({takes} if takes else _NOBODY)


_AUDIENCES: dict[Audience, tuple[Who, ...]] = {
    Audience.REPORTER: (Position.REPORTER,),
    Audience.SERVICE_MANAGER: (Position.CARETAKER,),
    Audience.TECHNICIANS: (Place.TECHNICIANS,),
    Audience.TESTERS: (Place.TESTERS,),
    Audience.CENTER_MANAGER: (Role.CENTER_MANAGER,),
    Audience.ANALYSTS: (Place.TESTERS, Place.TECHNICIANS),
    Audience.MODIFIER: (Place.MODIFIER,),
    Audience.OWNER: (Place.OWNER,),
    Audience.EVERYONE: (Position.ASSIGNEE, Position.REPORTER),
}


def people_notified(audiences: Iterable[Audience], case: CaseContext, center: Center) -> frozenset[str]:
    """Return the persons of the audiences that depend on the case alone; the others need the step's answers."""
    known = {audience for audience in audiences if audience in _AUDIENCES}
    return _NOBODY.union(*(persons(_AUDIENCES[audience], case, center) for audience in known))
