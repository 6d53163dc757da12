"""The channels that got another id."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import Moment


class ChannelMove(SQLModel, table=True):
    """The present id of a channel to which Slack gave another one (slack-2026.md §3).

    What is stored of a channel keeps the id of its time, and is addressed by the present one.
    """

    __tablename__ = "channel_moves"
    old_id: str = Field(primary_key=True, max_length=32)
    new_id: str = Field(max_length=32)
    at: datetime = Field(sa_type=Moment)
