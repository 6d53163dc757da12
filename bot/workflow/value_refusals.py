"""Every reason for which the text of a setting is wrong. As in `refusals`, people read the docstrings."""

from dataclasses import dataclass
from enum import StrEnum

from bot.workflow.refusal import Refusal


class TimeUnit(StrEnum):
    """The unit in which a setting gives a span of time."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True)
class NotPersonOrGroup(Refusal):
    """“%(text)s” is not a Slack user id (U… or W…) or user-group id (S…)."""

    text: str


@dataclass(frozen=True)
class NotPerson(Refusal):
    """“%(text)s” is not a Slack user id (U… or W…)."""

    text: str


@dataclass(frozen=True)
class NotChannel(Refusal):
    """“%(text)s” is not a Slack channel id (C… or G…)."""

    text: str


@dataclass(frozen=True)
class NotPrefix(Refusal):
    """“%(text)s” is not of letters, digits, dots and dashes, at most 40."""

    text: str


@dataclass(frozen=True)
class NotCountry(Refusal):
    """“%(text)s” is not the two-letter code of a country with known public holidays."""

    text: str


@dataclass(frozen=True)
class NotLanguage(Refusal):
    """“%(text)s” is not a language that Faultdesk speaks: en or zh-CN."""

    text: str


@dataclass(frozen=True)
class NotTimeZone(Refusal):
    """“%(text)s” is not a known time zone."""

    text: str


@dataclass(frozen=True)
class NotYesOrNo(Refusal):
    """“%(text)s” is neither true nor false."""

    text: str


@dataclass(frozen=True)
class NotWholeNumber(Refusal):
    """“%(text)s” is not a whole number from %(least)s to %(most)s."""

    text: str
    least: int
    most: int


@dataclass(frozen=True)
class NotWholeNumberOrNone(Refusal):
    """“%(text)s” is not a whole number from %(least)s to %(most)s, or none."""

    text: str
    least: int
    most: int


@dataclass(frozen=True)
class NotSpan(Refusal):
    """“%(text)s” is not a number of %(unit)s."""

    text: str
    unit: TimeUnit


@dataclass(frozen=True)
class SpanOutOfRange(Refusal):
    """It must be more than 0 and at most %(most)s %(unit)s."""

    most: int
    unit: TimeUnit


@dataclass(frozen=True)
class SpanOrZeroOutOfRange(Refusal):
    """It must be at least 0 and at most %(most)s %(unit)s."""

    most: int
    unit: TimeUnit


@dataclass(frozen=True)
class NotFileEnding(Refusal):
    """“%(text)s” is not the ending of a file name."""

    text: str


@dataclass(frozen=True)
class NotDeputy(Refusal):
    """“%(text)s” is not role:person:first day:last day."""

    text: str


@dataclass(frozen=True)
class EndsBeforeItBegins(Refusal):
    """“%(text)s” ends before it begins."""

    text: str


@dataclass(frozen=True)
class NoHours(Refusal):
    """There are no working hours in it."""


@dataclass(frozen=True)
class NotTimes(Refusal):
    """“%(text)s” is not a range of times such as 09:00-18:00."""

    text: str


@dataclass(frozen=True)
class BeyondMidnight(Refusal):
    """“%(text)s” goes beyond 24:00."""

    text: str


@dataclass(frozen=True)
class NotWithinDay(Refusal):
    """“%(text)s” does not end after it begins; a night is written 00:00-06:00,22:00-24:00."""

    text: str


@dataclass(frozen=True)
class OverlappingHours(Refusal):
    """“%(text)s” has overlapping hours."""

    text: str


@dataclass(frozen=True)
class NoWeekdays(Refusal):
    """There is no day of the week in it."""


@dataclass(frozen=True)
class NotWeekdays(Refusal):
    """“%(text)s” is neither a day (%(days)s) nor a range of days such as mon-fri."""

    text: str
    days: str


@dataclass(frozen=True)
class NotDays(Refusal):
    """“%(text)s” is neither a day nor first day:last day."""

    text: str


@dataclass(frozen=True)
class LongerThanYear(Refusal):
    """“%(text)s” is longer than a year."""

    text: str


@dataclass(frozen=True)
class DayOffAsWell(Refusal):
    """%(day)s is an extra holiday (FAULT_EXTRA_HOLIDAYS) as well."""

    day: str


@dataclass(frozen=True)
class NotState(Refusal):
    """“%(text)s” is not one of %(states)s."""

    text: str
    states: str


@dataclass(frozen=True)
class NotTarget(Refusal):
    """“%(text)s” is neither hours (4h) nor working days (3d) nor none."""

    text: str
