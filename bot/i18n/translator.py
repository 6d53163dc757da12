"""Words for every reader: two catalogs, read once, and a translator per reader.

Code says `t("English sentence with %(name)s", name=...)`; a sentence in a table is marked with `_("...")`.
Coded words (states, steps, fields …) have the kind of word as their context and the code as their msgid.
`faultdesk catalogs update` re-makes the catalogs from what the code needs; `check` proves them complete.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.workflow.fields import FORMS, Score
from bot.workflow.refusal import Refusal
from bot.workflow.situation import Position
from storage import vocabulary as v
from storage.vocabulary import Step

LOCALES = ("en", "zh-CN")
BOT = Path(__file__).parents[1]

#: The kinds of coded words that people read; the name in snake_case is the context of the catalogs.
WORDS: tuple[type[StrEnum], ...] = (
    *(v.State, v.Step, v.Role, v.Place, v.Kind, v.Source, v.Severity, v.Basis, v.YesNo, v.Channel, v.Urgency),
    *(v.SymptomKind, v.Category, v.Reproduced, v.CauseClass, v.HandlingKind, v.AfterFailure, v.ChangeType),
    *(v.ReleaseResult, v.HoldKind, v.Paper, v.PaperStatus, v.Rule, Position, Score),
)
_COMMA = {"en": ", ", "zh-CN": "、"}
_MOMENT = {"en": "d MMM y, HH:mm", "zh-CN": "y年M月d日 HH:mm"}
_ZONE = {"en": " ({})", "zh-CN": "（{}）"}

#: A message's place in a catalog: its context (None for a sentence) and its msgid.
Key: TypeAlias = tuple[str | None, str]


def _(sentence: str) -> str:
    """Mark a sentence that stands in a table and is translated where it is shown."""
    return sentence


@cache
def context_of(words: type[StrEnum]) -> str:
    """The catalogs' context of a kind of words: `SymptomKind` is `symptom_kind`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", words.__name__).lower()


@dataclass(frozen=True, slots=True)
class Translator:
    """Everything said to one reader, in their language and time zone."""

    locale: str
    zone: ZoneInfo

    def __call__(self, sentence: str, /, **params: object) -> str:
        """The English `sentence` in the reader's language, and so the words and moments in its gaps."""
        text = _catalog(self.locale).gettext(sentence)
        return text % {name: self._written(value) for name, value in params.items()} if params else text

    def _written(self, value: object) -> object:
        if isinstance(value, StrEnum):
            return self.word(value)
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, tuple):
            return _COMMA[self.locale].join(str(self._written(one)) for one in value)
        return value

    def word(self, code: StrEnum) -> str:
        """The word of a code, by the kind of word that its enum is."""
        return self._coded(context_of(type(code)), code.value) or code.value

    def field(self, step: Step, code: str) -> str:
        """The label of a form's field; a form's own word for it wins over the general one."""
        return self._coded("field", f"{step}.{code}") or self._coded("field", code) or code

    def hint(self, step: Step, code: str) -> str | None:
        """What helps to fill a field in, where help is needed."""
        return self._coded("hint", f"{step}.{code}") or self._coded("hint", code)

    def title(self, step: Step) -> str:
        """The title of a step's modal, at most 24 characters."""
        return self._coded("title", step.value) or self.word(step)

    def refusal(self, refusal: Refusal) -> str:
        """Why not, in the reader's words."""
        return self(refusal.sentence(), **refusal.words())

    def moment(self, moment: datetime) -> str:
        """An aware moment in the reader's zone, marked with the zone's distance from UTC."""
        local = moment.astimezone(self.zone)
        text = format_datetime(local, _MOMENT[self.locale], locale=self.locale[:2])
        return text + _ZONE[self.locale].format(_offset(local.utcoffset() or timedelta()))

    def _coded(self, context: str, code: str) -> str | None:
        return _catalog(self.locale).pgettext(context, code) or None


def _offset(offset: timedelta) -> str:
    """UTC+8, UTC-3:30 or plain UTC."""
    minutes = abs(offset) // timedelta(minutes=1)
    if not minutes:
        return "UTC"
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"UTC{'-' if offset < timedelta() else '+'}{minutes // 60}{rest}"


def translator(
    locale: str | None, zone: str | None, default_locale: str = "en", default_zone: str = "UTC"
) -> Translator:
    """The translator of a reader, from Slack's words for language and zone; None takes the default.

    Every Chinese is shown as zh-CN, any other language as English; an unknown zone is UTC.
    """
    chinese = re.match(r"zh\b", (locale or default_locale).replace("_", "-").lower())
    return Translator("zh-CN" if chinese else "en", _zone(zone or default_zone))


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


# The catalogs


def catalog_path(locale: str) -> Path:
    """The one source of a language's words."""
    return BOT / "locale" / locale.replace("-", "_") / "LC_MESSAGES" / "faultdesk.po"


def read_catalog(locale: str) -> Catalog:
    """The catalog as it stands in its file; empty if there is none yet."""
    path = catalog_path(locale)
    return read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=locale.replace("-", "_"))


class _Silence(NullTranslations):
    """Behind every catalog: a missing coded word is nothing, a sentence without translation is itself."""

    def pgettext(self, context: str, message: str) -> str:
        return ""


@cache
def _catalog(locale: str) -> GNUTranslations:
    """The catalog of one language, compiled in memory at its first use."""
    compiled = BytesIO()
    write_mo(compiled, read_catalog(locale))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(_Silence())
    return translations


# What the code needs


def word_codes() -> Iterator[Key]:
    """Every coded word that both languages need: all enums people read, every field of a form."""
    for words in WORDS:
        yield from ((context_of(words), code.value) for code in words)
    yield from dict.fromkeys(("field", field.code) for form in FORMS.values() for field in form)


def optional_codes() -> Iterator[Key]:
    """Coded words that may be given, then in both: titles, hints, and a form's own word for a field."""
    yield from (("title", step.value) for step in Step)
    for step, form in FORMS.items():
        for field in form:
            yield from (
                ("hint", field.code),
                ("hint", f"{step}.{field.code}"),
                ("field", f"{step}.{field.code}"),
            )
