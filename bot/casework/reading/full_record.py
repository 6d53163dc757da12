"""A whole case: every step taken, every version of every record, and the names of people.

Documents, exports and the evidence pack are written from it alone, so the same case always gives the same files.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlmodel import Session

from bot.casework.reading.file_cards import FileCard, of_entry
from bot.casework.reading.read_models import CaseCard, HistoryLine, PaperCard, card_of, history_line, paper_card
from bot.casework.steps.files import BRINGING
from bot.workflow.context import Policy
from bot.workflow.fields import everybody_named
from storage import audit, cases, documents, people
from storage.personal import Values, resolved, values_of
from storage.tables import AuditEntry, Case, Document
from storage.vocabulary import Paper, PaperStatus, Place, Step

#: Stands for a person whom the reader may not know.
NOBODY = "–"


@dataclass(frozen=True, slots=True)
class Record(PaperCard):
    """One version of one record, with the role in which it was signed (`center_manager`, `…:deputy`)."""

    signer_role: str | None = None

    def is_same(self, other: "Record") -> bool:
        """Return whether both are the same version of the same record."""
        return (self.paper, self.version) == (other.paper, other.version)


@dataclass(frozen=True, slots=True)
class Touched:
    """A version of a record that a step wrote, signed or marked, and its status after the step."""

    paper: Paper
    version: int
    status: PaperStatus


@dataclass(frozen=True, slots=True)
class TakenStep:
    """A step that was taken: its history entry, the records it touched, and the versions it wrote.

    `names` are those that the persons of the step had at its moment, by Slack id. `roles` are the roles that the person
    who took it held (`tester`, `…:deputy`); None where they were not recorded. `files` are those that it brought.
    """

    line: HistoryLine
    touched: tuple[Touched, ...]
    wrote: tuple[Record, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] | None = None
    files: tuple[FileCard, ...] = ()

    def called(self, person: str | None) -> str:
        """Return the person's name at the moment of the step, or the id if Slack never reported a name.

        A person whom the reader may not know has no name.
        """
        return self.names.get(person, NOBODY) if person else NOBODY

    @property
    def answers(self) -> dict[str, Any]:
        """The answers to the step's form by field code, as plain JSON data."""
        return {code: value for code, value in self.line.data.items() if code != "papers"}

    def content(self, *papers: Paper) -> dict[str, Any]:
        """Return what the step wrote into these records. A version may repeat values of the previous one."""
        found: dict[str, Any] = {}
        for record in self.wrote:
            found |= record.content if record.paper in papers else {}
        return found

    def touches(self, paper: Paper, version: int | None = None) -> bool:
        """Return whether the step wrote, signed or marked this record (or this version of it)."""
        return any(one.paper is paper and version in (None, one.version) for one in self.touched)


@dataclass(frozen=True, slots=True)
class FullRecord:
    """A case with everything written about it. Persons are ids, named by the acts; moments are aware UTC.

    Whom Slack has not reported is named by the id. Whoever is not in `names` is not to be named.
    `card` is the case at its newest entry. `acts` and `records` are oldest first.
    """

    card: CaseCard
    acts: tuple[TakenStep, ...]
    records: tuple[Record, ...]

    def versions(self, paper: Paper) -> tuple[Record, ...]:
        """Return every version of one record, oldest first."""
        return tuple(record for record in self.records if record.paper is paper)

    def newest(self, paper: Paper) -> Record | None:
        """Return the newest version of one record; None if there is none."""
        return next(reversed(self.versions(paper)), None)

    def at_version(self, paper: Paper, version: int) -> "FullRecord":
        """Return the case as it was when this version was last written, signed or marked.

        For the newest version, that is the whole case. Raises `ValueError` if there is no such version.
        """
        newest = self.newest(paper)
        if newest is not None and newest.version == version:
            return self
        touching = (place for place, act in enumerate(self.acts) if act.touches(paper, version))
        acts = self.acts[: max(touching) + 1]
        written = {(record.paper, record.version) for act in acts for record in act.wrote}
        records = tuple(record for record in self.records if (record.paper, record.version) in written)
        return replace(self, acts=acts, records=records)

    def author(self, record: Record) -> str:
        """Return the name that the author of a version had when it was written."""
        wrote = (act for act in self.acts if any(one.is_same(record) for one in act.wrote))
        act = next(wrote, None)
        return act.called(record.author) if act else NOBODY

    @property
    def reporter(self) -> str:
        """The name that the reporter had when the case was reported."""
        return self.acts[0].called(self.card.reporter)

    def named(self, person: str | None, place: Place, act: TakenStep) -> bool:
        """Return whether a step before `act` put the person at this place of the case."""
        earlier = (one for one in self.acts if one.line.seq < act.line.seq)
        return any(person in _put(one, place) for one in earlier)


def _put(act: TakenStep, place: Place) -> tuple[str, ...]:
    """Return whom a step put at a place: by an entry with the place's name, or by a reassignment."""
    data = act.line.data
    if act.line.step is Step.REASSIGN:
        return (data["person"],) if data["place"] == place and "person" in data else ()
    chosen = data.get(place.value, ())
    return (chosen,) if isinstance(chosen, str) else tuple(chosen)


def full_record(session: Session, case_id: int, policy: Policy) -> FullRecord:
    """Return everything about a case. Raises `KeyError` if there is no such case."""
    row, entries = cases.get(session, case_id), audit.steps(session, case_id)
    papers = documents.all_of(session, case_id)
    adopted = audit.adopted(session, case_id)
    recorded = (*entries, adopted) if adopted else entries
    texts = (*(one.identities for one in recorded), *(one.data for one in entries), *(one.content for one in papers))
    values = values_of(session, case_id, *texts)
    history = [history_line(entry, values) for entry in entries]
    records = tuple(_record(document, values) for document in papers)
    card = card_of(session, row, cases.names(session, row), cases.places(session, case_id), policy, history[-1].at)
    known = _Known(session, row, history, recorded, values)
    files = {line.seq: of_entry(session, case_id, line) for line in history if line.step in BRINGING}
    return FullRecord(card, tuple(_acts(entries, history, records, known, files)), records)


def _record(row: Document, values: Values) -> Record:
    card = paper_card(row, values)
    return Record(**{field.name: getattr(card, field.name) for field in fields(card)}, signer_role=row.signer_role)


def _acts(
    entries: list[AuditEntry],
    history: list[HistoryLine],
    records: tuple[Record, ...],
    known: "_Known",
    files: Mapping[int, tuple[FileCard, ...]],
) -> Iterator[TakenStep]:
    """Yield each step with its records. The first step that touches a version is the one that wrote it."""
    unwritten = {(record.paper, record.version): record for record in records}
    for entry, line in zip(entries, history, strict=True):
        touched = tuple(
            Touched(Paper(bound["paper"]), bound["version"], PaperStatus(bound["status"]))
            for bound in line.data.get("papers", ())
        )
        wrote = (unwritten.pop((one.paper, one.version), None) for one in touched)
        written = tuple(record for record in wrote if record)
        yield TakenStep(line, touched, written, *known.at(entry), files.get(line.seq, ()))


class _Known:
    """Who the persons of a case were at the moment of each step.

    A person whose name an entry does not record has the one that the next later entry records; for a step of before the
    upgrade that is the name known at the upgrade. One whom no later entry names has the present name.
    """

    def __init__(
        self, session: Session, row: Case, history: list[HistoryLine], recorded: Iterable[AuditEntry], values: Values
    ) -> None:
        """`recorded` are the entries that may record identities, and `values` the personal values of the case."""
        mentioned = _mentioned(row, history)
        names = {person: person for person in mentioned} | people.names(session, mentioned)
        self._at: dict[int, tuple[dict[str, str], tuple[str, ...] | None]] = {}
        for entry in sorted(recorded, key=lambda one: one.seq, reverse=True):
            told = json.loads(entry.identities or "{}")
            names = names | resolved(told.get("names", {}), values)
            self._at[entry.seq] = names, tuple(told["roles"]) if "roles" in told else None

    def at(self, entry: AuditEntry) -> tuple[dict[str, str], tuple[str, ...] | None]:
        """Return the names by Slack id, and the roles of the person who acted; None where they were not recorded."""
        return self._at[entry.seq]


def _mentioned(row: Case, history: list[HistoryLine]) -> set[str]:
    """Return everybody who took a step, or is named in an answer, and the reporter."""
    found = {row.reporter_id}
    for line in history:
        found |= {line.person} if line.person else set()
        found |= everybody_named(line.step, line.data)
    return found
