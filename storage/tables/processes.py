"""The running processes, and what reaches them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import Moment


class Heartbeat(SQLModel, table=True):
    """The last sign of life of a process, by the clock of the database.

    `works`: the process delivers messages and sends reminders.
    """

    __tablename__ = "heartbeats"
    sender: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    works: bool
    at: datetime = Field(sa_type=Moment)


class SeenEvent(SQLModel, table=True):
    """When an event of this kind last came, to the minute. The kind is that of a subscription, such as `message.im`."""

    __tablename__ = "seen_events"
    kind: str = Field(primary_key=True, max_length=80)
    at: datetime = Field(sa_type=Moment)
