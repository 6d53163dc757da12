"""Messages to and from Slack: reminders, the outbox, posted messages, and requests that were processed."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage import vocabulary as v
from storage.columns import Moment, word


class Reminder(SQLModel, table=True):
    """A reminder that is planned, sent or stopped: one row per (case, rule, occurrence).

    Of a repeating rule, occurrences that were missed are one row: the last one is due at `due_at`, the first one at
    `first_due_at`, and together they are `stands_for`.
    """

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
    first_due_at: datetime | None = Field(default=None, sa_type=Moment)
    stands_for: int = 1
    state: v.ReminderState = Field(default=v.ReminderState.WAITING, sa_type=word(v.ReminderState))
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    about_id: int | None = Field(default=None, foreign_key="reminders.id", index=True)
    acknowledged_by: str | None = Field(default=None, max_length=32)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)


class Outgoing(SQLModel, table=True):
    """A message to Slack, written in the transaction of the step that causes it and sent after the commit.

    Rows of one `lane` (one target of one case) are sent in the order of their ids. Lanes with `urgent` rows come first,
    then the `turn` counts (`storage.turns`). `caused_by` is the person who caused the message, empty for the bot.
    At most one row of a `topic` waits at a time. `lease` counts how often the row was claimed. `uncertain_since` is
    when the last call began that Slack may have taken without confirming it (shared time), or when its sender was lost.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_due_at", "state", "due_at"),
        Index("ix_outbox_state_urgent_turn_id", "state", "urgent", "turn", "id"),
        Index("ix_outbox_state_target_turn", "state", "target", "turn"),
        Index("ix_outbox_state_target_caused_by_turn", "state", "target", "caused_by", "turn"),
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
    caused_by: str = Field(default="", max_length=32)
    turn: int = Field(default=0, sa_type=BigInteger)
    attempts: int = 0
    created_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    leased_by: int | None = None
    lease: int = 0
    uncertain_since: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    error: str | None = None


class Posted(SQLModel, table=True):
    """A message posted in Slack that later steps edit: card, task, reminder, discussion."""

    __tablename__ = "posted"
    __table_args__ = (Index("ix_posted_case_id_view_about", "case_id", "view", "about"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    view: str = Field(max_length=32)
    channel: str = Field(max_length=32)
    ts: str = Field(max_length=32)
    person_id: str | None = Field(default=None, max_length=32)
    #: The id of what the message is about, for example of the reminder.
    about: int | None = None
    arguments: str = Field(default="{}", sa_type=Text)
    settled: bool = False


class SeenDelivery(SQLModel, table=True):
    """The id of a Slack request, written in the same transaction as its effect.

    Of a submitted form also the hash of its `content`, and the case that it made.
    """

    __tablename__ = "seen_deliveries"
    key: str = Field(primary_key=True, max_length=120)
    at: datetime = Field(sa_type=Moment, index=True)
    content: str | None = Field(default=None, max_length=64)
    case_id: int | None = None


class Draft(SQLModel, table=True):
    """What a person typed into a form that was not saved: `answers` as JSON, for this person alone.

    `form` is the callback id, which is the code of the step. `case_id` None means the form of a new report.
    """

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_person_id_case_id", "person_id", "case_id"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(max_length=32)
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    form: str = Field(max_length=32)
    answers: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment, index=True)
