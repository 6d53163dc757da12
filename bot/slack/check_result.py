"""What `faultdesk doctor` and `/fault admin doctor` find, in the words of their reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a check found, the worst first."""

    #: Something that is needed is missing.
    FAILED = "failed"
    #: Everything works, but less well than it could.
    WARNING = "warning"
    #: It could not be checked.
    UNKNOWN = "unknown"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was found. `said` says what it is, `remedy` what to do where it is not right."""

    outcome: Outcome
    said: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """What was found of one part of the installation. `code` names the part for programs, `title` for people."""

    code: str
    title: str
    results: tuple[CheckResult, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst that was found."""
        found = {result.outcome for result in self.results}
        return next((outcome for outcome in Outcome if outcome in found), Outcome.OK)


def counted(parts: Sequence[CheckedPart]) -> dict[Outcome, int]:
    """Return how many things were found of each outcome."""
    found = [result.outcome for part in parts for result in part.results]
    return {outcome: found.count(outcome) for outcome in Outcome}


def ok(said: str) -> CheckResult:
    """Return that something is right."""
    return CheckResult(Outcome.OK, said)


def warning(said: str, remedy: str) -> CheckResult:
    """Return that something could be better."""
    return CheckResult(Outcome.WARNING, said, remedy)


def failed(said: str, remedy: str) -> CheckResult:
    """Return that something that is needed is missing."""
    return CheckResult(Outcome.FAILED, said, remedy)


def unknown(said: str, remedy: str = "") -> CheckResult:
    """Return that something could not be checked."""
    return CheckResult(Outcome.UNKNOWN, said, remedy)
