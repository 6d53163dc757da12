"""Loads everybody involved in each of many cases with one query."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, literal, null, select, type_coerce, union_all
from sqlmodel import Session

from storage.core_reads import read
from storage.dialects import as_list, listed
from storage.tables import METADATA
from storage.vocabulary import SHEETS, Place


@dataclass(frozen=True, slots=True)
class Involved:
    """The persons of one case, by how they are involved.

    `followers` reported the cases that were merged into this one. `assigned` have or had a place, or are named by an
    answer. `drafters` wrote any version of its task sheet. `gone` are holders of places and reporters whose account is
    deactivated.
    """

    places: dict[Place, frozenset[str]]
    followers: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()
    drafters: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


_PLACES, _CASES, _ASSIGNED, _RECORDS, _PEOPLE = (
    METADATA.tables[name].c for name in ("case_places", "cases", "case_assigned", "documents", "people")
)


def _who(role: str, case: ColumnElement[Any], who: ColumnElement[Any], place: ColumnElement[Any]) -> Select[Any]:
    """Select the case, the kind of involvement, the place, and the person."""
    return select(case, literal(role), type_coerce(place, Text), who).where(
        case.in_(listed(bindparam("cases", type_=Text)))
    )


_EVERYBODY = union_all(
    _who("places", _PLACES.case_id, _PLACES.person_id, _PLACES.place),
    _who("followers", _CASES.master_id, _CASES.reporter_id, null()),
    _who("assigned", _ASSIGNED.case_id, _ASSIGNED.person_id, null()),
    _who("gone", _PLACES.case_id, _PLACES.person_id, null()).where(_PLACES.person_id == _PEOPLE.id, ~_PEOPLE.active),
    _who("gone", _CASES.id, _CASES.reporter_id, null()).where(_CASES.reporter_id == _PEOPLE.id, ~_PEOPLE.active),
    _who("drafters", _RECORDS.case_id, _RECORDS.author_id, null()).where(_RECORDS.paper.in_(SHEETS)),
)


def involved(session: Session, case_ids: Iterable[int]) -> Mapping[int, Involved]:
    """Return who is involved in each of these cases."""
    ids = list(case_ids)
    found = {case_id: defaultdict[tuple[str, str | None], set[str]](set) for case_id in ids}
    for case_id, role, place, who in read(session, _EVERYBODY, cases=as_list(ids)):
        found[case_id][role, place].add(who)
    return {case_id: _involved(persons) for case_id, persons in found.items()}


def _involved(persons: Mapping[tuple[str, str | None], set[str]]) -> Involved:
    places = {Place(place): frozenset(who) for (_role, place), who in persons.items() if place is not None}
    others = {role: frozenset(who) for (role, place), who in persons.items() if place is None}
    return Involved(places, **others)
