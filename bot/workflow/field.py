"""What a field of a form is, and short ways to make one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from bot.workflow.conditions import Answers, Condition, always, both, never

#: The longest text that a Slack input accepts (slack-platform.md §2.2).
LONGEST = 3000
#: The longest one-line text; it also fits an option's value and a section's field.
LINE = 140


class FieldKind(Enum):
    """How a field is asked and what its clean value is."""

    LINE = auto()  # str, one line
    TEXT = auto()  # str, several lines
    CHOICE = auto()  # str, one of `options`
    PERSON = auto()  # str, a Slack user id
    PEOPLE = auto()  # tuple of Slack user ids
    MOMENT = auto()  # aware datetime, UTC
    HOURS = auto()  # float, > 0
    LOOKUP = auto()  # str, a name found as one types or a new one
    FILES = auto()  # tuple of {id, name}
    TEST_CASES = auto()  # tuple of {title, expected, actual, passed}, one a line


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

    `longest` is in characters. `offers` narrows `options` by the answers so far. `steers` says that other
    questions depend on this one, so the form is drawn anew when it is answered. `explained`: leaving it empty is
    refused in the words of a rule, which Slack, insisting by itself, would replace by its own. `internal`: the answer
    is not for readers outside the center, who may have the document that it stands in.
    """

    code: str
    kind: FieldKind
    options: type[StrEnum] | None = None
    register: Lookup | None = None
    longest: int = LONGEST
    shown: Condition = always
    required: Condition = always
    offers: Callable[[Answers], tuple[str, ...]] | None = None
    steers: bool = False
    past: bool = False
    explained: bool = False
    internal: bool = False

    def options_for(self, answers: Answers) -> tuple[str, ...]:
        """The codes on offer, in order, given the answers so far."""
        if self.offers is not None:
            return self.offers(answers)
        return tuple(self.options) if self.options is not None else ()


Form = tuple[Field, ...]


def line(code: str, longest: int = LINE) -> Field:
    """A text of one line, at most `longest` characters."""
    return Field(code, FieldKind.LINE, longest=longest)


def text(code: str) -> Field:
    """A text of several lines."""
    return Field(code, FieldKind.TEXT)


def choice(code: str, options: type[StrEnum], *, steers: bool = False) -> Field:
    """One of some codes."""
    return Field(code, FieldKind.CHOICE, options, steers=steers)


def lookup(code: str, register: Lookup) -> Field:
    """A name found in a register as one types, or a new one."""
    return Field(code, FieldKind.LOOKUP, register=register, longest=LINE)


def moment(code: str, *, past: bool = False) -> Field:
    """A moment; with `past` one that has been."""
    return Field(code, FieldKind.MOMENT, past=past)


def optional(field: Field) -> Field:
    """The field, never required."""
    return replace(field, required=never)


def internal(field: Field) -> Field:
    """The field, whose answer is not for readers outside the center."""
    return replace(field, internal=True)


def shown_when(field: Field, condition: Condition) -> Field:
    """The field asked (and, if it was required, required) only under `condition`."""
    return replace(field, shown=condition, required=both(condition, field.required))


def required_when(field: Field, condition: Condition) -> Field:
    """The field, required only under `condition`."""
    return replace(field, required=condition)
