"""What proves the records as a whole: the history of the desk, the checkpoints, and signatures by the desk's key."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from storage import vocabulary as v
from storage.columns import Moment, word


class DeskEntry(SQLModel, table=True):
    """One event that belongs to no case. Append-only; each entry's hash covers the previous entry."""

    __tablename__ = "desk_entries"
    __table_args__ = (Index("ix_desk_entries_person_id_at", "person_id", "at"),)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    #: The Slack id of who caused it; empty for a command at the command line.
    person_id: str = Field(default="", max_length=32)
    event: v.DeskEvent = Field(sa_type=word(v.DeskEvent))
    data: str = Field(sa_type=Text)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Checkpoint(SQLModel, table=True):
    """A numbered list of the subjects that changed since the checkpoint before. Append-only.

    `root` covers the number, the moment, the key, the previous root and the list. `key` is the fingerprint of the key
    that signed it; None if it is unsigned.
    """

    __tablename__ = "checkpoints"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    key: str | None = Field(default=None, max_length=64)
    previous_root: str = Field(max_length=64)
    root: str = Field(max_length=64)


class CheckpointSubject(SQLModel, table=True):
    """A subject in the list of a checkpoint: how many entries it had then, and the hash of the last. Append-only.

    `subject` is the id of a case or of a version of a report, 0 for the desk. It refers to no row, because it must
    outlast the row. The key begins with the subject, by which it is queried.
    """

    __tablename__ = "checkpoint_subjects"
    kind: v.SubjectKind = Field(primary_key=True, sa_type=word(v.SubjectKind))
    subject: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    checkpoint: int = Field(primary_key=True, index=True, sa_column_kwargs={"autoincrement": False})
    entries: int
    head: str = Field(max_length=64)


class KeySignature(SQLModel, table=True):
    """A signature, by a key that is kept outside the database, of what `kind` and `digest` name. Append-only."""

    __tablename__ = "key_signatures"
    kind: v.SignedKind = Field(primary_key=True, sa_type=word(v.SignedKind))
    digest: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=64)
    signature: str = Field(max_length=128)
