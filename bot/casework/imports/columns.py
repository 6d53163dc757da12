"""The columns of an import: their headings in both languages, and how a cell of each is parsed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any, TypeAlias
from unicodedata import normalize

from bot.i18n.translator import Translator, _, translator
from bot.workflow.field import MAX_LINE_LENGTH, MAX_TEXT_LENGTH
from bot.workflow.fields import FORMS, asked
from storage import vocabulary as v

#: The highest number of days, moves or reopenings that is accepted.
_MAX_WORKING_DAYS = 1000
#: The years that are accepted. At the ends of the calendar, a moment does not exist in every time zone.
_YEARS = range(1970, 2200)
_ASKED = asked(FORMS)
_IN_BOTH = (translator("en", None), translator("zh-CN", None))
_DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
#: What text must not contain: NUL, other control characters, and unpaired surrogates.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
#: The most characters of a wrong cell that are quoted.
_MAX_QUOTED = 40
_MOMENT = re.compile(rf"{_DAY}(?:[T ]*(\d{{1,2}})[:时](\d{{1,2}})(?:[:分](\d{{1,2}})?(?:\.\d+)?)?[分秒]?)?")


class Unreadable(Exception):
    """A cell that cannot be accepted; the text says why."""


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell that shows no text or moment, such as an error. `why` is a sentence, which may name the `error`."""

    why: str
    error: str = ""

    def __str__(self) -> str:
        return self.error or "…"


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """The context of parsing: the zone of moments without one, the present moment (aware UTC), and the translator."""

    zone: tzinfo
    now: datetime
    t: Translator


CellReader: TypeAlias = Callable[[Any, ReadingContext], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `label` is its title where no form asks for it; `words` are further headings."""

    code: str
    read: CellReader
    required: bool = False
    label: str | None = None
    words: tuple[str, ...] = ()

    def title(self, t: Translator) -> str:
        """Return the title that people see."""
        return t(self.label) if self.label else t.field(_ASKED[self.code][0], self.code)

    @property
    def headings(self) -> frozenset[str]:
        """All headings that are accepted for the column, as `normalized` normalizes them."""
        return frozenset(map(normalized, (self.code, *map(self.title, _IN_BOTH), *self.words)))


def normalized(heading: str) -> str:
    """Normalize a heading or word: case, width, underscores, and marks of required columns do not matter."""
    return " ".join(normalize("NFKC", heading).casefold().replace("_", " ").strip(" *:?").split())


def unreadable(value: Any, t: Translator) -> str | None:
    """Return why a cell cannot be read, whatever its column; None for one that can."""
    if isinstance(value, UnreadableCell):
        return t(value.why, error=value.error)
    found = _NO_TEXT.search(value) if isinstance(value, str) else None
    if found is None:
        return None
    return t("holds a character that is no text (U+%(code)s); delete it", code=f"{ord(found[0]):04X}")


def line(value: Any, reading: ReadingContext, longest: int = MAX_LINE_LENGTH) -> str:
    """A text of one line."""
    return _fitting(" ".join(_text(value, reading.t).split()), longest, reading.t)


def text(value: Any, reading: ReadingContext) -> str:
    """A text of several lines."""
    return _fitting(_text(value, reading.t).strip(), MAX_TEXT_LENGTH, reading.t)


def whole(value: Any, reading: ReadingContext) -> int:
    """A whole number from 0."""
    written = _text(value, reading.t).strip()
    if not re.fullmatch(r"[0-9]{1,4}", written) or int(written) > _MAX_WORKING_DAYS:
        raise Unreadable(
            reading.t("“%(cell)s” is no whole number from 0 to %(most)s", cell=_quoted(value), most=_MAX_WORKING_DAYS)
        )
    return int(written)


def choice(words: type[StrEnum], *, without: frozenset[str] = frozenset()) -> CellReader:
    """Return a parser of one of the words, given as code or in either language."""
    offered = tuple(word for word in words if word not in without)
    known = {normalized(called): word for word in offered for called in (word, *(t.word(word) for t in _IN_BOTH))}

    def read(value: Any, reading: ReadingContext) -> StrEnum:
        found = known.get(normalized(_text(value, reading.t)))
        if found is None:
            raise Unreadable(reading.t("“%(cell)s” is none of: %(words)s", cell=_quoted(value), words=offered))
        return found

    return read


def moment(value: Any, reading: ReadingContext, end_of_day: bool = False) -> datetime:
    """Parse a moment and return it in UTC. A day alone means its first minute, or its last with `end_of_day`."""
    found = value if isinstance(value, datetime) else _written(value, end_of_day, reading.t)
    if found.year not in _YEARS:
        raise Unreadable(reading.t("lies outside the years %(first)s to %(last)s", first=_YEARS[0], last=_YEARS[-1]))
    return (found if found.tzinfo else found.replace(tzinfo=reading.zone)).astimezone(UTC)


def past(value: Any, reading: ReadingContext) -> datetime:
    """Parse a moment that is not in the future."""
    found = moment(value, reading)
    if found > reading.now:
        raise Unreadable(reading.t("lies in the future"))
    return found


def _written(value: Any, end_of_day: bool, t: Translator) -> datetime:
    whole_day = time(23, 59) if end_of_day else time()
    if isinstance(value, date):
        return datetime.combine(value, whole_day)
    written = normalize("NFKC", _text(value, t)).strip()
    try:
        if match := _MOMENT.fullmatch(written):
            day = date(int(match[1]), int(match[2]), int(match[3]))
            clock = time(int(match[4]), int(match[5]), int(match[6] or 0)) if match[4] else whole_day
            return datetime.combine(day, clock)
        return datetime.fromisoformat(written)
    except ValueError:
        said = t("“%(cell)s” is no date and time; for example 2026-03-01 14:30", cell=_quoted(value))
        raise Unreadable(said) from None


def _text(value: Any, t: Translator) -> str:
    """Return the text of a cell. Excel makes dates of what looks like one, such as the version 3-10."""
    if isinstance(value, date):
        raise Unreadable(t("is a date, not text; format the cell as text and type it again"))
    return str(value)


def _quoted(value: Any) -> str:
    """Return the beginning of a cell on one line."""
    said = " ".join(str(value).split())
    return said if len(said) <= _MAX_QUOTED else said[: _MAX_QUOTED - 1] + "…"


def _fitting(found: str, longest: int, t: Translator) -> str:
    if len(found) > longest:
        raise Unreadable(t("is %(length)s characters long; %(most)s are the most", length=len(found), most=longest))
    return found


_ends = partial(moment, end_of_day=True)
CUSTOMER = Column("customer", line, words=("客户", "customer name"))
PRODUCT = Column("product", line, required=True, words=("产品名称", "product name"))
VERSION = Column("version", line, words=("产品版本", "version of the product"))
MODULE = Column("module", line, words=("模块",))

CUSTOMERS = (Column("customer", line, required=True, words=("客户", "customer name", "name", "名称")),)
PRODUCTS = (
    PRODUCT,
    VERSION,
    MODULE,
    Column("default_days", whole, label=_("Default deadline (working days)"), words=("默认解决期限(工作日)",)),
)
FAULTS = (
    Column("reference", line, required=True, label=_("Old number"), words=("number", "编号", "故障编号")),
    CUSTOMER,
    Column("contact", line, words=("联系人",)),
    Column("contact_way", line, words=("联系方式",)),
    PRODUCT,
    Column("version", line, required=True, words=VERSION.words),
    MODULE,
    Column("summary", line, required=True),
    Column("description", text),
    Column("channel", choice(v.Channel), required=True, words=("服务方式",)),
    Column("found_at", past),
    Column("reported_at", past, required=True, label=_("Reported"), words=("报告时间",)),
    Column("symptom_kind", choice(v.SymptomKind)),
    Column("severity", choice(v.Severity), required=True, words=("严重程度",)),
    Column("severity_reason", text),
    Column("cause_class", choice(v.CauseClass)),
    Column("direct_cause", text),
    Column("measure", text),
    Column("deadline_at", _ends, words=("期限",)),
    Column("first_deadline_at", _ends, label=_("First deadline")),
    Column("moved_count", whole, label=_("Deadline moved (times)")),
    Column("deadline_basis", choice(v.Basis, without=frozenset({v.Basis.NEGOTIATING})), words=("期限依据",)),
    Column("deadline_contact", line),
    Column("deadline_agreed_at", past),
    Column("deadline_evidence", text),
    Column("reply", text),
    Column("resolved_at", past, label=_("Resolved")),
    Column("closed_at", past, required=True, label=_("Closed")),
    Column("fixed_version", line, label=_("Fixed in")),
    Column("reopen_count", whole, label=_("Reopened (times)")),
)
