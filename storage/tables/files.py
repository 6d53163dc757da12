"""Files that steps brought, and their contents where these are rows of the database."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Text
from sqlmodel import Field, SQLModel

from storage import vocabulary as v
from storage.columns import word


class CaseFile(SQLModel, table=True):
    """What became of one file that the entry `seq` of a case brought: a copy is kept, or there is none.

    `file_id` is its id in Slack and `link` its address there. A copy has `size` (bytes) and `sha256`, by which its
    content is found; without one, `reason` says why. A file that is still to be fetched is a row of the outbox.
    """

    __tablename__ = "case_files"
    case_id: int = Field(sa_column=Column(ForeignKey("cases.id"), primary_key=True))
    seq: int = Field(primary_key=True)
    file_id: str = Field(primary_key=True, max_length=32)
    name: str = Field(sa_type=Text)
    link: str = Field(default="", sa_type=Text)
    size: int | None = None
    sha256: str | None = Field(default=None, max_length=64, index=True)
    reason: v.NotKept | None = Field(default=None, sa_type=word(v.NotKept))


class FileContent(SQLModel, table=True):
    """The content of kept files where the database holds it; files of the same content share it."""

    __tablename__ = "file_contents"
    sha256: str = Field(primary_key=True, max_length=64)
    content: bytes = Field(sa_type=LargeBinary)
