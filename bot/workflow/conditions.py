"""Conditions over the answers so far: when a field is shown, required, or offers an option.

The answers are the form's values by field code, together with the facts of the case (`Fact`).
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

Answers = Mapping[str, Any]
Condition = Callable[[Answers], bool]


class Fact(StrEnum):
    """What a form may use of its case and its reader, besides the answers."""

    KIND = "case:kind"
    #: The product whose module is recorded; empty while no module is, None for a case without a fault record.
    MODULE_OF = "case:module_of"
    SOURCE = "case:source"
    SEVERITY = "case:severity"
    HAS_CUSTOMER = "case:has_customer"
    #: The severities that keep the deadline in force, as a tuple of codes; empty without a deadline.
    KEEPS_DEADLINE = "case:keeps_deadline"
    #: The places of the case that somebody can be reassigned to, and those that several hold, as tuples of codes.
    PLACES = "case:places"
    SHARED_PLACES = "case:shared_places"
    #: Whether a default deadline is set for the product.
    HAS_DEFAULT = "case:has_default"
    #: Whether a case of another customer, or of none, was merged into this one.
    FOREIGN_FOLLOWERS = "case:foreign_followers"
    #: The reader answers as the customer (the reporter of an internal case), so no evidence is needed.
    AS_CUSTOMER = "reader:as_customer"
    AS_REPORTER = "reader:as_reporter"
    #: The reader drafted the sheet and is the center's only person.
    ALONE = "reader:alone"


def always(_answers: Answers) -> bool:
    """Return True, whatever was answered."""
    return True


def never(_answers: Answers) -> bool:
    """Return False, whatever was answered."""
    return False


def when(name: str, *values: str) -> Condition:
    """Return a condition that holds while the answer (or fact) `name` is one of `values`."""
    return lambda answers: answers.get(name) in values


def unless(name: str, *values: str) -> Condition:
    """Return a condition that holds while the answer (or fact) `name` is none of `values`."""
    return lambda answers: answers.get(name) not in values


def unless_given(name: str) -> Condition:
    """Return a condition that holds while `name` is not answered."""
    return lambda answers: not answers.get(name)


def both(first: Condition, second: Condition) -> Condition:
    """Return a condition that holds while both conditions hold."""
    return lambda answers: first(answers) and second(answers)
