"""Translation: two catalogs, read once, and a translator per reader.

Code uses `t("English sentence with %(name)s", name=...)`; a sentence in a table is marked with `_("...")`.
Coded words (states, steps, fields …) use their kind as context and the code as msgid.
`faultdesk catalogs update` rewrites the catalogs from what the code needs; `check` proves that they are complete.
"""

import re
from collections.abc import Iterable, Iterator
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
from bot.workflow.value_refusals import TimeUnit
from storage import vocabulary as v
from storage.vocabulary import Step

LOCALES = ("en", "zh-CN")
BOT = Path(__file__).parents[1]

#: The kinds of coded words that people read. The name in snake_case is the context in the catalogs.
WORDS: tuple[type[StrEnum], ...] = (
    *(v.State, v.Step, v.Role, v.Place, v.Kind, v.Source, v.Severity, v.Basis, v.YesNo, v.Channel, v.Urgency),
    *(v.SymptomKind, v.Category, v.Reproduced, v.CauseClass, v.HandlingKind, v.AfterFailure, v.ChangeType),
    *(v.ReleaseResult, v.HoldKind, v.Paper, v.PaperStatus, v.Rule, v.NotKept, Position, Score, TimeUnit),
)
_COMMA = {"en": ", ", "zh-CN": "、"}
#: Between two sentences.
_SPACE = {"en": " ", "zh-CN": ""}
_MOMENT = {"en": "d MMM y, HH:mm", "zh-CN": "y年M月d日 HH:mm"}
_ZONE = {"en": " ({})", "zh-CN": "（{}）"}

#: A message's place in a catalog: its context (None for a sentence) and its msgid.
Key: TypeAlias = tuple[str | None, str]


def _(sentence: str) -> str:
    """Mark a sentence in a table, which is translated where it is shown."""
    return sentence


@cache
def context_of(words: type[StrEnum]) -> str:
    """Return the catalog context of a kind of words: `SymptomKind` is `symptom_kind`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", words.__name__).lower()


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates for one reader, in their language and time zone."""

    locale: str
    zone: ZoneInfo

    def __call__(self, sentence: str, /, **params: object) -> str:
        """Return the English `sentence` in the reader's language, with its parameters translated as well."""
        text = _catalog(self.locale).gettext(sentence)
        return text % {name: self._written(value) for name, value in params.items()} if params else text

    def _written(self, value: object) -> object:
        if isinstance(value, StrEnum):
            return self.word(value)
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, tuple):
            return self.listed(value)
        return value

    def listed(self, words: Iterable[object]) -> str:
        """Return words one after another, with the comma of the reader's language between them."""
        return _COMMA[self.locale].join(str(self._written(one)) for one in words)

    def sentences(self, *found: str) -> str:
        """Return the sentences that are not empty one after another; Chinese ones are not separated by a space."""
        return _SPACE[self.locale].join(one for one in found if one)

    def word(self, code: StrEnum) -> str:
        """Return the word for a code. The enum determines the kind of word."""
        return self._coded(context_of(type(code)), code.value) or code.value

    def field(self, step: Step, code: str) -> str:
        """Return the label of a form's field. A label specific to the form takes precedence over the general one."""
        return self._coded("field", f"{step}.{code}") or self._coded("field", code) or code

    def hint(self, step: Step, code: str) -> str | None:
        """Return the hint of a form's field; None where there is none."""
        return self._coded("hint", f"{step}.{code}") or self._coded("hint", code)

    def title(self, step: Step) -> str:
        """Return the title of a step's modal, at most 24 characters (Slack's limit)."""
        return self._coded("title", step.value) or self.word(step)

    def refusal(self, refusal: Refusal) -> str:
        """Return the refusal's sentence in the reader's language."""
        return self(refusal.sentence(), **refusal.words())

    def moment(self, moment: datetime) -> str:
        """Return an aware moment in the reader's zone, followed by the zone's offset from UTC."""
        local = moment.astimezone(self.zone)
        text = format_datetime(local, _MOMENT[self.locale], locale=self.locale[:2])
        return text + _ZONE[self.locale].format(_offset(local.utcoffset() or timedelta()))

    def _coded(self, context: str, code: str) -> str | None:
        return _catalog(self.locale).pgettext(context, code) or None


def _offset(offset: timedelta) -> str:
    """Return UTC+8, UTC-3:30 or plain UTC."""
    minutes = abs(offset) // timedelta(minutes=1)
    if not minutes:
        return "UTC"
    rest = f":{minutes % 60:02}" if minutes % 60 else ""
    return f"UTC{'-' if offset < timedelta() else '+'}{minutes // 60}{rest}"


def translator(
    locale: str | None, zone: str | None, default_locale: str = "en", default_zone: str = "UTC"
) -> Translator:
    """Return the translator of a reader, from the language and zone that Slack reports; None takes the default.

    Every variant of Chinese is shown as zh-CN, any other language as English. An unknown zone becomes UTC.
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
    """Return the file that holds a language's translations."""
    return BOT / "locale" / locale.replace("-", "_") / "LC_MESSAGES" / "faultdesk.po"


def read_catalog(locale: str) -> Catalog:
    """Return the catalog from its file; empty if there is no file."""
    path = catalog_path(locale)
    return read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=locale.replace("-", "_"))


class _EmptyCatalog(NullTranslations):
    """The fallback of every catalog: a missing coded word is empty, a missing sentence stays English."""

    def pgettext(self, context: str, message: str) -> str:
        return ""


@cache
def _catalog(locale: str) -> GNUTranslations:
    """Return the catalog of one language, compiled in memory at its first use."""
    compiled = BytesIO()
    write_mo(compiled, read_catalog(locale))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(_EmptyCatalog())
    return translations


# What the code needs


def word_codes() -> Iterator[Key]:
    """Yield every coded word that both languages need: all enums that people read, and every field of a form."""
    for words in WORDS:
        yield from ((context_of(words), code.value) for code in words)
    yield from dict.fromkeys(("field", field.code) for form in FORMS.values() for field in form)


def optional_codes() -> Iterator[Key]:
    """Yield coded words that may be translated, and then in both: titles, hints, and labels specific to a form."""
    yield from (("title", step.value) for step in Step)
    for step, form in FORMS.items():
        for field in form:
            yield from (
                ("hint", field.code),
                ("hint", f"{step}.{field.code}"),
                ("field", f"{step}.{field.code}"),
            )
