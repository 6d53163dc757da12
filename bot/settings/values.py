"""Parses the values of settings, one parser for each kind. Its `WrongText` says what is wrong with a value."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.workflow import value_refusals as no
from bot.workflow.calendar import Part
from bot.workflow.refusal import Refusal
from bot.workflow.targets import DEFAULT_TARGETS, Target
from bot.workflow.value_refusals import TimeUnit
from storage.vocabulary import Role, State

_LONGEST = timedelta(days=3660)
_LOCALES = {"en": "en", "zh": "zh-CN", "zh-cn": "zh-CN"}
_YES, _NO = frozenset({"true", "t", "yes", "y", "on", "1"}), frozenset({"false", "f", "no", "n", "off", "0"})
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(\d{4}-\d\d-\d\d)"
_TIME = r"(\d?\d):([0-5]\d)"


class WrongText(ValueError):
    """The text of a setting is wrong. The refusal says why in every language, the error itself in English."""

    def __init__(self, refusal: Refusal) -> None:
        said = (refusal.sentence() % refusal.words()).removesuffix(".")
        super().__init__(said.encode(errors="backslashreplace").decode())  # pydantic refuses unpaired surrogates
        self.refusal = refusal


class Deputy(BaseModel):
    """A deputy for a role from the first to the last day, both included, in the company's time zone."""

    model_config = ConfigDict(frozen=True)

    role: Role
    person: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `role:person:first day:last day`. Raises `WrongText`."""
        parts = re.fullmatch(rf"({'|'.join(Role)}):([UW][A-Z0-9]{{2,}}):{_DAY}:{_DAY}", text)
        if not parts:
            raise WrongText(no.NotDeputy(text))
        first, last = _first_and_last(parts[3], parts[4], text)
        return cls(role=Role(parts[1]), person=parts[2], first=first, last=last)

    def covers(self, day: date) -> bool:
        """Return whether the deputy acts on that day of the company's time zone."""
        return self.first <= day <= self.last


def _matching(pattern: str, otherwise: Callable[[str], Refusal]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise WrongText(otherwise(text))
        return text

    return read


person_or_group = _matching(r"[UWS][A-Z0-9]{2,}", no.NotPersonOrGroup)
person = _matching(r"[UW][A-Z0-9]{2,}", no.NotPerson)
channel = _matching(r"([CG][A-Z0-9]{2,})?", no.NotChannel)
prefix = _matching(r"\w[\w.-]{0,39}", no.NotPrefix)
_country = _matching(r"[A-Z]{2}", no.NotCountry)


def country(text: str) -> str:
    """Return the code of a country whose public holidays are known."""
    from bot.settings.public_holidays import is_known  # imports a large library, so only where a country is set

    if not is_known(_country(text)):
        raise WrongText(no.NotCountry(text))
    return text


def locale(text: str) -> str:
    """Return the code of a language from any usual spelling."""
    found = _LOCALES.get(text.lower().replace("_", "-"))
    if found is None:
        raise WrongText(no.NotLanguage(text))
    return found


def zone(text: str) -> ZoneInfo:
    """Return the time zone of this name."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise WrongText(no.NotTimeZone(text)) from None


def yes_or_no(text: str) -> bool:
    """Return whether the text says yes."""
    if text.lower() not in _YES | _NO:
        raise WrongText(no.NotYesOrNo(text))
    return text.lower() in _YES


def whole(least: int, most: int) -> BeforeValidator:
    """Return a parser of whole numbers from `least` to `most`."""
    return BeforeValidator(partial(_whole, least=least, most=most))


def _whole(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not least <= int(text) <= most:
        raise WrongText(no.NotWholeNumber(text, least, most))
    return int(text)


#: The kinds of files that are kept by default: pictures, documents, records of a fault, and archives.
FILE_KINDS = (
    "png,jpg,jpeg,gif,bmp,webp,heic,tif,tiff,pdf,txt,log,md,csv,tsv,json,xml,yaml,yml,ini,conf,sql,trc,out,dmp,har,pcap,"
    "doc,docx,xls,xlsx,ppt,pptx,odt,ods,odp,wps,et,eml,msg,mp4,mov,webm,mp3,m4a,zip,gz,tgz,tar,bz2,xz,zst,7z,rar"
)


def file_kinds(text: str) -> frozenset[str]:
    """Return the endings of names of the files that are kept, in lower case; none for `any`."""
    kinds = frozenset(item.lower().removeprefix(".") for item in _items(text))
    if wrong := sorted(kind for kind in kinds if not re.fullmatch(r"\w{1,16}", kind)):
        raise WrongText(no.NotFileEnding(wrong[0]))
    return frozenset() if kinds == {"any"} else kinds


def percents(text: str) -> tuple[int, ...]:
    """Return whole percentages in ascending order."""
    return tuple(sorted({_whole(item, 1, 100) for item in _items(text)}))


def listed(read: Callable[[str], object]) -> Callable[[str], tuple[object, ...]]:
    """Return a parser of comma-separated lists from a parser of one item. A repeated item counts once."""
    return lambda text: tuple(dict.fromkeys(read(item) for item in _items(text)))


def _items(text: str) -> Iterator[str]:
    return (item for part in text.split(",") if (item := part.strip()))


def hours(text: str) -> tuple[Part, ...]:
    """Return the periods of a working day, in order: `09:00-12:00,13:30-18:00`."""
    parts = tuple(sorted(_part(item) for item in _items(text)))
    if not parts:
        raise WrongText(no.NoHours())
    if any(later < earlier for (_from, earlier), (later, _until) in pairwise(parts)):
        raise WrongText(no.OverlappingHours(text))
    return parts


def _part(text: str) -> Part:
    read = re.fullmatch(rf"{_TIME}\s*[-–]\s*{_TIME}", text)
    if not read:
        raise WrongText(no.NotTimes(text))
    since, until = (timedelta(hours=int(read[n]), minutes=int(read[n + 1])) for n in (1, 3))
    if until > timedelta(days=1):
        raise WrongText(no.BeyondMidnight(text))
    if until <= since:
        raise WrongText(no.NotWithinDay(text))
    return since, until


def weekdays(text: str) -> frozenset[int]:
    """Return days of the week, Monday is 0: `mon,tue` or `mon-fri`."""
    found = frozenset(day for item in _items(text) for day in _days_of_week(item))
    if not found:
        raise WrongText(no.NoWeekdays())
    return found


def _days_of_week(text: str) -> range:
    first, _dash, last = text.lower().partition("-")
    ends = [_WEEK.index(day) if day in _WEEK else None for day in (first.strip(), (last or first).strip())]
    match ends:
        case [int(since), int(until)] if since <= until:
            return range(since, until + 1)
    raise WrongText(no.NotWeekdays(text, ", ".join(_WEEK)))


def dates(text: str) -> frozenset[date]:
    """Return single days and ranges, both ends included: `2026-12-24,2027-02-05:2027-02-07`."""
    return frozenset(day for item in _items(text) for day in _dates(item))


def _dates(text: str) -> Iterator[date]:
    start, _colon, end = text.partition(":")
    first, last = _first_and_last(start, end or start, text)
    if last - first > timedelta(days=366):
        raise WrongText(no.LongerThanYear(text))
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _first_and_last(start: str, end: str, text: str) -> tuple[date, date]:
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError:
        raise WrongText(no.NotDays(text)) from None
    if last < first:
        raise WrongText(no.EndsBeforeItBegins(text))
    return first, last


def span(unit: TimeUnit, *, may_be_zero: bool = False) -> BeforeValidator:
    """Return a parser of a span of time, written as a number of `unit`."""
    one = timedelta(**{unit: 1})
    return BeforeValidator(lambda text: _number_of(text, unit, one, may_be_zero=may_be_zero) * one)


def _number_of(text: str, unit: TimeUnit, one: timedelta, *, may_be_zero: bool = False) -> float:
    try:
        found = float(text)
        span = found * one
    except (ValueError, OverflowError):
        raise WrongText(no.NotSpan(text, unit)) from None
    if not (timedelta() < span or (may_be_zero and not span)) or span > _LONGEST:
        otherwise = no.SpanOrZeroOutOfRange if may_be_zero else no.SpanOutOfRange
        raise WrongText(otherwise(_LONGEST // one, unit))
    return found


def per_hour(text: str) -> int | None:
    """Parse how often something is possible in an hour. `none` is no limit."""
    if text == "none":
        return None
    try:
        return _whole(text, 1, 99_999)
    except WrongText:
        raise WrongText(no.NotWholeNumberOrNone(text, 1, 99_999)) from None


def targets(text: str) -> dict[State, Target | None]:
    """Return the targets of states: `triage:4h,analysis:3d,replying:none` in working hours, in days, or none."""
    found: dict[State, Target | None] = {}
    for item in _items(text):
        name, _colon, amount = (part.strip() for part in item.partition(":"))
        if name not in _WITH_TARGET:
            raise WrongText(no.NotState(name, ", ".join(_WITH_TARGET)))
        found[State(name)] = None if amount == "none" else _target(amount)
    return found


_WITH_TARGET = tuple(DEFAULT_TARGETS)


def _target(amount: str) -> Target:
    match amount[:-1], amount[-1:]:
        case number, "h":
            return Target(hours=_number_of(number, TimeUnit.HOURS, timedelta(hours=1)))
        case number, "d":
            return Target(days=_number_of(number, TimeUnit.DAYS, timedelta(days=1)))
    raise WrongText(no.NotTarget(amount))
