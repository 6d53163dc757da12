"""The statistics reports."""

from datetime import date, datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Moment


class Report(SQLModel, table=True):
    """A version of the statistics of a period of days, both included.

    Its figures never change; once it is issued, neither do comment and signature. `issuer_name` is the issuer's name at
    that moment, which the signature covers. For reports that were issued before names were signed,
    `issuer_name_at_upgrade` is the name that was known when the database was upgraded.
    """

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
    issuer_name: str | None = None
    issuer_name_at_upgrade: str | None = None
    issued_at: datetime | None = Field(default=None, sa_type=Moment)
    signature: str | None = Field(default=None, max_length=64)


class ReportCopy(SQLModel, table=True):
    """A direct message posted in Slack that shows the newest version of a report's period."""

    __tablename__ = "report_copies"
    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="reports.id", index=True)
    person_id: str = Field(max_length=32)
    channel: str = Field(max_length=32)
    ts: str = Field(max_length=32)
