"""When a field is shown, required, or offers an option: small conditions over the answers given so far.

Answers are the form's own values by field code, together with the facts of the case (`Fact`).
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

Answers = Mapping[str, Any]
Condition = Callable[[Answers], bool]


class Fact(StrEnum):
    """What a form may know of its case and its reader, beside the answers."""

    KIND = "case:kind"
    SOURCE = "case:source"
    SEVERITY = "case:severity"
    HAS_CUSTOMER = "case:has_customer"
    #: The places of the case that somebody can be reassigned to, as a tuple of codes.
    PLACES = "case:places"
    #: Whether a default deadline is set for the product.
    HAS_DEFAULT = "case:has_default"
    #: The reader speaks as the customer (the reporter of an internal case), so needs no evidence.
    AS_CUSTOMER = "reader:as_customer"
    AS_REPORTER = "reader:as_reporter"
    #: The reader drafted the sheet, in a center that has nobody else to sign it.
    ALONE = "reader:alone"


def always(_answers: Answers) -> bool:
    """Whatever was answered."""
    return True


def never(_answers: Answers) -> bool:
    """Under no answers."""
    return False


def when(name: str, *values: str) -> Condition:
    """True while the answer (or fact) `name` is one of `values`."""
    return lambda answers: answers.get(name) in values


def unless(name: str, *values: str) -> Condition:
    """True while the answer (or fact) `name` is none of `values`."""
    return lambda answers: answers.get(name) not in values


def both(first: Condition, second: Condition) -> Condition:
    """While both conditions hold."""
    return lambda answers: first(answers) and second(answers)
