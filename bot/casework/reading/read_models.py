"""Read models: what screens and documents show of a case. Frozen and independent of the database session."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from bot.casework.steps.waits import addressees_of
from bot.workflow.context import Policy
from bot.workflow.lateness import on_time, overdue
from bot.workflow.waiting import Addressee
from storage import cases, documents
from storage import vocabulary as v
from storage.cases import Names
from storage.personal import Values, resolved, values_of
from storage.tables import AuditEntry, Case, Document, Reminder


@dataclass(frozen=True, slots=True)
class PaperCard:
    """One version of one record. `content` is the form's answers as plain JSON data.

    `author` None stands for a person whom the reader may not know.
    """

    paper: v.Paper
    version: int
    status: v.PaperStatus
    content: dict[str, Any]
    content_hash: str
    author: str | None
    created_at: datetime
    signer: str | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of the history: a step that was taken. `data` are its answers as plain JSON data.

    `person` None stands for a person whom the reader may not know.
    """

    seq: int
    at: datetime
    person: str | None
    step: v.Step
    from_state: v.State | None
    to_state: v.State
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A case as people see it. Persons are Slack user ids; moments are aware UTC."""

    id: int
    version: int
    state: v.State
    kind: v.Kind | None
    source: v.Source
    reporter: str
    reported_at: datetime
    customer: str | None
    contact: str
    contact_way: str
    product: str
    product_version: str
    module: str | None
    summary: str
    description: str
    found_at: datetime
    channel: v.Channel
    suspected_urgency: v.Urgency | None
    attachments: tuple[dict[str, str], ...]
    symptom_kind: v.SymptomKind | None
    new_business: str | None
    severity: v.Severity | None
    deadline_at: datetime | None
    first_deadline_at: datetime | None
    deadline_basis: v.Basis | None
    moved_count: int
    resolved_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    #: Whether the deadline is kept: None while it lies ahead, and without a deadline.
    on_time: bool | None
    on_hold: bool
    hold_until: datetime | None
    in_discussion: bool
    negotiating: bool
    answer_round: int
    test_round: int
    reopen_count: int
    build: str | None
    target_version: str | None
    fixed_version: str | None
    master: str | None
    #: The state of the case that this one is merged into.
    master_state: v.State | None
    places: dict[v.Place, tuple[str, ...]]
    #: The newest version of each record, in order of creation.
    papers: tuple[PaperCard, ...]
    #: The newest entry of the history; None for readers who may not read the history.
    last: HistoryLine | None
    #: The codes of the report's fields whose names an outsider typed, so that they are to be confirmed.
    unconfirmed: tuple[str, ...] = ()
    #: Whom the case waits for.
    waits_for: tuple[Addressee, ...] = ()
    #: The number of the entry whose words for the customer could not be delivered.
    undelivered: int | None = None

    @property
    def number(self) -> str:
        """The case number that people see."""
        return f"F-{self.id}"

    def paper(self, paper: v.Paper) -> PaperCard | None:
        """Return the newest version of one record; None if there is none."""
        return next((card for card in self.papers if card.paper is paper), None)

    @property
    def default_since(self) -> datetime:
        """Since when the default deadline was counted: the report, or the publication after a reopening."""
        record = self.paper(v.Paper.FAULT_RECORD)
        since = record.content.get("default_since") if record else None
        return datetime.fromisoformat(since) if since else self.reported_at

    @property
    def is_extended(self) -> bool:
        """Whether a hold has moved the deadline since it was recorded."""
        record = self.paper(v.Paper.FAULT_RECORD)
        recorded = record.content.get("deadline_at") if record else None
        return recorded is not None and self.deadline_at != datetime.fromisoformat(recorded)

    @property
    def default_days(self) -> int | None:
        """The working days of the default deadline when it was computed; None for any other deadline."""
        record = self.paper(v.Paper.FAULT_RECORD)
        return record.content.get("default_days") if record and self.deadline_basis is v.Basis.DEFAULT else None

    @property
    def sheet(self) -> PaperCard | None:
        """The newest task sheet, of a fault or a requirement."""
        sheets = [card for card in self.papers if card.paper in v.SHEETS]
        return max(sheets, key=lambda card: card.created_at, default=None)


class Titled(Protocol):
    """What names a case in each message about it."""

    @property
    def number(self) -> str:
        """The case number that people see."""

    @property
    def summary(self) -> str:
        """The summary of the report."""


@dataclass(frozen=True, slots=True)
class CaseTitle:
    """The number and the summary of a case, for messages that show no more of it."""

    number: str
    summary: str


@dataclass(frozen=True, slots=True)
class ReminderCard:
    """A reminder as its readers see it. It stands for as many occurrences, due from `first_due_at` to `due_at`."""

    id: int
    rule: v.Rule
    share: int | None
    first_due_at: datetime
    due_at: datetime
    stands_for: int
    late: bool
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    #: For a waiting reminder: since when the case waits, and the working hours after which this was due.
    waited: tuple[datetime, float] | None = None
    #: Whether an urgent report goes to the center manager, because those who may triage have not reacted.
    escalated: bool = False


def load_card(session: Session, case_id: int, policy: Policy, now: datetime) -> CaseCard:
    """Return the card of a case. Raises `KeyError` if there is no such case."""
    found = cases.find_named(session, case_id)
    if found is None:
        raise KeyError(case_id)
    return card_of(session, found.row, found.names, cases.places(session, case_id), policy, now)


def card_of(
    session: Session,
    row: Case,
    names: Names,
    places: Mapping[v.Place, frozenset[str]],
    policy: Policy,
    now: datetime,
) -> CaseCard:
    """Return the card of a case row that belongs to the session, whose names and holders of places are known."""
    assert row.id is not None
    last = cases.last_entry(session, row.id)
    papers = documents.newest(session, row.id)
    values = values_of(session, row.id, last.data, *(document.content for document in papers))
    shared = {name: getattr(row, name) for name in _SHARED}
    return CaseCard(
        **shared,
        id=row.id,
        reporter=row.reporter_id,
        customer=names.customer,
        product=names.product,
        attachments=tuple(json.loads(row.attachments)),
        overdue=overdue(row, policy, now),
        on_time=on_time(row, policy, now),
        master=f"F-{row.master_id}" if row.master_id else None,
        master_state=cases.get(session, row.master_id).state if row.master_id else None,
        places={place: tuple(sorted(people)) for place, people in places.items()},
        papers=tuple(paper_card(document, values) for document in papers),
        last=history_line(last, values),
        unconfirmed=names.unconfirmed,
        waits_for=addressees_of(session, [row.id]).get(row.id, ()),
    )


_SHARED = (
    *("version", "state", "kind", "source", "reported_at", "contact", "contact_way", "product_version"),
    *("module", "summary", "description", "found_at", "channel", "suspected_urgency", "symptom_kind"),
    *("new_business", "severity", "deadline_at", "first_deadline_at", "deadline_basis", "moved_count"),
    *("resolved_at", "closed_at", "on_hold", "hold_until", "in_discussion", "negotiating", "answer_round"),
    *("test_round", "reopen_count", "build", "target_version", "fixed_version", "undelivered"),
)


def paper_card(row: Document, values: Values) -> PaperCard:
    """Return the read model of a version of a record. `values` are the personal values of its case."""
    return PaperCard(
        row.paper,
        row.version,
        row.status,
        resolved(json.loads(row.content), values),
        row.content_hash,
        row.author_id,
        row.created_at,
        row.signer_id,
        row.signed_at,
    )


def history_line(row: AuditEntry, values: Values) -> HistoryLine:
    """Return the read model of a step in the history. `values` are the personal values of its case."""
    return HistoryLine(
        row.seq,
        row.at,
        row.person_id,
        v.Step(row.step),
        v.State(row.from_state) if row.from_state else None,
        v.State(row.to_state),
        resolved(json.loads(row.data), values),
    )


def line_of(session: Session, row: AuditEntry) -> HistoryLine:
    """Return the read model of one step in the history of a case."""
    return history_line(row, values_of(session, row.case_id, row.data))


def reminder_card(row: Reminder, said: Mapping[str, Any]) -> ReminderCard:
    """Return the read model of a reminder. `said` are the arguments of its message (see `remind`)."""
    assert row.id is not None
    when = (row.first_due_at or row.due_at, row.due_at, row.stands_for)
    waited = (datetime.fromisoformat(said["since"]), said["hours"]) if "since" in said else None
    answered = (row.acknowledged_by, row.acknowledged_at)
    escalated = bool(said.get("escalated"))
    return ReminderCard(row.id, row.rule, row.share, *when, said["late"], *answered, waited, escalated)
