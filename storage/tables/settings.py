"""The settings of the company that have another value than their default."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class StoredSetting(SQLModel, table=True):
    """A setting by the name of its variable, with the text that the variable would have.

    `fixed`: the environment sets it, so that nobody can change it in Slack. The history of the desk tells every change.
    """

    __tablename__ = "settings"
    name: str = Field(primary_key=True, max_length=64)
    value: str = Field(sa_type=Text)
    fixed: bool = False
