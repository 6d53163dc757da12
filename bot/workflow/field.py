"""Defines a field of a form, with short constructors for each kind."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from bot.workflow.conditions import Answers, Condition, always, both, never
from bot.workflow.reading_levels import Visibility

#: The longest text that a Slack input accepts (slack-platform.md §2.2).
MAX_TEXT_LENGTH = 3000
#: The longest one-line text; it also fits an option's value and a section's field.
MAX_LINE_LENGTH = 140
#: The most people that a field takes. Slack is asked about each whom it has not reported, within its three seconds.
MAX_PEOPLE = 20


class FieldKind(Enum):
    """The kinds of field: the input that each shows and the type of its cleaned value."""

    LINE = auto()  # str, one line
    TEXT = auto()  # str, several lines
    CHOICE = auto()  # str, one of `options`
    PERSON = auto()  # str, a Slack user id
    PEOPLE = auto()  # tuple of at most `MAX_PEOPLE` Slack user ids
    MOMENT = auto()  # aware datetime, UTC
    HOURS = auto()  # float, > 0
    LOOKUP = auto()  # str, a registered name suggested while typing, or a new one
    FILES = auto()  # tuple of {id, name, link}; without a link where Slack gave none
    TEST_CASES = auto()  # tuple of {title, expected, actual, passed}, one per line


class Lookup(StrEnum):
    """The register in which a LOOKUP field searches."""

    CUSTOMER = "customer"
    PRODUCT = "product"
    VERSION = "version"
    MODULE = "module"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Field:
    """One question of one form.

    `longest` is in characters. `offers` narrows `options` by the answers so far. `steers` marks a field on which other
    fields depend, so answering it redraws the form. `past` requires a moment that is not in the future. `future` marks
    a moment that promises something and therefore lies ahead (rule 2.5). `explained` marks a field whose absence is
    refused in the words of a rule; Slack's own check would show Slack's words instead. `filed` False keeps the answer
    out of records and documents; only the history has it. `visibility` says who may read the answer, wherever it is
    shown (process.md §6 R9). `personal` marks an answer about a person of the customer, of which history and records
    hold only a hash. `former` accepts a person who has left, because the field names who gives a place up.
    """

    code: str
    kind: FieldKind
    options: type[StrEnum] | None = None
    register: Lookup | None = None
    longest: int = MAX_TEXT_LENGTH
    shown: Condition = always
    required: Condition = always
    offers: Callable[[Answers], tuple[str, ...]] | None = None
    steers: bool = False
    past: bool = False
    future: bool = False
    explained: bool = False
    filed: bool = True
    visibility: Visibility = Visibility.INTERNAL
    personal: bool = False
    former: bool = False

    def options_for(self, answers: Answers) -> tuple[str, ...]:
        """Return the option codes offered, in order, given the answers so far."""
        if self.offers is not None:
            return self.offers(answers)
        return tuple(self.options) if self.options is not None else ()


Form = tuple[Field, ...]


def line(code: str, longest: int = MAX_LINE_LENGTH) -> Field:
    """A text of one line, at most `longest` characters."""
    return Field(code, FieldKind.LINE, longest=longest)


def text(code: str) -> Field:
    """A text of several lines."""
    return Field(code, FieldKind.TEXT)


def choice(code: str, options: type[StrEnum], *, steers: bool = False) -> Field:
    """One of several codes."""
    return Field(code, FieldKind.CHOICE, options, steers=steers)


def lookup(code: str, register: Lookup) -> Field:
    """A name of a register, suggested while typing, or a new one."""
    return Field(code, FieldKind.LOOKUP, register=register, longest=MAX_LINE_LENGTH)


def moment(code: str, *, past: bool = False, future: bool = False) -> Field:
    """A moment. With `past`, it must not lie in the future; with `future`, it must."""
    return Field(code, FieldKind.MOMENT, past=past, future=future)


def optional(field: Field) -> Field:
    """Return a copy of the field that is never required."""
    return replace(field, required=never)


def visible(visibility: Visibility, *fields: Field) -> Form:
    """Return copies of these fields with answers of this visibility."""
    return tuple(replace(field, visibility=visibility) for field in fields)


def personal(field: Field) -> Field:
    """Return a copy of the field whose answer can be erased."""
    return replace(field, personal=True)


def shown_when(field: Field, condition: Condition) -> Field:
    """Return a copy of the field that is asked, and required if it was required, only under `condition`."""
    return replace(field, shown=condition, required=both(condition, field.required))


def required_when(field: Field, condition: Condition) -> Field:
    """Return a copy of the field that is required only under `condition`."""
    return replace(field, required=condition)
