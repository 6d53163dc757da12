"""Parses the values of settings, one parser for each kind. Its `ValueError` says what is wrong with a value."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from ipaddress import ip_address
from itertools import pairwise
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr

from bot.workflow.calendar import Part
from bot.workflow.targets import DEFAULT_TARGETS, Target
from storage.vocabulary import Role, State

_LONGEST = timedelta(days=3660)
_LOCALES = {"en": "en", "zh": "zh-CN", "zh-cn": "zh-CN"}
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(\d{4}-\d\d-\d\d)"
_TIME = r"(\d?\d):([0-5]\d)"


class Deputy(BaseModel):
    """A deputy for a role from the first to the last day, both included, in the company's time zone."""

    model_config = ConfigDict(frozen=True)

    role: Role
    person: str
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `role:person:first day:last day`. Raises `ValueError` with what is wrong."""
        parts = re.fullmatch(rf"(\w+):([UW][A-Z0-9]{{2,}}):{_DAY}:{_DAY}", text)
        if not parts:
            raise ValueError(f"{text!r} is not role:person:first day:last day")
        first, last = date.fromisoformat(parts[3]), date.fromisoformat(parts[4])
        if last < first:
            raise ValueError(f"{text!r} ends before it begins")
        return cls(role=Role(parts[1]), person=parts[2], first=first, last=last)

    def covers(self, day: date) -> bool:
        """Return whether the deputy acts on that day of the company's time zone."""
        return self.first <= day <= self.last


def _matching(pattern: str, meaning: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not {meaning}")
        return text

    return read


person_or_group = _matching(r"[UWS][A-Z0-9]{2,}", "a Slack user id (U… or W…) or user-group id (S…)")
person = _matching(r"[UW][A-Z0-9]{2,}", "a Slack user id (U… or W…)")
channel = _matching(r"[CG][A-Z0-9]{2,}", "a Slack channel id (C… or G…)")
prefix = _matching(r"\w[\w.-]{0,39}", "of letters, digits, dots and dashes, at most 40")
_country = _matching(r"[A-Z]{2}", "a two-letter country code")


def country(text: str) -> str:
    """Return the code of a country whose public holidays are known."""
    from bot.settings.public_holidays import is_known  # imports a large library, so only where a country is set

    if not is_known(_country(text)):
        raise ValueError(f"{text!r} is not a country with known public holidays")
    return text


def locale(text: str) -> str:
    """Return the code of a language from any usual spelling."""
    return _LOCALES.get(text.lower().replace("_", "-"), text)


#: The kinds of files that are kept by default: pictures, documents, records of a fault, and archives.
FILE_KINDS = (
    "png,jpg,jpeg,gif,bmp,webp,heic,tif,tiff,pdf,txt,log,md,csv,tsv,json,xml,yaml,yml,ini,conf,sql,trc,out,dmp,har,pcap,"
    "doc,docx,xls,xlsx,ppt,pptx,odt,ods,odp,wps,et,eml,msg,mp4,mov,webm,mp3,m4a,zip,gz,tgz,tar,bz2,xz,zst,7z,rar"
)


def file_kinds(text: str) -> frozenset[str]:
    """Return the endings of names of the files that are kept, in lower case; none for `any`."""
    kinds = frozenset(item.lower().removeprefix(".") for item in _items(text))
    if wrong := sorted(kind for kind in kinds if not re.fullmatch(r"\w{1,16}", kind)):
        raise ValueError(f"{wrong[0]!r} is not the ending of a file name")
    return frozenset() if kinds == {"any"} else kinds


def percents(text: str) -> tuple[int, ...]:
    """Return whole percentages in ascending order."""
    return tuple(sorted({_percent(item) for item in _items(text)}))


def _percent(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= 100:
        raise ValueError(f"{text!r} is not a whole percentage from 1 to 100")
    return int(text)


def listed(read: Callable[[str], object]) -> Callable[[str], tuple[object, ...]]:
    """Return a parser of comma-separated lists from a parser of one item. A repeated item counts once."""
    return lambda text: tuple(dict.fromkeys(read(item) for item in _items(text)))


def _items(text: str) -> Iterator[str]:
    return (item for part in text.split(",") if (item := part.strip()))


def hours(text: str) -> tuple[Part, ...]:
    """Return the periods of a working day, in order: `09:00-12:00,13:30-18:00`."""
    parts = tuple(sorted(_part(item) for item in _items(text)))
    if not parts:
        raise ValueError("contains no hours")
    if any(later < earlier for (_from, earlier), (later, _until) in pairwise(parts)):
        raise ValueError(f"{text!r} has overlapping hours")
    return parts


def _part(text: str) -> Part:
    read = re.fullmatch(rf"{_TIME}\s*[-–]\s*{_TIME}", text)
    if not read:
        raise ValueError(f"{text!r} is not a range of times such as 09:00-18:00")
    since, until = (timedelta(hours=int(read[n]), minutes=int(read[n + 1])) for n in (1, 3))
    if until > timedelta(days=1):
        raise ValueError(f"{text!r} goes beyond 24:00")
    if until <= since:
        raise ValueError(f"{text!r} does not end after it begins; a night is written 00:00-06:00,22:00-24:00")
    return since, until


def weekdays(text: str) -> frozenset[int]:
    """Return days of the week, Monday is 0: `mon,tue` or `mon-fri`."""
    found = frozenset(day for item in _items(text) for day in _days_of_week(item))
    if not found:
        raise ValueError("contains no day of the week")
    return found


def _days_of_week(text: str) -> range:
    first, _dash, last = text.lower().partition("-")
    ends = [_WEEK.index(day) if day in _WEEK else None for day in (first.strip(), (last or first).strip())]
    match ends:
        case [int(since), int(until)] if since <= until:
            return range(since, until + 1)
    raise ValueError(f"{text!r} is neither a day ({', '.join(_WEEK)}) nor a range of days such as mon-fri")


def dates(text: str) -> frozenset[date]:
    """Return single days and ranges, both ends included: `2026-12-24,2027-02-05:2027-02-07`."""
    return frozenset(day for item in _items(text) for day in _dates(item))


def _dates(text: str) -> Iterator[date]:
    start, _colon, end = text.partition(":")
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end or start)
    except ValueError:
        raise ValueError(f"{text!r} is neither a day nor first day:last day") from None
    if last < first:
        raise ValueError(f"{text!r} ends before it begins")
    if last - first > timedelta(days=366):
        raise ValueError(f"{text!r} is longer than a year")
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def span(unit: Literal["seconds", "minutes", "hours", "days"], *, may_be_zero: bool = False) -> BeforeValidator:
    """Return a parser of a span of time, written as a number of `unit`."""
    one = timedelta(**{unit: 1})
    return BeforeValidator(lambda text: _number_of(text, unit, one, may_be_zero=may_be_zero) * one)


def _number_of(text: str, unit: str, one: timedelta, *, may_be_zero: bool = False) -> float:
    try:
        found = float(text)
        span = found * one
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a number of {unit}") from None
    if not (timedelta() < span or (may_be_zero and not span)) or span > _LONGEST:
        least = "at least 0" if may_be_zero else "more than 0"
        raise ValueError(f"must be {least} and at most {_LONGEST // one} {unit}")
    return found


def per_hour(text: str) -> int | None:
    """Parse how often something is possible in an hour. `none` is no limit."""
    if text == "none":
        return None
    if not re.fullmatch(r"[1-9]\d{0,4}", text):
        raise ValueError(f"{text!r} is not a number from 1 to 99999, or none")
    return int(text)


def targets(text: str) -> dict[State, Target | None]:
    """Return the targets of states: `triage:4h,analysis:3d,replying:none` in working hours, in days, or none."""
    found: dict[State, Target | None] = {}
    for item in _items(text):
        name, _colon, amount = (part.strip() for part in item.partition(":"))
        if name not in _WITH_TARGET:
            raise ValueError(f"{name!r} is not one of {', '.join(_WITH_TARGET)}")
        found[State(name)] = None if amount == "none" else _target(amount)
    return found


_WITH_TARGET = tuple(DEFAULT_TARGETS)


def _target(amount: str) -> Target:
    match amount[:-1], amount[-1:]:
        case number, "h":
            return Target(hours=_number_of(number, "hours", timedelta(hours=1)))
        case number, "d":
            return Target(days=_number_of(number, "days", timedelta(days=1)))
    raise ValueError(f"{amount!r} is neither hours (4h) nor working days (3d) nor none")


def shift() -> BeforeValidator:
    """Return a parser of a clock shift in seconds; negative means behind the real time."""

    def read(text: str) -> timedelta:
        try:
            found = timedelta(seconds=float(text))
        except (ValueError, OverflowError):
            raise ValueError(f"{text!r} is not a number of seconds") from None
        if abs(found) > _LONGEST:
            raise ValueError(f"must be at most {_LONGEST // timedelta(seconds=1)} seconds either way")
        return found

    return BeforeValidator(read)


def is_on_this_machine(url: str) -> bool:
    """Return whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def token(*prefixes: str) -> AfterValidator:
    """Return a check that a Slack token begins with one of these prefixes."""

    def check(value: SecretStr) -> SecretStr:
        if value and not value.get_secret_value().startswith(prefixes):
            raise ValueError(f"does not begin with {' or '.join(prefixes)}")
        return value

    return AfterValidator(check)


def database(value: SecretStr) -> SecretStr:
    """Check that the address names a supported kind of database."""
    if not re.fullmatch(r"sqlite:///(?!:memory:).+|postgresql\+psycopg://.+", value.get_secret_value()):
        raise ValueError("must begin with sqlite:/// and name a file, or begin with postgresql+psycopg://")
    return value


def api(text: str) -> str:
    """Return the address of a Web API with a slash at its end."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError(f"{text!r} is not an http(s) address")
    return text.rstrip("/") + "/"


def heartbeat(value: SecretStr) -> SecretStr:
    """Check that the address can be pinged. The message does not quote it, because it is a secret."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value.get_secret_value()):
        raise ValueError("is not an http(s) address")
    return value
