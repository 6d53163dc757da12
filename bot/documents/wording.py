"""The words of a document: in one language, or in both side by side."""

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
    """A translator into one language or both. Where both stand, Chinese comes first: 严重性 Severity."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language, self._zone = language, zone
        chosen = reversed(LOCALES) if language == "both" else (language,)
        self._translators = tuple(Translator(locale, zone) for locale in chosen)

    def __call__(self, sentence: str, /, **params: object) -> str:
        """The English `sentence` in the document's words."""
        return self._beside(lambda t: t(sentence, **params))

    def word(self, code: StrEnum) -> str:
        """The word of a code."""
        return self._beside(lambda t: t.word(code))

    def field(self, step: Step, code: str) -> str:
        """The label of a form's field."""
        return self._beside(lambda t: t.field(step, code))

    def moment(self, at: datetime) -> str:
        """An aware moment in the document's zone; where both languages stand, as ISO 8601, which both can read."""
        if self.language != "both":
            return self._translators[0].moment(at)
        return at.astimezone(self._zone).isoformat(" ", "minutes")

    def listed(self, words: Iterable[str]) -> str:
        """Words in a row, with the commas of the language."""
        return (", " if self.language == "en" else "、").join(words)

    def _beside(self, say: Callable[[Translator], str]) -> str:
        return " ".join(dict.fromkeys(say(t) for t in self._translators))
