"""Column types: aware moments in UTC, and vocabulary codes stored as plain strings."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator

#: Marks a column whose value histories hold only as a hash (`storage.personal`).
PERSONAL = {"personal": True}
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored and read in UTC, also where the database has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert for the database. Raises `ValueError` for a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert from the database, to UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Instant(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970, which takes a third of the space of a `Moment` on SQLite."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Convert for the database. Raises `TypeError` for a moment without a time zone."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Convert from the database, to UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND


def microseconds(moment: datetime) -> int:
    """Return an aware moment as an `Instant` stores it."""
    return (moment - _EPOCH) // _MICROSECOND


def word(words: type[StrEnum]) -> Enum:
    """Return a column type that stores a word of the vocabulary as its code."""

    def codes(enum: Any) -> list[str]:
        return [member.value for member in enum]

    return Enum(words, native_enum=False, values_callable=codes, length=32, validate_strings=True)


@cache
def writer(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """Return what turns a value of the column into one of the driver, for statements that know no types."""
    return column.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
