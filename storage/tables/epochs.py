"""The epochs of the database, which end with each restore."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import Moment


class Epoch(SQLModel, table=True):
    """The time from one restore of the database to the next; the first one lasts from its beginning.

    `code` is random, so that no two databases have an epoch in common. `last_case` is the last case that was restored
    (0: none) and `first_case` the first that can be reported since: no number between them was ever given in this
    database. `files_code` is what the marker of the folder of files says in this epoch; None: no process has one yet.
    `desk_channel` is the service-desk channel into which the cards of open cases moved last. Open cases follow the
    roles of the day of `roles_at`; None: no process has run yet. `settings_version` is the hash of the entry of the
    history of the desk that changed a setting last; empty: none did. `manifest` is the digest of the app manifest of
    the process that started last, and `manifest_since` the first start with it.
    """

    __tablename__ = "epochs"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    code: str = Field(max_length=16)
    begun_at: datetime | None = Field(default=None, sa_type=Moment)
    last_case: int = 0
    first_case: int = 1
    files_code: str | None = Field(default=None, max_length=16)
    desk_channel: str | None = Field(default=None, max_length=32)
    roles_at: datetime | None = Field(default=None, sa_type=Moment)
    settings_version: str = Field(default="", max_length=64)
    manifest: str | None = Field(default=None, max_length=64)
    manifest_since: datetime | None = Field(default=None, sa_type=Moment)
