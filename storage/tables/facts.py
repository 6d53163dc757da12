"""What ended cases count in the measures, stored so that their histories need not be read again."""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Instant


class FactKind(SQLModel, table=True):
    """A measure and its part; `part` is empty where the measure has none."""

    __tablename__ = "fact_kinds"
    __table_args__ = (UniqueConstraint("measure", "part"),)
    id: int | None = Field(default=None, primary_key=True)
    measure: str = Field(max_length=8)
    part: str = ""


class Fact(SQLModel, table=True):
    """One thing that a settled case counts (see `storage.statistics.fact`); `number` distinguishes those of a case.

    The key begins with the columns that queries select by, and the row holds every other column that they need: a case
    has some twenty facts, and those of a year are read at once. Facts are derived and written in one place, so foreign
    keys are not checked for each.
    """

    __tablename__ = "facts"
    __table_args__ = {"sqlite_with_rowid": False}
    kind_id: int = Field(primary_key=True)
    reported_at: datetime = Field(primary_key=True, sa_type=Instant)
    case_id: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    ended_at: datetime = Field(sa_type=Instant)
    customer_id: int | None = None
    product_id: int
    amount: float
    counted: int
    based: int


class DailySum(SQLModel, table=True):
    """What the settled cases that were reported on one day count together: those of a customer, of a product, of both.

    The number 0 stands for every customer or product. `day` is one of UTC, in days since 1970; `ended_at` is when the
    last of these cases ended. `sums` is JSON (see `storage.statistics.daily_sums`). The key begins with what queries
    select by, so that they read the days of a period in one range.
    """

    __tablename__ = "daily_sums"
    customer_id: int = Field(primary_key=True)
    product_id: int = Field(primary_key=True)
    day: int = Field(primary_key=True, index=True)
    ended_at: datetime = Field(sa_type=Instant)
    sums: str = Field(sa_type=Text)


class ChangedDay(SQLModel, table=True):
    """Marks a day whose facts were changed, until it is summed up anew. Marks are only added, so no writer waits."""

    __tablename__ = "changed_days"
    id: int | None = Field(default=None, primary_key=True)
    day: int = Field(index=True)
