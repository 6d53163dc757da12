"""The tables. Constraints, no behavior: what may be written is decided in `bot.workflow`.

Persons are Slack user ids. Moments are aware, in UTC. JSON is kept as canonical text, so that hashes are stable.
"""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage import vocabulary as v
from storage.columns import Moment, word

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
METADATA: MetaData = SQLModel.metadata


class Person(SQLModel, table=True):
    """Somebody in the workspace, as last heard from Slack."""

    __tablename__ = "people"
    id: str = Field(primary_key=True, max_length=32)
    name: str = ""
    locale: str | None = Field(default=None, max_length=16)
    zone: str | None = Field(default=None, max_length=64)
    dm_channel: str | None = Field(default=None, max_length=32)
    active: bool = True
    refreshed_at: datetime | None = Field(default=None, sa_type=Moment)


class RoleGrant(SQLModel, table=True):
    """A role somebody holds, from where, and (for a deputy) on which days, both inclusive."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("person_id", "role", "origin", "first_day"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(index=True, max_length=32)
    role: v.Role = Field(sa_type=word(v.Role))
    origin: str = Field(max_length=40)
    first_day: date | None = None
    last_day: date | None = None


class Customer(SQLModel, table=True):
    """A customer under contract."""

    __tablename__ = "customers"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)


class Product(SQLModel, table=True):
    """A product; `default_days` is the deadline of faults without a promise."""

    __tablename__ = "products"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    default_days: int | None = None


class ProductVersion(SQLModel, table=True):
    """A version of a product."""

    __tablename__ = "product_versions"
    __table_args__ = (UniqueConstraint("product_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="products.id")
    name: str = Field(max_length=200)


class Module(SQLModel, table=True):
    """A module of a product."""

    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("product_id", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="products.id")
    name: str = Field(max_length=200)


class Case(SQLModel, table=True):
    """A case as it stands. `version` counts its moves; `audit_*` close the chain of its history."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_state_reported_at", "state", "reported_at"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    version: int = 1
    state: v.State = Field(sa_type=word(v.State))
    entered_at: datetime = Field(sa_type=Moment)
    kind: v.Kind | None = Field(default=None, sa_type=word(v.Kind))
    source: v.Source = Field(sa_type=word(v.Source))
    reporter_id: str = Field(index=True, max_length=32)
    reported_at: datetime = Field(sa_type=Moment)
    customer_id: int | None = Field(default=None, foreign_key="customers.id", index=True)
    contact: str = ""
    contact_way: str = ""
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
    audit_count: int = 0
    audit_head: str = Field(default="", max_length=64)


class CasePlace(SQLModel, table=True):
    """Who stands at which place of a case."""

    __tablename__ = "case_places"
    case_id: int = Field(sa_column=Column(ForeignKey("cases.id"), primary_key=True))
    place: v.Place = Field(sa_column=Column(word(v.Place), primary_key=True))
    person_id: str = Field(primary_key=True, max_length=32, index=True)


class Document(SQLModel, table=True):
    """One version of one record of a case. Its content never changes; what a signature binds never changes."""

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
    created_at: datetime = Field(sa_type=Moment)
    signer_id: str | None = Field(default=None, max_length=32)
    signer_role: str | None = Field(default=None, max_length=40)
    signed_at: datetime | None = Field(default=None, sa_type=Moment)
    signature: str | None = Field(default=None, max_length=64)


class AuditEntry(SQLModel, table=True):
    """One step of one case. Append-only; each entry's hash covers the one before it."""

    __tablename__ = "audit_entries"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    seq: int
    at: datetime = Field(sa_type=Moment)
    person_id: str = Field(max_length=32)
    step: str = Field(max_length=32)
    from_state: str | None = Field(default=None, max_length=32)
    to_state: str = Field(max_length=32)
    data: str = Field(sa_type=Text)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Reminder(SQLModel, table=True):
    """A reminder to come or sent: one row for each (case, rule, occurrence)."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("case_id", "rule", "occurrence"),
        Index("ix_reminders_state_due_at", "state", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    rule: v.Rule = Field(sa_type=word(v.Rule))
    occurrence: int
    share: int | None = None
    due_at: datetime = Field(sa_type=Moment)
    state: v.ReminderState = Field(default=v.ReminderState.WAITING, sa_type=word(v.ReminderState))
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    about_id: int | None = Field(default=None, foreign_key="reminders.id", index=True)
    acknowledged_by: str | None = Field(default=None, max_length=32)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)


class Outgoing(SQLModel, table=True):
    """A message to Slack, written with the step that causes it and sent after the commit.

    Rows of one `lane` (one destination of one case) are sent in the order of their ids.
    `topic` coalesces: at most one waiting row of a topic.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_due_at", "state", "due_at"),
        Index("ix_outbox_state_urgent_id", "state", "urgent", "id"),
        Index("ix_outbox_lane_state", "lane", "state"),
        Index("ix_outbox_topic_state", "topic", "state"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    lane: str = Field(max_length=80)
    topic: str | None = Field(default=None, max_length=80)
    view: str = Field(max_length=32)
    target: str = Field(sa_type=Text)
    arguments: str = Field(default="{}", sa_type=Text)
    state: v.OutboxState = Field(default=v.OutboxState.WAITING, sa_type=word(v.OutboxState))
    urgent: bool = False
    attempts: int = 0
    created_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    leased_by: int | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    error: str | None = None


class Posted(SQLModel, table=True):
    """A message that stands in Slack and that later steps edit: card, task, reminder, discussion."""

    __tablename__ = "posted"
    __table_args__ = (Index("ix_posted_case_id_view_about", "case_id", "view", "about"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    view: str = Field(max_length=32)
    channel: str = Field(max_length=32)
    ts: str = Field(max_length=32)
    person_id: str | None = Field(default=None, max_length=32)
    #: What the message is about, e.g. the reminder's id.
    about: int | None = None
    arguments: str = Field(default="{}", sa_type=Text)
    settled: bool = False


class SeenDelivery(SQLModel, table=True):
    """The identity of a Slack request whose effect is written in the same transaction."""

    __tablename__ = "seen_deliveries"
    key: str = Field(primary_key=True, max_length=120)
    at: datetime = Field(sa_type=Moment, index=True)


class Report(SQLModel, table=True):
    """A version of the statistics of days, both included. What was drawn up stays, and once issued everything."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("first_day", "last_day", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    first_day: date
    last_day: date
    version: int
    content: str = Field(sa_type=Text)
    content_hash: str = Field(max_length=64)
    comment: str | None = Field(default=None, sa_type=Text)
    issued_by: str | None = Field(default=None, max_length=32)
    issued_at: datetime | None = Field(default=None, sa_type=Moment)
    signature: str | None = Field(default=None, max_length=64)


class ReportCopy(SQLModel, table=True):
    """A direct message that stands in Slack and shows the newest version of a report's period."""

    __tablename__ = "report_copies"
    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="reports.id", index=True)
    person_id: str = Field(max_length=32)
    channel: str = Field(max_length=32)
    ts: str = Field(max_length=32)
