"""The form of a refusal: a sentence with placeholders, the field it concerns, and the exception that carries it."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from storage.vocabulary import Step


class People(tuple[str, ...]):
    """People whom a sentence names, by their Slack ids."""


Word: TypeAlias = str | int | datetime | StrEnum | tuple[StrEnum, ...] | People


class Refused(Exception):
    """Carries problems out of a transaction, which is then rolled back."""

    def __init__(self, *problems: "Problem") -> None:
        super().__init__(*problems)
        self.problems = problems


@dataclass(frozen=True)
class Refusal:
    """A reason to refuse. Its docstring is the sentence; its fields fill the placeholders.

    Fields that are words of the vocabulary are translated for the reader; text stays as typed.
    """

    @classmethod
    def sentence(cls) -> str:
        """Return the English sentence with its %(name)s placeholders, which is also the key of its translations."""
        return " ".join((cls.__doc__ or "").split())

    def words(self) -> dict[str, Word]:
        """Return the values of the placeholders."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Remedy:
    """A step that helps against a refusal, on this version of this case."""

    step: Step
    case_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal and the field it concerns; None means the step as a whole.

    `remedy` is the step that helps against it, if the person may take that.
    """

    refusal: Refusal
    field: str | None = None
    remedy: Remedy | None = None
