"""What a refusal is: a sentence with gaps, the field it stands at, and how it leaves a transaction."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Word: TypeAlias = str | int | datetime | StrEnum | tuple[StrEnum, ...]


class Refused(Exception):
    """Carries problems out of a transaction that must not be committed."""

    def __init__(self, *problems: "Problem") -> None:
        super().__init__(*problems)
        self.problems = problems


@dataclass(frozen=True)
class Refusal:
    """A reason to say no. Its docstring is the sentence, its fields fill the gaps.

    Fields that are words of the vocabulary are translated for the reader; text stays as typed.
    """

    @classmethod
    def sentence(cls) -> str:
        """The English sentence with %(name)s gaps; also the key of its translations."""
        return " ".join((cls.__doc__ or "").split())

    def words(self) -> dict[str, Word]:
        """What fills the gaps of the sentence."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal and the field it stands at; None means the step as a whole."""

    refusal: Refusal
    field: str | None = None
