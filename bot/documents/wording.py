"""The translated words of a document, in one language or in both side by side."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from bot.i18n.translator import LOCALES, Translator
from storage.vocabulary import Step

Language: TypeAlias = Literal["en", "zh-CN", "both"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-CN", "both")


class Wording:
    """A translator into one language or both. With both, Chinese comes first: 严重性 Severity."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language, self._zone = language, zone
        chosen = reversed(LOCALES) if language == "both" else (language,)
        self._translators = tuple(Translator(locale, zone) for locale in chosen)

    def __call__(self, sentence: str, /, **params: object) -> str:
        """Translate the English `sentence` into the document's language or languages."""
        return self._in_each_language(lambda t: t(sentence, **params))

    def word(self, code: StrEnum) -> str:
        """Return the word for a code."""
        return self._in_each_language(lambda t: t.word(code))

    def field(self, step: Step, code: str) -> str:
        """Return the label of a field of a step's form."""
        return self._in_each_language(lambda t: t.field(step, code))

    def moment(self, at: datetime) -> str:
        """Format an aware moment in the document's zone. With both languages it is ISO 8601, which suits both."""
        if self.language != "both":
            return self._translators[0].moment(at)
        return at.astimezone(self._zone).isoformat(" ", "minutes")

    def listed(self, words: Iterable[str]) -> str:
        """Join words with the comma of the language."""
        return (", " if self.language == "en" else "、").join(words)

    def _in_each_language(self, say: Callable[[Translator], str]) -> str:
        return " ".join(dict.fromkeys(say(t) for t in self._translators))
