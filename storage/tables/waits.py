"""Whom each open case waits for."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage import vocabulary as v
from storage.columns import Moment, word


class Wait(SQLModel, table=True):
    """One addressee of what waits: a person, or whoever holds a role today except one person.

    It follows from the case, the roles and the accounts of people (`bot.workflow.waiting`), and is written in every
    transaction that changes one of them. `due_at` is the deadline in force or else the end of the state's target.
    """

    __tablename__ = "waits"
    __table_args__ = (
        Index("ix_waits_person_id", "person_id", "due_at", "since", "case_id"),
        Index("ix_waits_role", "role", "due_at", "since", "case_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    bucket: v.Bucket = Field(sa_type=word(v.Bucket))
    person_id: str | None = Field(default=None, max_length=32)
    role: v.Role | None = Field(default=None, sa_type=word(v.Role))
    not_person: str | None = Field(default=None, max_length=32)
    since: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    urgent: bool = False
