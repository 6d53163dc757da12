"""A case with its places, records and history."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage import vocabulary as v
from storage.columns import PERSONAL, Moment, word

#: The entries whose number for each person is limited. Few are, so the index costs the others nothing.
_OF_HELP = text(f"step = '{v.HistoryEvent.HELP_ASKED}'")


class Case(SQLModel, table=True):
    """The present state of a case. `version` counts its moves; `audit_*` hold the end of its history's hash chain.

    `deadline_at` is the deadline in force, agreed at `deadline_since`; `deadline_when_resolved` is the one that was in
    force at `resolved_at`.

    `undelivered` is the number of the entry whose words for the customer could not be delivered; `reached_at` is when
    such words, or newer ones, reached the customer after all, or an answer that had been under way for long.

    `settled`: the case has ended, and what it counts in the measures is stored in `facts`.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_state_id", "state", "id"),
        Index("ix_cases_reporter_id_reported_at", "reporter_id", "reported_at"),
        # Covers every column by which statistics select cases, so that the rows need not be read.
        Index(
            "ix_cases_statistics", "settled", "reported_at", "entered_at", "state", "customer_id", "product_id", "id"
        ),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    version: int = 1
    state: v.State = Field(sa_type=word(v.State))
    entered_at: datetime = Field(sa_type=Moment)
    kind: v.Kind | None = Field(default=None, sa_type=word(v.Kind))
    source: v.Source = Field(sa_type=word(v.Source))
    reporter_id: str = Field(max_length=32)
    reported_at: datetime = Field(sa_type=Moment)
    customer_id: int | None = Field(default=None, foreign_key="customers.id", index=True)
    contact: str = Field(default="", sa_column_kwargs={"info": PERSONAL})
    contact_way: str = Field(default="", sa_column_kwargs={"info": PERSONAL})
    product_id: int = Field(foreign_key="products.id", index=True)
    product_version: str = ""
    module: str | None = None
    summary: str
    description: str = Field(sa_type=Text)
    found_at: datetime = Field(sa_type=Moment)
    channel: v.Channel = Field(sa_type=word(v.Channel))
    suspected_urgency: v.Urgency | None = Field(default=None, sa_type=word(v.Urgency))
    attachments: str = Field(default="[]", sa_type=Text)
    origin_channel: str | None = Field(default=None, max_length=32)
    origin_ts: str | None = Field(default=None, max_length=32)
    symptom_kind: v.SymptomKind | None = Field(default=None, sa_type=word(v.SymptomKind))
    new_business: str | None = Field(default=None, sa_type=Text)
    severity: v.Severity | None = Field(default=None, sa_type=word(v.Severity))
    deadline_at: datetime | None = Field(default=None, sa_type=Moment)
    first_deadline_at: datetime | None = Field(default=None, sa_type=Moment)
    deadline_basis: v.Basis | None = Field(default=None, sa_type=word(v.Basis))
    deadline_since: datetime | None = Field(default=None, sa_type=Moment)
    deadline_when_resolved: datetime | None = Field(default=None, sa_type=Moment)
    moved_count: int = 0
    published_at: datetime | None = Field(default=None, sa_type=Moment)
    resolved_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    on_hold: bool = False
    hold_since: datetime | None = Field(default=None, sa_type=Moment)
    hold_until: datetime | None = Field(default=None, sa_type=Moment)
    in_discussion: bool = False
    negotiating: bool = False
    report_published: bool = False
    answer_round: int = 0
    test_round: int = 0
    reopen_count: int = 0
    sheet_drafter: str | None = Field(default=None, max_length=32)
    build: str | None = None
    build_modifier: str | None = Field(default=None, max_length=32)
    build_passed: bool = False
    target_version: str | None = None
    fixed_version: str | None = None
    earlier_state: v.State | None = Field(default=None, sa_type=word(v.State))
    master_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    undelivered: int | None = None
    reached_at: datetime | None = Field(default=None, sa_type=Moment)
    audit_count: int = 0
    audit_head: str = Field(default="", max_length=64)
    settled: bool = False


class CasePlace(SQLModel, table=True):
    """Who holds which place of a case."""

    __tablename__ = "case_places"
    case_id: int = Field(sa_column=Column(ForeignKey("cases.id"), primary_key=True))
    place: v.Place = Field(sa_column=Column(word(v.Place), primary_key=True))
    person_id: str = Field(primary_key=True, max_length=32, index=True)


class CaseAssigned(SQLModel, table=True):
    """Who has or had a place of a case, or is named on it by an answer. Rows are only added."""

    __tablename__ = "case_assigned"
    case_id: int = Field(sa_column=Column(ForeignKey("cases.id"), primary_key=True))
    person_id: str = Field(primary_key=True, max_length=32, index=True)


class DeadlineChange(SQLModel, table=True):
    """What measures judge a case by from one history entry on, in the order of `seq`.

    `deadline_at` is the deadline in force, or for a resolved case the one that was in force when it was resolved.
    `may_stop`: the case is on a hold that stops the clock, if the company's holds do so.
    """

    __tablename__ = "deadline_changes"
    case_id: int = Field(sa_column=Column(ForeignKey("cases.id"), primary_key=True))
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    deadline_at: datetime | None = Field(default=None, sa_type=Moment)
    may_stop: bool = False


class Document(SQLModel, table=True):
    """One version of one record of a case. Its content never changes, nor does its signature once it is signed.

    `author_name` is the author's name when the version was written, as far as it was known; that of a person without a
    role is a reference to a personal value, as text.
    """

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("case_id", "paper", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    paper: v.Paper = Field(sa_type=word(v.Paper))
    version: int
    status: v.PaperStatus = Field(sa_type=word(v.PaperStatus))
    content: str = Field(sa_type=Text)
    content_hash: str = Field(max_length=64)
    author_id: str = Field(max_length=32)
    author_name: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    signer_id: str | None = Field(default=None, max_length=32)
    signer_role: str | None = Field(default=None, max_length=40)
    signed_at: datetime | None = Field(default=None, sa_type=Moment)
    signature: str | None = Field(default=None, max_length=64)


class AuditEntry(SQLModel, table=True):
    """One step of one case, or a `HistoryEvent`. Append-only; each entry's hash covers the previous entry.

    `changes` is what it changed of the case (`storage.replay`), and `identities` who its persons were at that moment:
    their names by Slack id, and the roles of the one who acted. Both are None in entries of versions that recorded
    neither.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("case_id", "seq"),
        Index("ix_audit_entries_help", "person_id", "at", sqlite_where=_OF_HELP, postgresql_where=_OF_HELP),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    seq: int
    at: datetime = Field(sa_type=Moment)
    person_id: str = Field(max_length=32)
    step: str = Field(max_length=32)
    from_state: str | None = Field(default=None, max_length=32)
    to_state: str = Field(max_length=32)
    data: str = Field(sa_type=Text)
    changes: str | None = Field(default=None, sa_type=Text)
    identities: str | None = Field(default=None, sa_type=Text)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Personal(SQLModel, table=True):
    """A value about a person outside the center, which can be erased because history and records hold only `hash`.

    These are contacts, ways to reach them, who agreed a deadline, and names of persons without a role. `hash` covers
    `salt` and `value` (`storage.personal`).
    """

    __tablename__ = "personal"
    case_id: int = Field(sa_column=Column(ForeignKey("cases.id"), primary_key=True))
    hash: str = Field(primary_key=True, max_length=64)
    salt: str = Field(max_length=32)
    value: str = Field(sa_type=Text)
