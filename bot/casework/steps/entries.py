"""Composes history entries: answers, records, what changed, and who the persons were at that moment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.workflow.context import CaseContext, PersonContext
from bot.workflow.fields import PERSONAL_FIELDS, before
from storage import documents, people, personal, replay
from storage.audit import NewEntry
from storage.personal import PersonalValues
from storage.replay import Projection
from storage.tables import Case, Document
from storage.vocabulary import Paper, PaperStatus, State

#: The codes of answers that are personal, and of what they replaced.
_PERSONAL = PERSONAL_FIELDS | {before(code) for code in PERSONAL_FIELDS}
#: Follows a role that is held only as a deputy.
DEPUTY = ":deputy"


def roles_at(person: PersonContext) -> tuple[str, ...]:
    """Return the codes of the roles that a person holds, and those held as a deputy (`tester:deputy`)."""
    return tuple(sorted([*person.roles, *(f"{role}{DEPUTY}" for role in person.acting)]))


def projection_of(row: Case, seen: CaseContext) -> Projection:
    """Return the projection of a case that the rules have seen."""
    return replay.projection(row, seen.places, seen.assigned)


class EntryWriter:
    """Writes one entry of a case and its records: names as they are now, personal values as hashes.

    What is stored of the case is read when it is needed. Of a case that is new nothing is stored but its row.
    """

    def __init__(
        self,
        session: Session,
        case_id: int,
        person: str,
        named: Iterable[str] = (),
        roles: Sequence[str] | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        """`person` acts, `named` are named by the answers; `roles` None: the roles of `person` are not known."""
        self._session = session
        self._case_id = case_id
        self._person = person
        self._roles = roles
        self._known = people.named(session, {person, *named})
        self._values = PersonalValues(session, case_id, is_new=is_new)
        self._newest: dict[Paper, Document] | None = {} if is_new else None

    def hidden(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers with references in the place of personal ones."""
        return self._values.hidden(answers, _PERSONAL)

    def newest(self, paper: Paper) -> Document | None:
        """Return the newest version of a record of the case; None if there is none."""
        return self._stored().get(paper)

    def _stored(self) -> dict[Paper, Document]:
        if self._newest is None:
            self._newest = {one.paper: one for one in documents.newest(self._session, self._case_id)}
        return self._newest

    def add(self, paper: Paper, content: Mapping[str, Any], status: PaperStatus, now: datetime) -> Document:
        """Write the next version of a record. `now` is aware UTC."""
        name, before = personal.as_text(self._name(self._person)), self.newest(paper)
        self._stored()[paper] = added = documents.add(
            self._session, self._case_id, paper, before, self.hidden(content), status, self._person, now, name
        )
        return added

    def bound(self, document: Document) -> dict[str, Any]:
        """Return what the entry binds of a version that it writes."""
        return documents.bound_as_written(document)

    def entry(
        self,
        step: str,
        from_state: State | None,
        answers: Mapping[str, Any],
        papers: Sequence[Mapping[str, Any]],
        changes: Projection,
    ) -> NewEntry:
        """Return the entry. `answers` are hidden already; `papers` are what it binds of records."""
        data = {**answers, **({"papers": papers} if papers else {})}
        return NewEntry(step, self._person, from_state, data, replay.hidden(changes, self._values), self._identities())

    def _identities(self) -> dict[str, Any]:
        """Return the names that are known, and the roles of the person who acts."""
        names = {"names": {person: self._name(person) for person in sorted(self._known)}}
        return names if self._roles is None else {**names, "roles": list(self._roles)}

    def _name(self, person: str) -> Any:
        """Return a person's name as JSON data: a reference for somebody without a role, None if it is not known."""
        known = self._known.get(person)
        if known is None:
            return None
        return known.name if known.has_role else self._values.reference(known.name)
