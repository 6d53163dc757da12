"""THE TABLE OF READING LEVELS: who may read what of a case (process.md §6 R8 and R9).

Every person has one level for each case, the highest that applies. Everything that is shown of a case has a
visibility, and a level reads it or not. Cards, lists, notices, documents, exports and `/fault verify` are derived from
these two.
"""

from enum import StrEnum

from storage.vocabulary import Step


class Level(StrEnum):
    """How much of a case a person may read, from the least to the most."""

    #: Not even that the number exists.
    NONE = "none"
    #: The reporter or customer of a duplicate: what concerns them is shown under their own number.
    FOLLOWER = "follower"
    #: An administrator without another role: number, state and what is missing.
    ADMIN = "admin"
    #: The customer's people.
    CUSTOMER = "customer"
    REPORTER = "reporter"
    #: Whoever has or had a place, or is named on the case.
    ASSIGNED = "assigned"
    #: Center managers, service managers, technicians, testers and viewers.
    CENTER = "center"

    def may_read(self, visibility: "Visibility") -> bool:
        """Return whether this level reads what has this visibility."""
        return self in READERS[visibility]


class Visibility(StrEnum):
    """What is shown of a case, grouped by who may read it."""

    #: Number and state.
    STATUS = "status"
    #: What the case lacks so that nobody can act on it.
    MISSING = "missing"
    PROMISED_TIME = "promised_time"
    #: The fields of the report.
    REPORT = "report"
    #: What was written for the customer, and what the customer said to it.
    REPLY = "reply"
    #: The modified part of the user manual (T07).
    MANUAL = "manual"
    #: The person's own comments and files.
    OWN_WORDS = "own_words"
    SERVICE_MANAGER = "service_manager"
    #: Whether the records are intact, without details.
    VERIFIED = "verified"
    #: History, reasons, evidence, effort, analysis, tests, decisions, minutes, reminders, people, others' comments.
    INTERNAL = "internal"
    #: Names of other customers, and duplicates that others reported.
    OTHER_CUSTOMERS = "other_customers"
    #: Statistics, the record table, packs, lists of names, and stored fields that no form knows.
    CENTER = "center"


_CENTER = frozenset({Level.CENTER})
_WORKING = _CENTER | {Level.ASSIGNED}
_INVOLVED = _WORKING | {Level.REPORTER, Level.CUSTOMER}

READERS: dict[Visibility, frozenset[Level]] = {
    Visibility.STATUS: _INVOLVED | {Level.ADMIN},
    Visibility.MISSING: _CENTER | {Level.ADMIN},
    **dict.fromkeys(
        (
            Visibility.PROMISED_TIME,
            Visibility.REPORT,
            Visibility.REPLY,
            Visibility.MANUAL,
            Visibility.OWN_WORDS,
            Visibility.SERVICE_MANAGER,
            Visibility.VERIFIED,
        ),
        _INVOLVED,
    ),
    Visibility.INTERNAL: _WORKING,
    Visibility.OTHER_CUSTOMERS: _CENTER,
    Visibility.CENTER: _CENTER,
}


def doer_visibility(step: Step) -> Visibility:
    """Return who may know who took a step, besides the case's own people.

    A merge is undone by whoever withdraws the master, which may be its reporter, of another customer (rule 2.3).
    """
    return Visibility.OTHER_CUSTOMERS if step is Step.UNDO_MERGE else Visibility.INTERNAL


def may_see(level: Level) -> bool:
    """Return whether the person may know that this number exists."""
    return level.may_read(Visibility.STATUS)
