"""The registers: our workspace, people and their roles, customers, products."""

from datetime import date, datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage import vocabulary as v
from storage.columns import Moment, word
from storage.vocabulary import comparable

#: What a name is compared by follows from it whenever a row is added. Names never change.
_OF_NAME = {"default": lambda context: comparable(context.get_current_parameters()["name"])}


class OwnWorkspace(SQLModel, table=True):
    """The workspace and the app that the bot's token belongs to, as last reported by Slack. It has one row."""

    __tablename__ = "own_workspace"
    id: int = Field(default=1, primary_key=True)
    team_id: str = Field(max_length=32)
    enterprise_id: str | None = Field(default=None, max_length=32)
    app_id: str | None = Field(default=None, max_length=32)
    checked_at: datetime = Field(sa_type=Moment)


class Person(SQLModel, table=True):
    """A person or bot, as last reported by Slack. `team_id` None: Slack has not reported their workspace yet."""

    __tablename__ = "people"
    id: str = Field(primary_key=True, max_length=32)
    name: str = ""
    locale: str | None = Field(default=None, max_length=16)
    zone: str | None = Field(default=None, max_length=64)
    dm_channel: str | None = Field(default=None, max_length=32)
    active: bool = True
    team_id: str | None = Field(default=None, max_length=32)
    enterprise_id: str | None = Field(default=None, max_length=32)
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    refreshed_at: datetime | None = Field(default=None, sa_type=Moment)


class RoleGrant(SQLModel, table=True):
    """A role of a person, its origin, and (for a deputy) the days on which it is held, both inclusive."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("person_id", "role", "origin", "first_day"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(index=True, max_length=32)
    role: v.Role = Field(sa_type=word(v.Role))
    origin: str = Field(max_length=40)
    first_day: date | None = None
    last_day: date | None = None


class Customer(SQLModel, table=True):
    """A customer under contract. `unconfirmed`: an outsider named it, so it is to be confirmed."""

    __tablename__ = "customers"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    compared_as: str = Field(default=None, sa_type=Text, index=True, sa_column_kwargs=_OF_NAME)
    unconfirmed: bool = False


class Product(SQLModel, table=True):
    """A product, whose name never changes. `default_days` is the default deadline of its faults in working days."""

    __tablename__ = "products"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    compared_as: str = Field(default=None, sa_type=Text, index=True, sa_column_kwargs=_OF_NAME)
    default_days: int | None = None
    unconfirmed: bool = False


class ProductVersion(SQLModel, table=True):
    """A version of a product."""

    __tablename__ = "product_versions"
    __table_args__ = (UniqueConstraint("product_id", "name"), Index(None, "product_id", "compared_as"))
    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="products.id")
    name: str = Field(max_length=200)
    compared_as: str = Field(default=None, sa_type=Text, sa_column_kwargs=_OF_NAME)
    unconfirmed: bool = False


class Module(SQLModel, table=True):
    """A module of a product."""

    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("product_id", "name"), Index(None, "product_id", "compared_as"))
    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="products.id")
    name: str = Field(max_length=200)
    compared_as: str = Field(default=None, sa_type=Text, sa_column_kwargs=_OF_NAME)
    unconfirmed: bool = False
